/**
 * Running one statement: queries by a cursor, everything else in a batch that also tells the state behind it.
 * It must not know transports, nor what the DB-API means. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { Detailed, OperationalError } from "../../errors/tree.ts";
import { TextCache } from "../../sql/cache.ts";
import type { StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import type { Counters } from "../http/counters.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import { cutOff } from "../http/sqlite-error.ts";
import type { ExecuteReply, ExecuteRequest } from "../port.ts";
import { boundStatement } from "./batch.ts";
import { effectOf, lostNow, type Need, needOf, prelude, withdraw } from "./demand.ts";
import { Entries } from "./entries.ts";
import type { Failures } from "./failures.ts";
import type { Link } from "./link.ts";
import { Reader } from "./reader.ts";
import type { Readers } from "./readers.ts";
import { decodeRows, type StatementResult } from "./wire.ts";

/** Rows of a first page. */
const FIRST_PAGE = 256;

export class Execution {
  readonly #link: Link;
  readonly #failures: Failures;
  readonly #counters: Counters;
  readonly #readers: Readers;
  readonly #most: number;
  /** Texts that the server's parser is known to take. */
  readonly #parsed = new TextCache<true>(512);

  /** @param most bytes of a result that may be held at once */
  constructor(link: Link, failures: Failures, counters: Counters, readers: Readers, most: number) {
    this.#link = link;
    this.#failures = failures;
    this.#counters = counters;
    this.#readers = readers;
    this.#most = most;
  }

  async run(text: StatementText, request: ExecuteRequest, call: Call): Promise<ExecuteReply> {
    const need = needOf(request, this.#link);
    try {
      const reply = await this.#run(text, request, need, call);
      this.#parsed.set(text.sql, true);
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
    // A cursor that the server's parser refuses ends the stream, and an open transaction with it. So the first time a
    // text is met inside one, it goes another way.
    if (this.#link.inTransaction && this.#parsed.get(text.sql) === undefined) {
      if (!isQuery) {
        const error = await this.#failures.compile(text.sql, call);
        if (error !== null) throw error;
      } else {
        const reply = await this.#tryWhole(text, request, need, call);
        if (reply !== null) return reply;
      }
    }
    return this.#byCursor(text, request, need, call);
  }

  /** All at once; null when the answer is too large for that and nothing is lost by asking again. */
  async #tryWhole(
    text: StatementText,
    request: ExecuteRequest,
    need: Need,
    call: Call,
  ): Promise<ExecuteReply | null> {
    try {
      return await this.#whole(text, request, need, call);
    } catch (error) {
      if (error instanceof Detailed && error.code === "RESPONSE_TOO_LARGE" && this.#link.inTransaction)
        return null;
      throw error;
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
      ...this.#reply(text, result, result.columns, rows.length),
    };
  }

  async #byCursor(
    text: StatementText,
    request: ExecuteRequest,
    need: Need,
    call: Call,
  ): Promise<ExecuteReply> {
    const link = this.#link;
    const batch = link.newBatch();
    const { begun, condition } = prelude(batch, need);
    const step = batch.add(boundStatement(text, request.values), condition);
    const effect = effectOf(text.kind, need);
    const entries = new Entries(
      await this.#cursor(text, link.cursor(batch, effect, call, this.#parsed.get(text.sql) === true), call),
      step,
      request.reading,
      effect !== "read",
    );
    const reader = new Reader(text.sql, effect, link, entries, this.#failures, this.#most);
    link.hold(reader);
    entries.onDone = (done) => {
      if (done === begun && need.begin !== null) link.inTransaction = true;
    };
    if (!(await reader.open(call))) {
      if (condition === null) throw link.failed(broken("a statement was not answered"), effect, call);
      link.lose();
      throw lostNow();
    }
    const isWhole = text.hasReturning || request.rows === "all";
    const { rows, error } = isWhole ? await reader.rest(call) : await reader.page(FIRST_PAGE, call);
    // Rows of a statement that writes are worth nothing when it fails behind them: SQLite has undone it.
    if (error !== null && (rows.length === 0 || (text.hasReturning && reader.hasFailed))) throw error;
    // What is wrong with the rows behind the first is nobody's concern; a failure of the link is.
    const isFirst = request.rows === "first" && rows.length > 0 && !reader.isBroken;
    if (isFirst) reader.close();
    const id = isFirst || reader.isOver ? 0 : this.#readers.add(reader);
    return {
      rows: isFirst ? rows.slice(0, 1) : rows,
      reader: id,
      error: isFirst ? null : error,
      ...this.#reply(text, reader.counts, reader.columns, rows.length),
    };
  }

  /** A server refuses a cursor whose statement its parser does not take; nothing is lost with it in autocommit. */
  async #cursor<T>(text: StatementText, cursor: Promise<T>, call: Call): Promise<T> {
    try {
      return await cursor;
    } catch (error) {
      if (!(error instanceof OperationalError) || this.#link.isLost) throw error;
      throw await this.#failures.ofRefusal(error, text.sql, call);
    }
  }

  #reply(
    text: StatementText,
    counts: Pick<StatementResult, "changes" | "lastrowid"> | null,
    columns: ExecuteReply["columns"],
    rows: number,
  ) {
    if (!text.isDml || counts === null) return { columns, changes: -1, lastrowid: null };
    // quicSQL counts nothing of a statement that gives rows: each is a change, and which rowid the last one has is not known.
    const changes = text.hasReturning ? Math.max(counts.changes, rows) : counts.changes;
    this.#counters.add({ ...counts, changes }, text.isInsert);
    const isUnknown = text.isInsert && changes > 0 && counts.lastrowid === null;
    return { columns, changes, lastrowid: isUnknown ? null : this.#counters.lastrowid };
  }
}
