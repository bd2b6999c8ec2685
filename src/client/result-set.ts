/**
 * What a statement gives: columns, rows, counts. Rows have the shape that the libSQL client gives them; a result is also a
 * sequence of its rows, as in Python's libsql-client.
 * It must not know where a result comes from. Tests: test/client/result-set.test.ts, peer.test.ts.
 */
import type { SqlValue } from "../aio.ts";
import { rowMaker } from "./row.ts";
import type { IntMode, Row, Value } from "./types.ts";

/** A result as JSON can write it. */
export interface JsonResultSet {
  readonly columns: readonly string[];
  readonly columnTypes: readonly string[];
  /** Integers past 2^53 are decimal text, blobs Base64. */
  readonly rows: readonly (readonly (null | string | number)[])[];
  readonly rowsAffected: number;
  readonly lastInsertRowid: string | null;
}

/** What the driver says about a statement that has run. */
export interface Answer {
  /** Name and declared type of each column. */
  readonly columns: readonly (readonly [name: string, type: string | null])[];
  readonly rows: readonly SqlValue[][];
  readonly changes: number;
  readonly lastrowid: number | bigint | null;
}

/** Finds `result[0]` where the result itself has nothing by that name, so that rows need no second place. */
const rowsByIndex = new Proxy(Object.prototype, {
  get: (target, key, receiver) => (isIndex(key) ? receiver.rows?.[key] : Reflect.get(target, key, receiver)),
});

function isIndex(key: string | symbol): key is string {
  return typeof key === "string" && /^(?:0|[1-9]\d*)$/.test(key);
}

/** The result of a statement. */
export class ResultSet {
  /** The names of the columns; none for a statement without a result. */
  columns: string[];
  /** Their declared types; `""` where SQLite knows none, as for an expression. */
  columnTypes: string[];
  rows: Row[];
  /** Rows that an INSERT, UPDATE or DELETE changed; 0 for any other statement. */
  rowsAffected: number;
  /** The rowid of the row that an INSERT put in; undefined for any other statement. */
  lastInsertRowid: bigint | undefined;
  /** The same as in `rows`. */
  readonly [index: number]: Row;

  static {
    Object.setPrototypeOf(ResultSet.prototype, rowsByIndex);
  }

  /** @internal */
  constructor(answer: Answer, intMode: IntMode) {
    this.columns = answer.columns.map(([name]) => name);
    this.columnTypes = answer.columns.map(([, type]) => type ?? "");
    this.rows = answer.rows.map(rowMaker(this.columns, intMode));
    this.rowsAffected = Math.max(0, answer.changes);
    this.lastInsertRowid = answer.lastrowid === null ? undefined : BigInt(answer.lastrowid);
  }

  /** How many rows there are. */
  get length(): number {
    return this.rows.length;
  }

  /** The rows one by one. */
  [Symbol.iterator](): ArrayIterator<Row> {
    return this.rows[Symbol.iterator]();
  }

  toJSON(): JsonResultSet {
    return {
      columns: this.columns,
      columnTypes: this.columnTypes,
      rows: this.rows.map((row) => Array.from(row as ArrayLike<Value>, toJsonValue)),
      rowsAffected: this.rowsAffected,
      lastInsertRowid: this.lastInsertRowid === undefined ? null : String(this.lastInsertRowid),
    };
  }
}

function toJsonValue(value: Value): null | string | number {
  if (typeof value === "bigint") return String(value);
  return value instanceof ArrayBuffer ? Buffer.from(value).toString("base64") : value;
}
