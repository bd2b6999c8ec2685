/**
 * Running a statement by a cursor, whose rows come as they are read; long results of short rows by the group (sql/grouped.ts), in a
 * third of the time. It must not know transports, nor what the DB-API means. Tests: test/unit/engine/hrana/{engine,grouped-choice}.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import type { Counters } from "../http/counters.ts";
import { broken } from "../http/link-failure.ts";
import type { ExecuteReply, ExecuteRequest } from "../port.ts";
import { type Batch, boundStatement, type Condition } from "./batch.ts";
import { effectOf, lostNow, type Need, needOf, prelude } from "./demand.ts";
import { Entries } from "./entries.ts";
import type { Failures } from "./failures.ts";
import { GroupedRows } from "./grouped-rows.ts";
import type { Link } from "./link.ts";
import { Reader } from "./reader.ts";
import type { Readers } from "./readers.ts";
import { type Grouping, haveSameNames, LONG_FROM, type Results } from "./results.ts";
import { Tail } from "./tail.ts";

/** Rows of a first page. */
const FIRST_PAGE = 256;
/** How long behind the first row, in milliseconds, those are waited for that tell whether a result is long. */
const SOON = 50;
/** To begin again costs as much as so many rows, or as so many for each millisecond that the first has taken. */
const [WORTH_IT, WORTH_A_WAIT] = [1024, 50];

/** A statement in a batch. */
interface Asked {
  readonly text: StatementText;
  readonly request: ExecuteRequest;
  readonly need: Need;
  readonly batch: Batch;
  /** The step of the BEGIN, or -1. */
  readonly begun: number;
  readonly step: number;
  /** What the statement depends on. */
  readonly condition: Condition | null;
}

interface Opened {
  readonly reader: Reader;
  readonly entries: Entries;
  /** When its first row was there. */
  readonly since: number;
}

export class Cursors {
  readonly #link: Link;
  readonly #failures: Failures;
  readonly #counters: Counters;
  readonly #readers: Readers;
  readonly #results: Results;
  readonly #most: number;

  /** @param most bytes of a result that may be held at once */
  constructor(
    link: Link,
    failures: Failures,
    counters: Counters,
    readers: Readers,
    results: Results,
    most: number,
  ) {
    this.#link = link;
    this.#failures = failures;
    this.#counters = counters;
    this.#readers = readers;
    this.#results = results;
    this.#most = most;
  }

  async run(text: StatementText, request: ExecuteRequest, need: Need, call: Call): Promise<ExecuteReply> {
    const mayGroup = !text.hasReturning && request.rows !== "first";
    let grouping = mayGroup ? this.#results.grouping(text.sql, this.#link.inTransaction) : null;
    if (grouping === null) {
      const began = performance.now();
      const opened = await this.#openPlainly(text, request, need, call);
      const { reader, since } = opened;
      const isLong = mayGroup && (await reader.has(LONG_FROM, since + SOON, call));
      if (isLong) this.#note(text, opened);
      // Nobody has seen a row yet, so it may begin again.
      const mayTurn = isLong && !this.#link.inTransaction;
      const enough = Math.max(WORTH_IT, WORTH_A_WAIT * (since - began));
      if (mayTurn && (await reader.has(enough, since + SOON, call)))
        grouping = this.#results.grouping(text.sql, false);
      if (grouping === null) return this.#readPlainly(text, request, opened, call);
      reader.close();
    }
    const reply = await this.#byGroups(grouping, text, request, needOf(request, this.#link), call);
    if (reply !== null) return reply;
    const opened = await this.#openPlainly(text, request, needOf(request, this.#link), call);
    const plain = await this.#readPlainly(text, request, opened, call);
    const isRefused = plain.error === null && haveSameNames(grouping.columns, plain.columns);
    if (isRefused) this.#results.refuse(text.sql);
    return plain;
  }

