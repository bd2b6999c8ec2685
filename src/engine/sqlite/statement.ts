/**
 * A native statement that takes its values by SQLite's numbering, whatever its parameters are called, and binds an INTEGER as
 * one. It must not know what the rows are for. Tests: test/unit/engine/sqlite/statement.test.ts.
 */
import { isInteger } from "../../values/integers.ts";
import type { BoundValue, SqlObject, SqlRow } from "../../values/types.ts";
import type { NativeBinding, NativeDatabase, NativeIterator, NativeStatement } from "./driver.ts";

/**
 * Binds as NULL, which is what SQLite makes of it, in a third of the time that better-sqlite3 takes to see that a value is
 * null: it looks for numbers first. 3 % of a bulk insert with one NULL in 16 values, and more with more.
 */
const NULL = Number.NaN;

export class Statement {
  readonly native: NativeStatement;
  /** The parameters' names where there is one: better-sqlite3 binds those through an object only. */
  readonly #names: readonly (string | null)[] | null;
  readonly #stepwise: boolean;
  /** Which parameters a REAL may reach in the place of an INTEGER, by number from 0: see {@link takeReals}. */
  #takesReal: readonly boolean[] | null = null;
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

  /** As {@link run}, with the values from `from` on and before `to`. No parameter may have a name. */
  runPart(values: readonly BoundValue[], from: number, to: number): { readonly changes: number } {
    const part = values.slice(from, to);
    return this.native.run(...this.#bindable(part, part));
  }

  get(values: readonly BoundValue[]): SqlRow | undefined {
    // A lookup has one value as a rule, and not to spread it saves a hundredth of one.
    if (values.length === 1 && this.#names === null)
      return this.native.get(this.#one(values[0] as BoundValue));
    return this.native.get(...this.#arguments(values));
  }

  all(values: readonly BoundValue[]): SqlRow[] {
    if (!this.#stepwise) return this.native.all(...this.#arguments(values));
    const rows: SqlRow[] = [];
    const iterator = this.iterate(values);
    for (let step = iterator.next(); !step.done; step = iterator.next()) rows.push(step.value);
    return rows;
  }

  /** All rows as the objects that better-sqlite3 makes. */
  objects(values: readonly BoundValue[]): SqlObject[] {
    this.native.raw(false);
    try {
      return this.native.all(...this.#arguments(values)) as readonly unknown[] as SqlObject[];
    } finally {
      this.native.raw(true);
    }
  }

  iterate(values: readonly BoundValue[]): NativeIterator {
    return this.native.iterate(...this.#arguments(values));
  }

  /** The values as better-sqlite3 wants them. Spread, since it reads an array a tenth slower, element by element. */
  #arguments(values: readonly BoundValue[]): readonly NativeBinding[] {
    const bound = this.#bindable(values, null);
    return this.#names === null ? bound : this.#bind(bound, this.#names);
  }

  /**
   * better-sqlite3 binds every number as REAL, and only a bigint as INTEGER. Parameters whose REAL becomes the same INTEGER
   * before anything looks at it do without, which saves 0.06 us for each: a tenth of a lookup by rowid.
   */
  takeReals(parameters: readonly boolean[] | null): void {
    this.#takesReal = parameters;
  }

  #one(value: BoundValue): BoundValue {
    if (typeof value === "number")
      return isInteger(value) && this.#takesReal?.[0] !== true ? BigInt(value) : value;
    return value === null ? NULL : value;
  }

  /** The values as they bind. @param own the array is this method's to change */
  #bindable(values: readonly BoundValue[], own: BoundValue[] | null): readonly BoundValue[] {
    const takesReal = this.#takesReal;
    let bound = own;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as BoundValue;
      if (value === null) {
        bound ??= values.slice();
        bound[i] = NULL;
      } else if (typeof value === "number") {
        if ((takesReal !== null && takesReal[i] === true) || !isInteger(value)) continue;
        bound ??= values.slice();
        bound[i] = BigInt(value);
      }
    }
    return bound ?? values;
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
