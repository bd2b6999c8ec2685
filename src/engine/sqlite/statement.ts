/**
 * A native statement that takes its values by SQLite's numbering, whatever its parameters are called.
 * It must not know what the rows are for. Tests: test/unit/engine/sqlite/statement.test.ts.
 */
import type { BoundValue, SqlRow } from "../../values/types.ts";
import type { NativeBinding, NativeDatabase, NativeIterator, NativeStatement } from "./driver.ts";

export class Statement {
  readonly native: NativeStatement;
  /** The parameters' names where there is one: better-sqlite3 binds those through an object only. */
  readonly #names: readonly (string | null)[] | null;
  readonly #stepwise: boolean;
  #exactIntegers = false;

  /** @param stepwise reads whole results row by row too */
  constructor(db: NativeDatabase, sql: string, names: readonly (string | null)[], stepwise = false) {
    this.#stepwise = stepwise;
    this.native = db.prepare(sql);
    if (this.native.reader) this.native.raw(true);
    this.#names = names.some((name) => name !== null) ? names : null;
  }

  run(values: readonly BoundValue[]): {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  } {
    return this.native.run(...this.#arguments(values));
  }

  get(values: readonly BoundValue[]): SqlRow | undefined {
    // A lookup has one value as a rule, and not to spread it is a part of the 4 % that readPlainly tells of.
    if (values.length === 1 && this.#names === null) return this.native.get(values[0] as BoundValue);
    return this.native.get(...this.#arguments(values));
  }

  all(values: readonly BoundValue[]): SqlRow[] {
    if (!this.#stepwise) return this.native.all(...this.#arguments(values));
    const rows: SqlRow[] = [];
    const iterator = this.iterate(values);
    for (let step = iterator.next(); !step.done; step = iterator.next()) rows.push(step.value);
    return rows;
  }

  iterate(values: readonly BoundValue[]): NativeIterator {
    return this.native.iterate(...this.#arguments(values));
  }

  /** The values as better-sqlite3 wants them. Spread, since it reads an array a tenth slower, element by element. */
  #arguments(values: readonly BoundValue[]): readonly NativeBinding[] {
    return this.#names === null ? values : this.#bind(values, this.#names);
  }

  /** The SQL with the values written into it. Uses the statement up. */
  expanded(values: readonly BoundValue[]): string {
    this.native.bind(...this.#arguments(values));
    return this.native.toString();
  }

  get exactIntegers(): boolean {
    return this.#exactIntegers;
  }

  /** Switches between reading INTEGER as bigint and as number. */
  readExactIntegers(on: boolean): void {
    if (this.#exactIntegers === on) return;
    this.native.safeIntegers(on);
    this.#exactIntegers = on;
  }

  /** Anonymous parameters in order (a number that nothing uses counts as one), then an object with the named ones. */
  #bind(values: readonly BoundValue[], names: readonly (string | null)[]): readonly NativeBinding[] {
    const anonymous: BoundValue[] = [];
    const named: Record<string, BoundValue> = Object.create(null);
    names.forEach((name, index) => {
      const value = values[index] ?? null;
      if (name === null) anonymous.push(value);
      else named[name.slice(1)] = value;
    });
    return [anonymous, named];
  }
}
