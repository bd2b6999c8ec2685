/**
 * The rows between the last group that has come and a row that failed, which went down with their own group: they are asked for
 * once more, plainly. It must not know transports. Tests: test/unit/engine/hrana/grouped.test.ts.
 */
import { boundedQuery } from "../../sql/exact.ts";
import { GROUP_ROWS } from "../../sql/grouped.ts";
import { describeStatement } from "../../sql/statement.ts";
import type { SqlRow, SqlValue } from "../../values/types.ts";
import type { Call } from "../http/call.ts";
import { LinkFailure } from "../http/link-failure.ts";
import type { ExecuteRequest } from "../port.ts";
import { type Batch, boundStatement } from "./batch.ts";
import { Entries } from "./entries.ts";
import type { GroupedRows } from "./grouped-rows.ts";
import type { Link } from "./link.ts";
import type { Cursor, CursorWishes } from "./stream.ts";

/** More rows than are ever on their way between a row that fails and the last group that has come. */
const MOST = 4 * GROUP_ROWS;
const WISHES: CursorWishes = { isParsed: false, isWhole: false, isDense: false };

/** Rows, and what is wrong with the one behind them if that is not what failed. */
interface Found {
  readonly rows: readonly SqlRow[];
  readonly error: Error | null;
}

const NOTHING: Found = { rows: [], error: null };

export class Tail {
  readonly #link: Link;
  readonly #request: ExecuteRequest;
  readonly #form: GroupedRows;
  readonly #isInside: boolean;

  /** @param isInside the query ran inside of the transaction of the link */
  constructor(link: Link, request: ExecuteRequest, form: GroupedRows, isInside: boolean) {
    this.#link = link;
    this.#request = request;
    this.#form = form;
    this.#isInside = isInside;
  }

  /**
   * What comes behind the first `count` rows, up to the one that fails: nothing when the latest group is not what it was, or
   * none fails, since then it is not the same result any more.
   */
  async read(count: number, call: Call): Promise<Found> {
    const latest = this.#form.latest();
    const { sql, values, reading } = this.#request;
    const text = describeStatement(boundedQuery(sql, latest.length + MOST, count - latest.length));
    const batch = this.#link.newBatch();
    const condition = this.#isInside ? batch.inTransaction() : null;
    const step = batch.add(boundStatement(text, values), condition);
    try {
      return await this.#withCursor(batch, call, async (cursor) => {
        const entries = new Entries(cursor, step, reading);
        while (!entries.hasEnded) await entries.pull(call);
        const { rows, failure, rowError } = entries;
        const isSame = (failure ?? rowError) !== null && latest.every((row, i) => isSameRow(row, rows[i]));
        return isSame ? { rows: rows.slice(latest.length), error: rowError } : NOTHING;
      });
    } catch (failure) {
      // That of the result says more.
      if (call.stopped !== null) throw failure;
      return NOTHING;
    }
  }

  /** In the transaction, or else on a stream of its own: nobody knows what the link's is used for by now. */
  async #withCursor<T>(batch: Batch, call: Call, use: (cursor: Cursor) => Promise<T>): Promise<T> {
    const link = this.#link;
    const own = this.#isInside ? null : await link.opened(call);
    try {
      return await use(
        own === null
          ? await link.cursor(batch, "read", call, WISHES)
          : await own.cursor(String(batch), call, WISHES),
      );
    } catch (failure) {
      throw own === null && failure instanceof LinkFailure ? link.failed(failure, "read", call) : failure;
    } finally {
      void own?.close();
    }
  }
}

/** @param row null for one that is not known */
function isSameRow(row: SqlRow | null, other: SqlRow | undefined): boolean {
  if (row === null || other === undefined) return other !== undefined;
  return row.every((value, i) => isSameValue(value, other[i]));
}

function isSameValue(value: SqlValue, other: SqlValue | undefined): boolean {
  return Buffer.isBuffer(value) && Buffer.isBuffer(other) ? value.equals(other) : Object.is(value, other);
}
