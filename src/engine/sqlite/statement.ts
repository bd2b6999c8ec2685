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
  #exactIntegers = false;

  constructor(db: NativeDatabase, sql: string, names: readonly (string | null)[]) {
    this.native = db.prepare(sql);
    if (this.native.reader) this.native.raw(true);
    this.#names = names.some((name) => name !== null) ? names : null;
  }

  run(values: readonly BoundValue[]): {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  } {
    return this.#names === null
      ? this.native.run(values)
      : this.native.run(...this.#bind(values, this.#names));
  }

  get(values: readonly BoundValue[]): SqlRow | undefined {
    return this.#names === null
      ? this.native.get(values)
      : this.native.get(...this.#bind(values, this.#names));
  }

  all(values: readonly BoundValue[]): SqlRow[] {
    return this.#names === null
      ? this.native.all(values)
      : this.native.all(...this.#bind(values, this.#names));
  }

  iterate(values: readonly BoundValue[]): NativeIterator {
    return this.#names === null
      ? this.native.iterate(values)
      : this.native.iterate(...this.#bind(values, this.#names));
  }

  /** The SQL with the values written into it. Uses the statement up. */
  expanded(values: readonly BoundValue[]): string {
    this.native.bind(...(this.#names === null ? [values] : this.#bind(values, this.#names)));
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
