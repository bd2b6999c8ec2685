/**
 * Running one prepared statement: how much of its result to read, what it changed, what is to be forgotten after it.
 * It must not begin transactions nor prepare: engine.ts and handle.ts do. Tests: test/unit/engine/sqlite, test/conformance.
 */
import type { StatementKind } from "../../sql/statement.ts";
import type { BoundValue, Reading, SqlRow } from "../../values/types.ts";
import type { ExecuteRequest } from "../port.ts";
import { isBusy } from "./bulk.ts";
import type { Handle } from "./handle.ts";
import { FEW, type Plan, type Prepared } from "./prepared.ts";
import { type Rows, readPlainly, readShort, readWhole } from "./read.ts";
import { Reader } from "./reader.ts";
import { Reply } from "./reply.ts";

/** The first page of a result: one that fits leaves nothing open behind it. */
const FIRST_PAGE = FEW;
/** The same where the whole result is probably wanted, which is then read anew: 1000 rows take half the time. */
const FIRST_GLANCE = 4;
/** Statements after which what is known of others may be wrong. */
const CHANGES_SCHEMA: ReadonlySet<StatementKind> = new Set(["ddl", "pragma", "rollback", "other"]);
const COUNTERS = "SELECT changes(), last_insert_rowid(), total_changes()";
const ANYHOW: Reading = { integers: "bigint", text: "string" };

export class Execution {
  readonly #handle: Handle;
  #lastReader = 0;

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  run(prepared: Prepared, request: ExecuteRequest): Reply {
    const { values, reading } = request;
    const plan = this.#plan(prepared, values);
    if (plan === "none") return this.#write(prepared, values);
    if (plan === "page" && request.rows === "page") {
      return (
        (prepared.wasShort ? this.#readShort(prepared, values, reading) : null) ??
        this.#openReader(prepared, values, reading)
      );
    }
    const firstOnly = request.rows === "first" || (plan === "one" && this.#handle.isPrivate);
    if (plan === "whole") return this.#runWhole(prepared, values, reading, firstOnly);
    if (plan === "few" && !firstOnly && request.rows === "page")
      return this.#readFew(prepared, values, reading);
    const plain = readPlainly(prepared, values, reading, firstOnly);
    if (plain !== null) return new Reply(this.#handle, prepared, plain, 0, null, -1, null);
    return this.#reply(prepared, readWhole(prepared, values, reading, firstOnly), 0);
  }

  /** Runs a statement for what it does; its rows go nowhere. What nobody has bound is NULL. */
  runForNothing(prepared: Prepared): void {
    const values = new Array<BoundValue>(prepared.text.parameters.count).fill(null);
    if (prepared.isQuery) readToNowhere(prepared, values);
    else if (prepared.statement.native.reader) this.#runWhole(prepared, values, ANYHOW, false);
    else this.#write(prepared, values);
  }

  totalChanges(): number {
    return Number(this.#count()[2]);
  }

  /** How to read a result. Where functions of the user's could count their calls, no statement is run to look twice. */
  #plan(prepared: Prepared, values: readonly BoundValue[]): Plan {
    const plan = prepared.plan(values);
    if (!this.#handle.hasUserFunctions || !prepared.isQuery) return plan;
    prepared.hasLargeIntegers = true;
    return plan === "few" ? "page" : plan;
  }

  /** A few rows at once; one that fails must not swallow those before it, so they are read again one by one. */
  #readFew(prepared: Prepared, values: readonly BoundValue[], reading: Reading): Reply {
    let rows: Rows;
    try {
      rows = readWhole(prepared, values, reading, false);
    } catch (error) {
      if (isBusy(error)) throw error;
      return this.#openReader(prepared, values, reading);
    }
    return this.#reply(prepared, rows, 0);
  }

  /** A result that is probably short again; null when it is not, or its rows want another look. */
  #readShort(prepared: Prepared, values: readonly BoundValue[], reading: Reading): Reply | null {
    try {
      const rows = readShort(prepared, values, reading);
      return rows && new Reply(this.#handle, prepared, rows, 0, null, -1, null, prepared.bounded());
    } catch (error) {
      if (isBusy(error)) throw error;
      prepared.wasShort = false;
      return null;
    }
  }

  #reply(prepared: Prepared, { rows, error }: Rows, reader: number): Reply {
    if (error !== null) {
      if (rows.length === 0) throw error;
      this.#handle.transactionMayHaveEnded();
    }
    return new Reply(this.#handle, prepared, rows, reader, error, -1, null);
  }

  #openReader(prepared: Prepared, values: readonly BoundValue[], reading: Reading): Reply {
    const handle = this.#handle;
    const reader = new Reader(prepared, values, reading, handle);
    const rows = reader.page(prepared.wasDrained ? FIRST_GLANCE : FIRST_PAGE);
    prepared.wasShort = !reader.hasMore && rows.error === null && !this.#handle.hasUserFunctions;
    if (!reader.hasMore) return this.#reply(prepared, rows, 0);
    const id = ++this.#lastReader;
    handle.readers.set(id, reader);
    return this.#reply(prepared, rows, id);
  }

  /** A statement without rows. */
  #write(prepared: Prepared, values: readonly BoundValue[]): Reply {
    const handle = this.#handle;
    handle.aboutToWrite();
    const { changes, lastInsertRowid } =
      prepared.text.kind === "ddl"
        ? handle.runDdl(prepared.statement, values)
        : handle.run(prepared.statement, values);
    if (!prepared.text.isDml) this.#afterOther(prepared.text.kind);
    const lastrowid = Number.isSafeInteger(lastInsertRowid) ? lastInsertRowid : (this.#count()[1] as bigint);
    return new Reply(handle, prepared, [], 0, null, changes, lastrowid);
  }

  /** A statement that had to run to its end: RETURNING, PRAGMA, EXPLAIN. */
  #runWhole(prepared: Prepared, values: readonly BoundValue[], reading: Reading, firstOnly: boolean): Reply {
    const handle = this.#handle;
    handle.aboutToWrite();
    const { rows, error } = readWhole(prepared, values, reading, firstOnly);
    if (!prepared.text.isDml) {
      this.#afterOther(prepared.text.kind);
      return this.#reply(prepared, { rows, error }, 0);
    }
    const [changes, lastrowid] = this.#count();
    return new Reply(handle, prepared, rows, 0, error, Number(changes), lastrowid as bigint);
  }

  /** After what is neither a query nor DML. */
  #afterOther(kind: StatementKind): void {
    this.#handle.transactionMayHaveEnded();
    if (CHANGES_SCHEMA.has(kind)) this.#handle.schemaChanged();
  }

  /** Changes of the latest statement, latest rowid, changes in all. */
  #count(): SqlRow {
    const counters = this.#handle.own(COUNTERS);
    counters.readExactIntegers(true);
    return counters.get([]) ?? [];
  }
}

/** Runs a query for what it may do, an error for one. */
function readToNowhere({ statement }: Prepared, values: readonly BoundValue[]): void {
  const rows = statement.iterate(values);
  while (!rows.next().done);
}