  async #openPlainly(text: StatementText, request: ExecuteRequest, need: Need, call: Call): Promise<Opened> {
    const asked = this.#asked(text, text, request, need);
    const { reader, entries } = await this.#open(asked, null, call);
    await reader.first(call);
    return { reader, entries, since: performance.now() };
  }

  #note({ sql }: StatementText, { reader, entries, since }: Opened): void {
    this.#results.note(sql, {
      columns: reader.columns,
      rows: entries.count,
      bytes: entries.received,
      time: performance.now() - since,
      isAll: reader.isOver,
    });
  }

  async #readPlainly(
    text: StatementText,
    request: ExecuteRequest,
    opened: Opened,
    call: Call,
  ): Promise<ExecuteReply> {
    const { reader } = opened;
    const isWhole = text.hasReturning || request.rows === "all";
    const { rows, error } = isWhole ? await reader.rest(call) : await reader.page(FIRST_PAGE, call);
    this.#note(text, opened);
    // Rows of a statement that writes are worth nothing when it fails behind them: SQLite has undone it.
    if (error !== null && (rows.length === 0 || (text.hasReturning && reader.hasFailed))) throw error;
    // What is wrong with the rows behind the first is nobody's concern; a failure of the link is.
    const isFirst = request.rows === "first" && rows.length > 0 && !reader.isBroken;
    if (isFirst) reader.close();
    return {
      rows: isFirst ? rows.slice(0, 1) : rows,
      reader: isFirst || reader.isOver ? 0 : this.#readers.add(reader),
      error: isFirst ? null : error,
      columns: reader.columns,
      ...this.#counters.told(text, reader.counts, rows.length),
    };
  }

  /** A query in the form that gives its rows by the group; null when it has to be asked plainly, and nothing is lost by that. */
  async #byGroups(
    { text: groups, columns }: Grouping,
    text: StatementText,
    request: ExecuteRequest,
    need: Need,
    call: Call,
  ): Promise<ExecuteReply | null> {
    const form = new GroupedRows(columns.length, request.reading);
    try {
      const asked = this.#asked(groups, text, request, need);
      const { reader, entries } = await this.#open(asked, form, call);
      const { rows, error } =
        request.rows === "all" ? await reader.rest(call) : await reader.page(FIRST_PAGE, call);
      const isSame = form.isExact && haveSameNames(columns, reader.columns.slice(0, columns.length));
      if (isSame && (rows.length > 0 || error === null)) {
        this.#results.noteGroups(text.sql, entries.received, reader.isOver);
        const id = reader.isOver ? 0 : this.#readers.add(reader);
        return { rows, reader: id, error, columns, changes: -1, lastrowid: null };
      }
      reader.close();
      if (error !== null) throw error;
    } catch (error) {
      if (call.stopped !== null || this.#link.isLost || isOfLink(error)) throw error;
    }
    return null;
  }

  /** @param form the statement as it is sent */
  #asked(form: StatementText, text: StatementText, request: ExecuteRequest, need: Need): Asked {
    const batch = this.#link.newBatch();
    const { begun, condition } = prelude(batch, need);
    const step = batch.add(boundStatement(form, request.values), condition);
    return { text, request, need, batch, begun, step, condition };
  }

  /** Opens the cursor of a batch, up to where the columns of the statement are known. */
  async #open(
    { text, request, need, batch, begun, step, condition }: Asked,
    form: GroupedRows | null,
    call: Call,
  ): Promise<Omit<Opened, "since">> {
    const link = this.#link;
    const effect = effectOf(text.kind, need);
    const wishes = {
      isParsed: this.#results.isParsed(text.sql, form !== null),
      isWhole: request.rows === "all",
      isDense: form !== null,
    };
    const cursor = await this.#cursor(text, link.cursor(batch, effect, call, wishes), call);
    const entries = new Entries(cursor, step, request.reading, { readsOn: effect !== "read", form });
    const tail = form === null ? null : new Tail(link, request, form, need.mustBeInside);
    const reader = new Reader(text.sql, effect, link, entries, this.#failures, this.#most, tail);
    link.hold(reader);
    entries.onDone = (done) => {
      if (done === begun && need.begin !== null) link.inTransaction = true;
    };
    if (await reader.open(call)) return { reader, entries };
    if (condition === null) throw link.failed(broken("a statement was not answered"), effect, call);
    link.lose();
    throw lostNow();
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
}

/** Whether an error says nothing of the statement, and would come again. */
function isOfLink(error: unknown): boolean {
  const { code = "" } = error as { readonly code?: string };
  return ["CONNECTION", "TIMEOUT", "RESPONSE_TOO_LARGE"].includes(code);
}
