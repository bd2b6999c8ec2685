/**
 * A script: its statements in batches, each step on the success of the one before. Queries, whose rows nobody wants, go
 * alone, by the one request that does not send them.
 * It must not know how a script is split. Tests: test/unit/engine/hrana/script.test.ts.
 */
import { NotSupportedError, ProgrammingError } from "../../errors/tree.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import type { Counters } from "../http/counters.ts";
import { expand } from "../http/trace.ts";
import type { ScriptReply, ScriptRequest, TransactionDemand } from "../port.ts";
import { and, boundStatement, NEVER, ok, statementOf } from "./batch.ts";
import { lostNow, type Need, needOf, withdraw } from "./demand.ts";
import type { Failures } from "./failures.ts";
import type { Link } from "./link.ts";
import type { StepResult, StreamRequest, WireError } from "./wire.ts";

/** Statements, and JSON in UTF-16 units, in a batch. */
const MOST_STATEMENTS = 128;
const MOST_SIZE = 1 << 20;

const NONE: ScriptReply = { error: null, index: -1 };

export class Script {
  readonly #link: Link;
  readonly #failures: Failures;
  readonly #counters: Counters;

  constructor(link: Link, failures: Failures, counters: Counters) {
    this.#link = link;
    this.#failures = failures;
    this.#counters = counters;
  }

  /** @param show is told every statement that has run */
  async run(request: ScriptRequest, call: Call, show: (sql: string) => void): Promise<ScriptReply> {
    const texts = request.parts.map(({ sql }) => describeStatement(sql));
    let index = 0;
    for (const part of inBatches(texts)) {
      const need = needOf(request, this.#link);
      const isQuery = part.length === 1 && isQueryText(part[0] as StatementText);
      const reply = isQuery
        ? await this.#query(part[0] as StatementText, need, call)
        : await this.#batch(part, request, need, call);
      for (const { sql } of part.slice(0, ranOf(reply, part.length))) show(sql);
      if (reply.error !== null) {
        if (index + reply.index === 0) await withdraw(reply.error, need, this.#link, call);
        return { error: reply.error, index: index + reply.index };
      }
      index += part.length;
    }
    return NONE;
  }

  async #batch(
    texts: readonly StatementText[],
    demand: TransactionDemand,
    need: Need,
    call: Call,
  ): Promise<ScriptReply> {
    const { begin, guard } = demand;
    const link = this.#link;
    const batch = link.newBatch();
    const numbers: number[] = [];
    for (const [i, text] of texts.entries()) {
      const before = i === 0 ? null : ok(numbers[i - 1] ?? 0);
      // A statement of the script may end a transaction, and then the next begins one again where one is wanted.
      if (begin !== null && (i > 0 || need.begin !== null)) {
        batch.add(statementOf(begin), and(before, batch.inAutocommit()));
      }
      const isBound = begin !== null || guard || (need.mustBeInside && i === 0);
      const state = isBound ? batch.inTransaction() : null;
      const values = new Array<null>(text.parameters.count).fill(null);
      numbers.push(batch.add(boundStatement(text, values), and(before, state)));
    }
    const { steps, error } = await link.batch(batch, need.begin === null ? "commit" : "begin", call);
    if (error !== null) return this.#refused(texts, demand, need, error, call);
    return this.#outcome(texts, numbers, steps, need, call);
  }

  async #outcome(
    texts: readonly StatementText[],
    numbers: readonly number[],
    steps: readonly StepResult[],
    need: Need,
    call: Call,
  ): Promise<ScriptReply> {
    for (const [index, text] of texts.entries()) {
      const number = numbers[index] ?? 0;
      const step = steps[number];
      if (step?.error) return { error: await this.#failures.of(step.error, text.sql, call), index };
      if (!step) {
        // What it waited for did not come: a BEGIN that failed, or a transaction that was there before.
        const failed = steps[number - 1]?.error ?? null;
        if (failed !== null) return { error: await this.#failures.of(failed, text.sql, call), index };
        if (need.mustBeInside) this.#link.lose();
        return { error: lostNow(), index };
      }
      if (text.isDml) this.#counters.add(step.result, text.isInsert);
      if (text.kind === "pragma") this.#link.note(text);
    }
    return NONE;
  }

  /** The server's parser refused the batch as a whole, before anything ran: what stands before the culprit still has to. */
  async #refused(
    texts: readonly StatementText[],
    demand: TransactionDemand,
    need: Need,
    error: WireError,
    call: Call,
  ): Promise<ScriptReply> {
    const checks = texts.map((text): StreamRequest => {
      const batch = this.#link.newBatch();
      batch.add(boundStatement(text, []), NEVER);
      return { type: "batch", members: `"batch":{"steps":${batch}}` };
    });
    const results = await this.#link.requests(checks, "read", call);
    const index = results.findIndex((result) => result.error !== null);
    const culprit = texts[index];
    if (culprit === undefined) {
      return {
        error: await this.#failures.of(error, texts[0]?.sql ?? "", call),
        index: texts.length === 1 ? 0 : -1,
      };
    }
    if (index > 0) {
      const reply = await this.#batch(texts.slice(0, index), demand, need, call);
      if (reply.error !== null) return reply;
    }
    return { error: await this.#failures.of(results[index]?.error ?? error, culprit.sql, call), index };
  }

  /** A query for what it may do, an error for one. In a transaction that is gone it does no harm. */
  async #query({ sql }: StatementText, need: Need, call: Call): Promise<ScriptReply> {
    // This request takes no values: what would be bound as NULL is written so.
    const members = `"sql":${JSON.stringify(expand(sql, []))}`;
    const requests: StreamRequest[] = [{ type: "sequence", members }];
    if (need.begin !== null) {
      const batch = this.#link.newBatch();
      batch.add(statementOf(need.begin), null);
      requests.unshift({ type: "batch", members: `"batch":{"steps":${batch}}` });
    }
    const results = await this.#link.requests(requests, "read", call);
    const error = results.at(-1)?.error ?? null;
    if (error !== null) return { error: await this.#failures.of(error, sql, call), index: 0 };
    if (!need.mustBeInside || this.#link.inTransaction) return NONE;
    this.#link.lose();
    return { error: lostNow(), index: 0 };
  }
}

/** How many of a part's statements have run: all, or those up to the one that failed, unless the server did not even begin that. */
function ranOf({ error, index }: ScriptReply, count: number): number {
  if (error === null) return count;
  return error instanceof ProgrammingError || error instanceof NotSupportedError ? index : index + 1;
}

function isQueryText({ kind }: StatementText): boolean {
  return kind === "select" || kind === "values";
}

/** Statements that can share a round trip. */
function* inBatches(texts: readonly StatementText[]): Generator<readonly StatementText[], void, undefined> {
  let batch: StatementText[] = [];
  let size = 0;
  for (const text of texts) {
    const isAlone = isQueryText(text);
    if (
      batch.length > 0 &&
      (isAlone || batch.length === MOST_STATEMENTS || size + text.sql.length > MOST_SIZE)
    ) {
      yield batch;
      batch = [];
      size = 0;
    }
    if (isAlone) yield [text];
    else {
      batch.push(text);
      size += text.sql.length;
    }
  }
  if (batch.length > 0) yield batch;
}
