/**
 * Many parameter sets for one statement, in bounded batches of one round trip each: plain INSERTs share statements of many
 * rows, everything else has a step for each set, which runs if the one before it did.
 * A shared statement that fails is undone by SQLite, and its sets go again one by one, so that state and error are those
 * of the slow way. Tests: test/unit/engine/hrana/bulk.test.ts.
 */
import { ProgrammingError } from "../../errors/tree.ts";
import { TextCache } from "../../sql/cache.ts";
import { multiRow, type PlainInsert } from "../../sql/insert.ts";
import { MAX_PARAMETER } from "../../sql/parameters.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import type { Counters } from "../http/counters.ts";
import type { ManyReply, ManyRequest } from "../port.ts";
import { type Batch, boundStatement, type Condition, ok, statementOf } from "./batch.ts";
import { type BulkPlan, candidate, findPlan, sameSchema } from "./bulk-plan.ts";
import { effectOf, lostNow, type Need, needOf, prelude, withdraw } from "./demand.ts";
import { describe, type Failures } from "./failures.ts";
import { rowsAsJson } from "./json-rows.ts";
import type { BatchReply, Link } from "./link.ts";
import { readBatch, type StreamRequest, type StreamResult } from "./wire.ts";

/** Rows in a shared statement. Measured on sqld: 32 to 256 cost the same. */
const SHARED_ROWS = 128;
/** The same where they go as JSON, which costs the server a third of that. */
const JSON_ROWS = 512;
/** Steps, and JSON in UTF-16 units, in a batch. */
const MOST_STEPS = 1000;
const MOST_SIZE = 2 << 20;
/** Sets from which asking whether they can share pays. */
const BULK_FROM = 8;

/** The sets that a step applies: from, and how many. */
interface Piece {
  readonly step: number;
  readonly from: number;
  readonly count: number;
}

/** A batch that is being filled. */
interface Load {
  readonly batch: Batch;
  readonly pieces: Piece[];
  /** The step that checks the schema, or -1. */
  check: number;
  /** The step of the BEGIN, or -1. */
  readonly begun: number;
  /** The COMMIT of a transaction that holds nothing but these sets, or -1. */
  commit: number;
}

export class Bulk {
  readonly #link: Link;
  readonly #failures: Failures;
  readonly #counters: Counters;
  /** By statement; null where sets cannot share, undefined where that is to be asked again. */
  readonly #plans = new TextCache<{ readonly plan: BulkPlan | null | undefined }>(32);

  constructor(link: Link, failures: Failures, counters: Counters) {
    this.#link = link;
    this.#failures = failures;
    this.#counters = counters;
  }

  async run(request: ManyRequest, call: Call): Promise<ManyReply> {
    const text = describeStatement(request.sql);
    const need = needOf(request, this.#link);
    if (request.count === 0) {
      await this.#prepare(text, need, call);
      return { changes: 0, error: null, index: -1 };
    }
    let changes = 0;
    /** Sets below this number go one by one, because a statement that they shared has failed. */
    let alone = 0;
    for (let done = 0; done < request.count; ) {
      const plan = request.count - done >= BULK_FROM ? await this.#plan(text, call) : null;
      // The first batch may have begun what the others have to find.
      const load = this.#load(
        text,
        request,
        done,
        alone,
        plan,
        done === 0 ? need : needOf(request, this.#link),
      );
      const reply = await this.#link.batch(load.batch, effectOf(text.kind, need), call);
      const came = await this.#came(load, reply, text, need, call);
      changes += came.changes;
      done += came.sets;
      if (came.error !== null) {
        if (done === 0 && came.index === 0) await withdraw(came.error, need, this.#link, call);
        return { changes, error: came.error, index: came.index };
      }
      if (came.again > 0) alone = done + came.again;
    }
    return { changes, error: null, index: -1 };
  }

  /** Compiles the statement, begins, and asks what will be needed. @throws {ProgrammingError} when it does not compile */
  async #prepare(text: StatementText, need: Need, call: Call): Promise<void> {
    const link = this.#link;
    const requests: StreamRequest[] = [describe(text.sql)];
    if (need.begin !== null) {
      const begin = link.newBatch();
      begin.add(statementOf(need.begin), null);
      requests.push({ type: "batch", members: `"batch":{"steps":${begin}}` });
    }
    // Side by side: the plan is asked for on a stream of its own.
    const plan = this.#plan(text, call);
    plan.catch(() => {});
    const results = await link.requests(requests, need.begin === null ? "read" : "begin", call);
    const compiled = results[0]?.error;
    if (compiled) {
      const error = await this.#failures.of(compiled, text.sql, call);
      const failure =
        error instanceof ProgrammingError ? error : await this.#failures.compile(text.sql, call);
      await withdraw(failure ?? error, need, link, call);
      throw failure ?? error;
    }
    if (need.mustBeInside && !link.inTransaction) throw await this.#notInside(need, results[1], call);
    await plan;
  }

  /** Why no transaction is open where one should be: its BEGIN failed, or it was lost. */
  async #notInside(need: Need, begin: StreamResult | undefined, call: Call): Promise<Error> {
    const wire = begin?.response ? readBatch(begin.response, 1)[0]?.error : begin?.error;
    if (wire && need.begin !== null) return this.#failures.of(wire, need.begin, call);
    this.#link.lose();
    return lostNow();
  }

