/**
 * Many parameter sets for one statement: plain INSERTs share statements of many rows, everything else runs row by row.
 * Only the time may differ: a failed chunk is undone by SQLite and replayed row by row, so that state and error are
 * those of the slow way. It must not begin or end transactions. Tests: test/unit/engine/sqlite/bulk.test.ts.
 */
import { multiRow, type PlainInsert } from "../../sql/insert.ts";
import { MAX_PARAMETER } from "../../sql/parameters.ts";
import type { BoundValue } from "../../values/types.ts";
import type { ManyReply } from "../port.ts";
import type { NativeDatabase } from "./driver.ts";
import { translate } from "./failure.ts";
import { type InsertPlan, planInsert } from "./insert-plan.ts";
import type { Prepared } from "./prepared.ts";
import { Statement } from "./statement.ts";

/** Rows in one statement, tried in this order. Measured: 64 rows cost half of 1, and 256 save 4 % more. */
const SIZES = [64, 8] as const;

/** The sets of one call, one after the other in `values`. */
export interface Sets {
  readonly width: number;
  readonly count: number;
  readonly values: readonly BoundValue[];
}

/** The many-row forms of an INSERT. */
export class BulkInsert {
  readonly #db: NativeDatabase;
  readonly #insert: PlainInsert;
  readonly #takesReals: readonly boolean[] | null;
  readonly #statements = new Map<number, Statement>();

  private constructor(db: NativeDatabase, { insert, takesReals }: InsertPlan) {
    this.#db = db;
    this.#insert = insert;
    this.#takesReals = takesReals;
  }

  /** The many-row forms, or null where somebody could tell them from single rows. */
  static of(db: NativeDatabase, sql: string): BulkInsert | null {
    const plan = planInsert(db, sql);
    return plan && new BulkInsert(db, plan);
  }

  /** The statement for so many rows, or null where it would have too many parameters. */
  statement(rows: number): Statement | null {
    const known = this.#statements.get(rows);
    if (known !== undefined) return known;
    if (rows * this.#insert.width > MAX_PARAMETER) return null;
    const statement = new Statement(this.#db, multiRow(this.#insert, rows), []);
    const reals = this.#takesReals;
    if (reals !== null) statement.takeReals(Array.from({ length: rows }, () => reals).flat());
    this.#statements.set(rows, statement);
    return statement;
  }
}

/**
 * Applies the sets from number `first` on, in order, until one fails. `insert` is null where they must go row by row; the
 * last one always goes alone, so that SQL's `changes()` tells of it.
 */
export function applyMany(
  db: NativeDatabase,
  prepared: Prepared,
  insert: BulkInsert | null,
  sets: Sets,
  first = 0,
): ManyReply {
  let changes = 0;
  let done = first;
  // An INSERT that goes well neither begins nor ends one.
  const wasInTransaction = db.inTransaction;
  for (const size of insert === null ? [] : SIZES) {
    const statement = sets.count - done <= size ? null : insert?.statement(size);
    if (!statement) continue;
    while (sets.count - done > size) {
      try {
        changes += statement.runPart(sets.values, done * sets.width, (done + size) * sets.width).changes;
      } catch (error) {
        const failure = translate(error, "run", prepared.text.sql, db);
        // Nothing is left to replay on where the failure ended the transaction, nor a lock to replay with.
        if (wasInTransaction && !db.inTransaction) return { changes, error: failure, index: -1 };
        if (isBusy(failure)) return { changes, error: failure, index: done };
        const replay = rowByRow(db, prepared, sets, done, done + size);
        changes += replay.changes;
        if (replay.error !== null) return { ...replay, changes };
      }
      done += size;
    }
  }
  const rest = rowByRow(db, prepared, sets, done, sets.count);
  return { ...rest, changes: changes + rest.changes };
}

/** Whether an error, SQLite's or ours, says that somebody else holds a lock. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { readonly code?: string };
  return code !== undefined && (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED"));
}

function rowByRow(db: NativeDatabase, prepared: Prepared, sets: Sets, from: number, to: number): ManyReply {
  const { statement } = prepared;
  let changes = 0;
  for (let index = from; index < to; index++) {
    const values = sets.values.slice(index * sets.width, (index + 1) * sets.width);
    try {
      changes += statement.native.reader ? statement.all(values).length : statement.run(values).changes;
    } catch (error) {
      return { changes, error: translate(error, "run", prepared.text.sql, db), index };
    }
  }
  return { changes, error: null, index: -1 };
}
