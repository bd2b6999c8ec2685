/**
 * Statements in as few round trips as their size allows, mostly one; with a BEGIN and a COMMIT unless a transaction is open. A
 * server that refuses them as a whole, or answers too much, is asked for one after the other.
 * It must not know transports. Tests: test/conformance/batch.test.ts.
 */
import { Detailed, OperationalError } from "../../errors/tree.ts";
import type { StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import type { Counters } from "../http/counters.ts";
import { LinkFailure } from "../http/link-failure.ts";
import type { Effect } from "../http/outcome.ts";
import { cutOff } from "../http/sqlite-error.ts";
import { expand } from "../http/trace.ts";
import type { BatchedReply, BatchReply, BatchRequest } from "../port.ts";
import { and, boundStatement, type Condition, not, ok, statementOf } from "./batch.ts";
import { lostNow, refuseWhenLost } from "./demand.ts";
import type { Execution } from "./execution.ts";
import type { Failures } from "./failures.ts";
import type { BatchReply as Answered, Link } from "./link.ts";
import { decodeRows, type StepResult } from "./wire.ts";

/** Statements, and JSON in UTF-16 units, in a round trip. */
const MOST_STATEMENTS = 4096;
const MOST_SIZE = 1 << 22;

/** What is to be done, and how. */
interface Plan extends BatchRequest {
  readonly texts: readonly StatementText[];
  readonly effect: Effect;
}

/** A failure, and the statement that it is of. */
class Failed {
  readonly error: Error;
  readonly index: number;

  constructor(error: Error, index: number) {
    this.error = error;
    this.index = index;
  }
}

export class WholeTransaction {
  readonly #link: Link;
  readonly #failures: Failures;
  readonly #counters: Counters;
  readonly #execution: Execution;

  constructor(link: Link, failures: Failures, counters: Counters, execution: Execution) {
    this.#link = link;
    this.#failures = failures;
    this.#counters = counters;
    this.#execution = execution;
  }

  /**
   * @param texts what is known of the statements
   * @param show is told every statement that is sent
   */
  async run(
    request: BatchRequest,
    texts: readonly StatementText[],
    call: Call,
    show: ((sql: string) => void) | null,
  ): Promise<BatchReply> {
    refuseWhenLost(this.#link);
    const { begin, statements } = request;
    if (begin === null && !this.#link.inTransaction) throw lostNow();
    const commits = request.commits && begin !== null;
    const last = begin === null ? "write" : commits ? "commit" : "begin";
    const effect = commits && statements.every(({ reads }) => reads) ? "read" : last;
    if (show !== null) {
      if (begin !== null) show(begin);
      for (const { sql, values } of statements) show(expand(sql, values));
      if (commits) show("COMMIT");
    }
    try {
      const replies = await this.#run({ ...request, commits, texts, effect }, call);
      return { replies, error: null, index: -1 };
    } catch (failed) {
      if (!(failed instanceof Failed)) throw failed;
      return { replies: [], error: failed.error, index: failed.index };
    } finally {
      // Whatever became of its own transaction: it is over, and who made the call is told.
      if (begin !== null) this.#link.isLost = false;
    }
  }

  async #run(plan: Plan, call: Call): Promise<BatchedReply[]> {
    const replies: BatchedReply[] = [];
    const count = plan.texts.length;
    for (let from = 0; from === 0 || from < count; ) {
      const { to, answered, numbers } = await this.#send(plan, from, call);
      if (answered.error !== null) {
        if (from > 0) throw new Failed(await this.#failures.of(answered.error, "", call), -1);
        return await this.#oneByOne(plan, answered, call);
      }
      await this.#check(plan, from, to, answered.steps, numbers, call);
      for (let i = from; i < to; i++) {
        replies.push(this.#reply(plan, i, answered.steps[numbers[i - from] as number] as StepResult, call));
      }
      if (to === count) return replies;
      from = to;
    }
    return replies;
  }

  /** Sends as many of the statements from `from` on as go into a round trip, with the BEGIN before the first, and the end behind the last. */
  async #send(plan: Plan, from: number, call: Call) {
    const batch = this.#link.newBatch();
    const { texts, statements } = plan;
    let before: Condition | null = null;
    if (from === 0 && plan.begin !== null) before = ok(batch.add(statementOf(plan.begin), null));
    const numbers: number[] = [];
    // The server looks the state up for each step that asks for it.
    let isSure = from === 0 && plan.begin !== null;
    let to = from;
    for (; to < texts.length; to++) {
      if (numbers.length === MOST_STATEMENTS || batch.size > MOST_SIZE) break;
      const text = texts[to] as StatementText;
      const bound = boundStatement(text, statements[to]?.values ?? []);
      const number = batch.add(bound, and(before, isSure ? null : batch.inTransaction()));
      numbers.push(number);
      before = ok(number);
      isSure = keepsTransaction(text);
    }
    const effect = to === texts.length ? plan.effect : "begin";
    if (plan.begin === null) return { to, numbers, answered: await this.#link.batch(batch, effect, call) };
    if (to === texts.length && plan.commits) {
      const committed = ok(batch.add(statementOf("COMMIT"), and(before, batch.inTransaction())));
      batch.add(statementOf("ROLLBACK"), and(not(committed), batch.inTransaction()));
    } else if (before !== null) {
      batch.add(statementOf("ROLLBACK"), and(not(before), batch.inTransaction()));
    }
    return { to, numbers, answered: await this.#link.batch(batch, effect, call) };
  }

  /** @throws {Failed} unless every step of a round trip has run */
  async #check(
    { begin, commits, texts }: Plan,
    from: number,
    to: number,
    steps: readonly StepResult[],
    numbers: readonly number[],
    call: Call,
  ): Promise<void> {
    const fail = async (step: StepResult | undefined, sql: string, index: number) => {
      if (step?.error) throw new Failed(await this.#failures.of(step.error, sql, call), index);
    };
    if (from === 0 && begin !== null) await fail(steps[0], begin, -1);
    for (let i = from; i < to; i++) {
      const step = steps[numbers[i - from] as number];
      await fail(step, texts[i]?.sql ?? "", i);
      if (!step) throw new Failed(this.#ended(begin), i);
    }
    if (to < texts.length) return;
    if (!commits) {
      if (!this.#link.inTransaction) throw new Failed(this.#ended(begin), to - 1);
      return;
    }
    const commit = steps.at(-2);
    await fail(commit, "COMMIT", -1);
    if (!commit) throw new Failed(this.#ended(begin), texts.length - 1);
  }

  #reply({ texts, reading, effect }: Plan, i: number, step: StepResult, call: Call): BatchedReply {
    const result = step?.result;
    if (!result) throw new Failed(this.#ended(null), i);
    const decoded = decodeRows(result.rows, result.columns.length, reading);
    const error = decoded.error ?? (result.isTruncated ? cutOff(decoded.rows.length) : null);
    if (error instanceof LinkFailure) throw this.#link.failed(error, effect, call);
    if (error !== null) throw new Failed(error as Error, i);
    const counted = this.#counters.told(texts[i] as StatementText, result, decoded.rows.length);
    return { rows: decoded.rows, columns: result.columns, ...counted };
  }

  /**
   * The server's parser has refused all of it for one of the statements, and nothing has run; or the results are too large
   * for one answer, and it is in the middle. One by one they tell which it is, or fit.
   */
  async #oneByOne(plan: Plan, { error }: Answered, call: Call): Promise<BatchedReply[]> {
    const { begin } = plan;
    const wasOpen = this.#link.inTransaction;
    if (wasOpen && begin !== null) await this.#control("ROLLBACK", call);
    const failure = await this.#failures.of(
      error as NonNullable<typeof error>,
      plan.texts[0]?.sql ?? "",
      call,
    );
    // Some of it has run and stays: to run it again would be to run it twice.
    const isDone = begin === null || !wasOpen;
    if (isDone && isTooLarge(failure) && plan.effect !== "read") throw new Failed(failure, -1);
    const replies: BatchedReply[] = [];
    let index = -1;
    try {
      if (begin !== null) await this.#control(begin, call);
      for (const [i, text] of plan.texts.entries()) {
        index = i;
        if (!this.#link.inTransaction) throw this.#ended(begin);
        const { values = [], reads = false } = plan.statements[i] ?? {};
        const request = { discard: 0, sql: text.sql, values, begin: null, guard: false, reads } as const;
        const { rows, columns, changes, lastrowid, error } = await this.#execution.run(
          text,
          { ...request, rows: "all", reading: plan.reading },
          call,
        );
        if (error !== null) throw error;
        replies.push({ rows, columns, changes, lastrowid });
      }
      if (!this.#link.inTransaction) throw this.#ended(begin);
      index = -1;
      if (plan.commits) await this.#control("COMMIT", call);
      return replies;
    } catch (error) {
      if (begin !== null && this.#link.inTransaction) await this.#control("ROLLBACK", call).catch(() => {});
      throw new Failed(error as Error, index);
    }
  }

  /** A statement of the batch has ended its transaction, or the server has. */
  #ended(begin: string | null): OperationalError {
    if (begin === null && !this.#link.inTransaction) this.#link.lose();
    return new OperationalError("the transaction of the batch has been ended by a statement in it", {
      code: "TRANSACTION_CLOSED",
    });
  }

  async #control(sql: string, call: Call): Promise<void> {
    const batch = this.#link.newBatch();
    const step = batch.add(statementOf(sql), null);
    const effect = sql === "COMMIT" ? "commit" : "begin";
    const { steps, error } = await this.#link.batch(batch, effect, call);
    const wrong = error ?? steps[step]?.error;
    if (wrong) throw await this.#failures.of(wrong, sql, call);
  }
}

/** Whether a transaction is still open behind a statement that has run without an error. */
function keepsTransaction({ isDml, kind }: StatementText): boolean {
  return isDml || kind === "select" || kind === "values";
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Detailed && error.code === "RESPONSE_TOO_LARGE";
}