  /** The plan for the statement, asked for once. */
  async #plan(text: StatementText, call: Call): Promise<BulkPlan | null> {
    const known = this.#plans.get(text.sql)?.plan;
    if (known !== undefined) return known;
    const insert = candidate(text);
    if (insert === null) return null;
    const plan = await this.#link.beside(call, (ask) => findPlan(text, insert, ask));
    this.#plans.set(text.sql, { plan });
    return plan;
  }

  /** Fills a batch, from set `done` on. */
  #load(
    text: StatementText,
    { width, count, values }: ManyRequest,
    done: number,
    alone: number,
    plan: BulkPlan | null,
    need: Need,
  ): Load {
    const batch = this.#link.newBatch();
    // Sets that share in autocommit share a transaction too: one disk write for all, and the same rows in the end.
    const isOwn = plan !== null && !need.mustBeInside && done >= alone;
    const { begun, condition } = prelude(batch, isOwn ? { begin: "BEGIN", mustBeInside: true } : need);
    const pieces: Piece[] = [];
    const load: Load = { batch, pieces, check: -1, begun, commit: -1 };
    let before: Condition | null = condition;
    const add = (from: number, rows: number, statement: string) => {
      const step = batch.add(statement, before);
      pieces.push({ step, from, count: rows });
      before = ok(step);
    };
    const single = (set: number) => add(set, 1, boundStatement(text, values, set * width));
    let next = done;
    const isFull = () => next >= count || batch.count >= MOST_STEPS || batch.size >= MOST_SIZE;
    // The first goes alone: it takes the lock, so that nobody else changes the schema behind the check. So does the
    // last, so that SQL's changes() says 1.
    const most = plan === null || next < alone ? 0 : Math.min(SHARED_ROWS, Math.floor(MAX_PARAMETER / width));
    single(next++);
    if (plan !== null && most > 1 && count - next > 2) {
      load.check = batch.add(statementOf(sameSchema(plan)), before);
      before = ok(load.check);
      while (!isFull() && count - next > 1) {
        const rows = Math.min(JSON_ROWS, count - 1 - next);
        const json = plan.fromJson && rowsAsJson(values, width, next * width, rows);
        const shared = json === null ? Math.min(most, rows) : rows;
        const statement =
          plan.fromJson !== null && json !== null
            ? boundStatement(plan.fromJson, [json])
            : sharedStatement(plan.insert, shared, values, next * width);
        add(next, shared, statement);
        next += shared;
      }
    }
    const until = next <= alone ? Math.min(alone, count) : count;
    while (!isFull() && next < until) single(next++);
    if (isOwn) load.commit = batch.add(statementOf("COMMIT"), batch.inTransaction());
    return load;
  }

  /** How far a batch came: sets applied, and either an error with its set, or how many sets have to go again one by one. */
  async #came(
    { pieces, check, begun, commit }: Load,
    { steps, error }: BatchReply,
    text: StatementText,
    need: Need,
    call: Call,
  ): Promise<{ changes: number; sets: number; error: Error | null; index: number; again: number }> {
    const link = this.#link;
    let changes = 0;
    let sets = 0;
    const failed = async (wire: Parameters<Failures["of"]>[0], sql: string, index: number) => {
      const failure = await this.#failures.of(wire, sql, call);
      return { changes, sets, error: failure, index: link.isLost ? -1 : index, again: 0 };
    };
    const first = pieces[0]?.from ?? 0;
    if (error !== null) return failed(error, text.sql, first);
    const beginning = steps[begun]?.error;
    if (beginning) return failed(beginning, String(need.begin ?? "BEGIN"), -1);
    const ending = steps[commit]?.error;
    if (ending) {
      await this.#rollBack(call);
      return failed(ending, "COMMIT", -1);
    }
    for (const { step, from, count } of pieces) {
      const came = steps[step];
      if (came?.result) {
        this.#counters.add(came.result, text.isInsert);
        changes += came.result.changes;
        sets += count;
        continue;
      }
      if (came?.error && (count === 1 || isBusy(came.error.code))) return failed(came.error, text.sql, from);
      // Nothing is left to go again on where the failure has ended the transaction.
      if (came?.error && need.mustBeInside && !link.inTransaction) return failed(came.error, text.sql, -1);
      if (came?.error) return { changes, sets, error: null, index: -1, again: count };
      if (steps[check]?.error) {
        // Somebody has changed the schema: what was learned of it is of no use any more.
        this.#plans.set(text.sql, { plan: undefined });
        return { changes, sets, error: null, index: -1, again: Number.MAX_SAFE_INTEGER };
      }
      link.lose();
      throw lostNow();
    }
    return { changes, sets, error: null, index: -1, again: 0 };
  }

  /** Ends the transaction of our own that could not be committed. */
  async #rollBack(call: Call): Promise<void> {
    const batch = this.#link.newBatch();
    batch.add(statementOf("ROLLBACK"), batch.inTransaction());
    await this.#link.batch(batch, "write", call);
  }
}

function isBusy(code: string | null): boolean {
  return code !== null && (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"));
}

function sharedStatement(
  insert: PlainInsert,
  rows: number,
  values: ManyRequest["values"],
  start: number,
): string {
  const sql = multiRow(insert, rows);
  const text = describeShared(sql, insert.width * rows);
  return boundStatement(text, values, start);
}

function describeShared(sql: string, count: number): StatementText {
  return {
    sql,
    kind: "insert",
    isDml: true,
    isInsert: true,
    isQuery: false,
    count: "one",
    parameters: { count, style: "positional", names: [] },
    hasReturning: false,
  };
}
