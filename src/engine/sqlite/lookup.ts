/**
 * A query that has run before, asked for a row or a few with neither request nor reply: a third of what this driver adds to
 * better-sqlite3's own time for a lookup. It must not know transactions: whoever asks sees to those.
 * Tests: test/conformance/again.test.ts.
 */
import type { BoundValue, Column, Reading, SqlRow } from "../../values/types.ts";
import type * as port from "../port.ts";
import { isBusy } from "./bulk.ts";
import { translate } from "./failure.ts";
import type { Handle } from "./handle.ts";
import type { Prepared } from "./prepared.ts";
import { firstPlainly, readPlainly, readWhole } from "./read.ts";

export class Lookup implements port.Lookup {
  readonly #handle: Handle;
  readonly #prepared: Prepared;

  constructor(handle: Handle, prepared: Prepared) {
    this.#handle = handle;
    this.#prepared = prepared;
  }

  /** In a file another process could change the schema, and with it how many rows there are: one row is a few there. */
  few(values: readonly BoundValue[], reading: Reading): SqlRow[] | null {
    const prepared = this.#prepared;
    const plan = prepared.plan(values);
    if (plan !== "one" && plan !== "few") return null;
    try {
      return readPlainly(prepared, values, reading, plan === "one" && this.#handle.isPrivate);
    } catch (error) {
      // What fails behind some rows is to be told behind them.
      if (plan === "few" && !isBusy(error)) return null;
      throw this.#handle.failure(error, prepared.text.sql);
    }
  }

  first(values: readonly BoundValue[], reading: Reading): SqlRow | null {
    const prepared = this.#prepared;
    try {
      const row = firstPlainly(prepared, values, reading);
      if (row !== undefined) return row;
      const { rows, error } = readWhole(prepared, values, reading, true);
      if (error !== null) throw error;
      return rows[0] ?? null;
    } catch (error) {
      throw this.#handle.failure(error, prepared.text.sql);
    }
  }

  get columns(): readonly Column[] {
    try {
      return this.#prepared.columns(this.#handle.isPrivate);
    } catch (error) {
      throw translate(error, "run");
    }
  }
}
