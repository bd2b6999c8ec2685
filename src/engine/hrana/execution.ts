/**
 * Running one statement: queries by a cursor, everything else in a batch that also tells the state behind it.
 * It must not know transports, nor what the DB-API means. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { Detailed, OperationalError, ProgrammingError } from "../../errors/tree.ts";
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
  readonly #readers: Readers;
  readonly #most: number;
  /** Bytes of the latest result, of every text that the server's parser is known to take. */
  readonly #sizes = new TextCache<number>(512);

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
    const size = this.#sizes.get(text.sql);
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
    return this.#byCursor(text, request, need, call);
  }

  /** A query all at once; null when a cursor may tell more of it, and nothing is lost by asking again. */
  async #tryWhole(
    text: StatementText,
    request: ExecuteRequest,
    need: Need,
    call: Call,
  ): Promise<ExecuteReply | null> {
    const { inTransaction } = this.#link;
    try {
      const reply = await this.#whole(text, request, need, call);
      this.#sizes.set(text.sql, this.#link.answered);
      return reply;
    } catch (error) {
      if (inTransaction !== this.#link.inTransaction || !isOfRows(error)) throw error;
      this.#sizes.set(text.sql, Number.POSITIVE_INFINITY);
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
      ...this.counted(text, result, rows.length),
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
    const wishes = { isParsed: this.#sizes.get(text.sql) !== undefined, isWhole: request.rows === "all" };
    const entries = new Entries(
      await this.#cursor(text, link.cursor(batch, effect, call, wishes), call),
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
    this.#sizes.set(text.sql, reader.isOver ? entries.received : Number.POSITIVE_INFINITY);
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
      columns: reader.columns,
      ...this.counted(text, reader.counts, rows.length),
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

  /** What a statement has changed, by what the server says of it, and how many rows it gave. */
  counted(
    text: StatementText,
    counts: Pick<StatementResult, "changes" | "lastrowid"> | null,
    rows: number,
  ): Pick<ExecuteReply, "changes" | "lastrowid"> {
    if (!text.isDml || counts === null) return { changes: -1, lastrowid: null };
    // quicSQL counts nothing of a statement that gives rows: each is a change, and which rowid the last one has is not known.
    const changes = text.hasReturning ? Math.max(counts.changes, rows) : counts.changes;
    this.#counters.add({ ...counts, changes }, text.isInsert);
    const isUnknown = text.isInsert && changes > 0 && counts.lastrowid === null;
    return { changes, lastrowid: isUnknown ? null : this.#counters.lastrowid };
  }
}

/** Whether a query failed by what it met on its way, so that there are rows before that; or by the size of its result. */
function isOfRows(error: unknown): boolean {
  if (!(error instanceof Detailed) || error instanceof ProgrammingError || error.retryable) return false;
  return error.code === "RESPONSE_TOO_LARGE" || error.sqliteErrorcode !== undefined;
}
