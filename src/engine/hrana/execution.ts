/**
 * Running one statement: all at once in a batch that also tells the state behind it, or by a cursor (cursors.ts).
 * It must not know transports, nor what the DB-API means. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { Detailed, ProgrammingError } from "../../errors/tree.ts";
import type { StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import type { Counters } from "../http/counters.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import { cutOff } from "../http/sqlite-error.ts";
import type { ExecuteReply, ExecuteRequest } from "../port.ts";
import { boundStatement } from "./batch.ts";
import { Cursors } from "./cursors.ts";
import { effectOf, lostNow, type Need, needOf, prelude, withdraw } from "./demand.ts";
import type { Failures } from "./failures.ts";
import type { Link } from "./link.ts";
import type { Readers } from "./readers.ts";
import { Results } from "./results.ts";
import { decodeRows } from "./wire.ts";

/**
 * Bytes of a result up to which it is asked for as a whole, by what a statement wants of it. sqld hands the rows of a cursor over
 * one by one, 10 us each, and those of a whole in 1.5 us; but a whole is parsed at one go, and never larger than 10 MB.
 */
const WHOLE: Readonly<Record<ExecuteRequest["rows"], number>> = {
  first: 1 << 16,
  page: 1 << 16,
  all: 1 << 22,
};

export class Execution {
  readonly #link: Link;
  readonly #failures: Failures;
  readonly #counters: Counters;
  readonly #cursors: Cursors;
  readonly #results = new Results();

  /** @param most bytes of a result that may be held at once */
  constructor(link: Link, failures: Failures, counters: Counters, readers: Readers, most: number) {
    this.#link = link;
    this.#failures = failures;
    this.#counters = counters;
    this.#cursors = new Cursors(link, failures, counters, readers, this.#results, most);
  }

  async run(text: StatementText, request: ExecuteRequest, call: Call): Promise<ExecuteReply> {
    const need = needOf(request, this.#link);
    try {
      const reply = await this.#run(text, request, need, call);
      if (text.kind === "pragma") this.#link.note(text);
      return reply;
    } catch (error) {
      await withdraw(error, need, this.#link, call);
      throw error;
    }
  }

  async #run(text: StatementText, request: ExecuteRequest, need: Need, call: Call): Promise<ExecuteReply> {
    const isQuery = text.kind === "select" || text.kind === "values";
    if (this.#link.version === 2 || !(isQuery || text.hasReturning))
      return this.#whole(text, request, need, call);
    const size = this.#results.bytes(text.sql);
    // A cursor that the server's parser refuses ends the stream, and an open transaction with it. So the first time a
    // text is met inside one, it goes another way.
    const isNew = this.#link.inTransaction && size === undefined;
    if (isNew && !isQuery) {
      const error = await this.#failures.compile(text.sql, call);
      if (error !== null) throw error;
    } else if (isNew || (isQuery && size !== undefined && size <= WHOLE[request.rows])) {
      const reply = await this.#tryWhole(text, request, need, call);
      if (reply !== null) return reply;
    }
    return this.#cursors.run(text, request, need, call);
  }

  /** A query all at once; null when a cursor may tell more of it, and nothing is lost by asking again. */
  async #tryWhole(
    text: StatementText,
    request: ExecuteRequest,
    need: Need,
    call: Call,
  ): Promise<ExecuteReply | null> {
    const { inTransaction } = this.#link;
    const began = performance.now();
    try {
      const reply = await this.#whole(text, request, need, call);
      const { columns, rows } = reply;
      const time = performance.now() - began;
      this.#results.note(text.sql, {
        columns,
        rows: rows.length,
        bytes: this.#link.answered,
        time,
        isAll: true,
      });
      return reply;
    } catch (error) {
      if (inTransaction !== this.#link.inTransaction || !isOfRows(error)) throw error;
      this.#results.noteLarge(text.sql);
      return null;
    }
  }

  async #whole(text: StatementText, request: ExecuteRequest, need: Need, call: Call): Promise<ExecuteReply> {
    const link = this.#link;
    const batch = link.newBatch();
    const { begun, condition } = prelude(batch, need);
    const step = batch.add(boundStatement(text, request.values), condition);
    const effect = effectOf(text.kind, need);
    const { steps, error } = await link.batch(batch, effect, call);
    if (error !== null) throw await this.#failures.of(error, text.sql, call);
    const failed = steps[begun]?.error ?? steps[step]?.error;
    if (failed)
      throw await this.#failures.of(failed, steps[begun]?.error ? String(need.begin) : text.sql, call);
    const result = steps[step]?.result;
    if (!result) {
      if (condition === null)
        throw link.failed(broken("a step without a condition was left out"), effect, call);
      link.lose();
      throw lostNow();
    }
    const decoded = decodeRows(result.rows, result.columns.length, request.reading);
    const { rows } = decoded;
    const rowError = decoded.error ?? (result.isTruncated ? cutOff(rows.length) : null);
    if (rowError instanceof LinkFailure) throw link.failed(rowError, effect, call);
    if (rowError !== null && rows.length === 0) throw rowError;
    const isFirst = request.rows === "first" && rows.length > 0;
    return {
      rows: isFirst ? rows.slice(0, 1) : rows,
      reader: 0,
      error: isFirst ? null : (rowError as Error | null),
      columns: result.columns,
      ...this.#counters.told(text, result, rows.length),
    };
  }
}

/** Whether a query failed by what it met on its way, so that there are rows before that; or by the size of its result. */
function isOfRows(error: unknown): boolean {
  if (!(error instanceof Detailed) || error instanceof ProgrammingError || error.retryable) return false;
  return error.code === "RESPONSE_TOO_LARGE" || error.sqliteErrorcode !== undefined;
}
