/**
 * The answer to a statement. Its columns are asked for only when they are looked at: better-sqlite3 takes five times
 * as long to tell them as to look up a row. It must not run anything. Tests: test/conformance/description.test.ts.
 */
import type { Column, SqlRow } from "../../values/types.ts";
import type { ExecuteReply } from "../port.ts";
import { translate } from "./failure.ts";
import type { Handle } from "./handle.ts";
import type { Prepared } from "./prepared.ts";
import type { Statement } from "./statement.ts";

export class Reply implements ExecuteReply {
  readonly rows: SqlRow[];
  readonly reader: number;
  readonly error: Error | null;
  readonly changes: number;
  readonly lastrowid: number | bigint | null;
  readonly #handle: Handle;
  readonly #prepared: Prepared;
  readonly #ran: Statement | undefined;

  constructor(
    handle: Handle,
    prepared: Prepared,
    rows: SqlRow[],
    reader: number,
    error: Error | null,
    changes: number,
    lastrowid: number | bigint | null,
    ran?: Statement,
  ) {
    this.#handle = handle;
    this.#prepared = prepared;
    this.#ran = ran;
    this.rows = rows;
    this.reader = reader;
    this.error = error;
    this.changes = changes;
    this.lastrowid = lastrowid;
  }

  get columns(): readonly Column[] {
    try {
      return this.#prepared.columns(this.#handle.isPrivate, this.#ran);
    } catch (error) {
      throw translate(error, "run");
    }
  }
}
