/**
 * Reading from the file of a replica, on a connection beside the one that libsql brings it up to date with: on that one a
 * statement would keep its first values, whatever it is given the next time. Every query goes in its exact form, since libsql aborts the process on TEXT that is not
 * UTF-8 and cuts it at a NUL; and whole, since a statement that was not read to its end holds on to its old snapshot.
 * It must not know the primary. Tests: test/conformance/replica.test.ts.
 */
import { TextCache } from "../../sql/cache.ts";
import { exactQuery } from "../../sql/exact.ts";
import { fromExactRow } from "../../values/exact-row.ts";
import { isInteger } from "../../values/integers.ts";
import type { BoundValue, Column, Reading, SqlRow } from "../../values/types.ts";
import type { PeerFile, PeerStatement } from "./driver.ts";
import { runFailure } from "./failure.ts";
import { collectGarbage } from "./release.ts";

/** A query, compiled for one version of the schema. */
interface Prepared {
  readonly columns: readonly Column[];
  readonly names: readonly string[];
  readonly all: PeerStatement;
  /** The same up to its first row; made when it is wanted. */
  first: PeerStatement | null;
  readonly exactSql: string;
  readonly version: unknown;
}

/** The rows of a query, and what is wrong with the one behind them. */
export interface Answer {
  readonly columns: readonly Column[];
  readonly rows: SqlRow[];
  readonly error: Error | null;
}

/**
 * After so many compilations those that nobody has any more are collected, which takes 10 ms: the heap cannot see the 5 KB that
 * each of them has outside of it.
 */
const COMPILATIONS = 1000;
/** How often a query is compiled anew when the schema changes under it. */
const TRIES = 5;
const SCHEMA_VERSION = "PRAGMA schema_version";

/** libsql binds every number as REAL. */
function bindable(value: BoundValue): BoundValue {
  return typeof value === "number" && isInteger(value) ? BigInt(value) : value;
}

export class ReplicaReader {
  readonly #file: PeerFile;
  readonly #cache: TextCache<Prepared>;
  #version: PeerStatement | null = null;
  #compilations = 0;

  /** @param capacity how many compiled queries are kept */
  constructor(file: PeerFile, capacity: number) {
    this.#file = file;
    this.#cache = new TextCache(capacity);
  }

  /**
   * Reads a query, or its first row.
   * @returns null where it does not compile here: the primary, which may have another schema, has the last word on that
   * @throws the error of a query that fails before its first row
   */
  read(sql: string, values: readonly BoundValue[], reading: Reading, firstOnly: boolean): Answer | null {
    const bound = values.map(bindable);
    for (let tries = 1; ; tries++) {
      const prepared = this.#cache.get(sql) ?? this.#prepare(sql);
      if (prepared === null) return null;
      const answer = this.#run(prepared, sql, bound, reading, firstOnly);
      // The names and types are right only when no synchronisation has changed the schema since; SQLite compiles anew without
      // a word, and where it cannot, because a column has come or gone, it fails.
      if (prepared.version === this.#schemaVersion()) {
        if ("failure" in answer) throw answer.failure;
        return answer;
      }
      this.#cache.clear();
      if (tries === TRIES) return null;
    }
  }

  #prepare(sql: string): Prepared | null {
    const version = this.#schemaVersion();
    try {
      const columns = this.#file
        .prepare(sql)
        .columns()
        .map(({ name, type }) => ({ name, type }));
      const exactSql = exactQuery(sql, columns.length);
      const names = columns.map(({ name }) => name);
      const prepared = { columns, names, all: this.#compile(exactSql), first: null, exactSql, version };
      this.#cache.set(sql, prepared);
      return prepared;
    } catch {
      return null;
    }
  }

  #compile(sql: string): PeerStatement {
    if (++this.#compilations % COMPILATIONS === 0) collectGarbage();
    const statement = this.#file.prepare(sql);
    statement.raw(true);
    statement.safeIntegers(true);
    return statement;
  }

  #run(
    prepared: Prepared,
    sql: string,
    values: readonly BoundValue[],
    reading: Reading,
    firstOnly: boolean,
  ): Answer | { readonly failure: Error } {
    let exact: readonly SqlRow[];
    let failure: Error | null = null;
    try {
      if (firstOnly) prepared.first ??= this.#compile(`${prepared.exactSql} LIMIT 1`);
      exact = (firstOnly && prepared.first ? prepared.first : prepared.all).all(values);
    } catch (error) {
      failure = runFailure(error, sql);
      exact = firstOnly ? [] : this.#rowsBeforeFailure(prepared, values);
    }
    const { columns, names } = prepared;
    const rows: SqlRow[] = [];
    for (const row of exact) {
      try {
        rows.push(fromExactRow(row, reading, { names }));
      } catch (error) {
        failure = error as Error;
        break;
      }
    }
    return failure !== null && rows.length === 0 ? { failure } : { columns, rows, error: failure };
  }

  /** The rows before the one that fails, which its failure has taken along: as many as can be asked for without it. */
  #rowsBeforeFailure({ exactSql }: Prepared, values: readonly BoundValue[]): readonly SqlRow[] {
    let rows: readonly SqlRow[] = [];
    const comesTo = (count: number): boolean => {
      try {
        rows = this.#compile(`${exactSql} LIMIT ${count}`).all(values);
        return true;
      } catch {
        return false;
      }
    };
    let failing = 1;
    while (comesTo(failing) && rows.length === failing) failing *= 2;
    for (let good = rows.length; failing - good > 1; ) {
      const middle = (good + failing) >>> 1;
      if (!comesTo(middle)) failing = middle;
      else if (rows.length === middle) good = middle;
      else break;
    }
    return rows;
  }

  #schemaVersion(): unknown {
    try {
      this.#version ??= this.#file.prepare(SCHEMA_VERSION).raw(true);
      return this.#version.all([])[0]?.[0];
    } catch (error) {
      throw runFailure(error, SCHEMA_VERSION);
    }
  }

  /** Lets go of every statement: they keep the file open. */
  close(): void {
    this.#cache.clear();
    this.#version = null;
    this.#file.close();
  }
}
