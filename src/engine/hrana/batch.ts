/**
 * Batches of statements with conditions, as JSON; also for servers of Hrana 2, which lack the condition `is_autocommit`.
 * There a BEGIN that succeeds tells that no transaction was open, and is taken back at once.
 * It must not know what the statements are for. Tests: test/unit/engine/hrana/batch.test.ts.
 */
import { numberParameters } from "../../sql/number-parameters.ts";
import type { StatementText } from "../../sql/statement.ts";
import type { BoundValue } from "../../values/types.ts";
import { encodeValue } from "../http/values.ts";
import type { Version } from "./stream.ts";

/** A condition as JSON. */
export type Condition = string;

/** Holds for no batch: every list of alternatives is empty. */
export const NEVER: Condition = '{"type":"or","conds":[]}';

export function not(condition: Condition): Condition {
  return `{"type":"not","cond":${condition}}`;
}

export function and(...conditions: readonly (Condition | null)[]): Condition | null {
  const some = conditions.filter((condition) => condition !== null);
  return some.length <= 1 ? (some[0] ?? null) : `{"type":"and","conds":[${some.join(",")}]}`;
}

/** Holds when the step has run without an error; servers disagree about `error` of one that was left out. */
export function ok(step: number): Condition {
  return `{"type":"ok","step":${step}}`;
}

export class Batch {
  readonly #version: Version;
  readonly #steps: string[] = [];
  #bytes = 2;

  constructor(version: Version) {
    this.#version = version;
  }

  /** How many steps there are. */
  get count(): number {
    return this.#steps.length;
  }

  /** Its size as JSON, roughly, in UTF-16 units. */
  get size(): number {
    return this.#bytes;
  }

  /** Adds a step: a statement as JSON, and when it runs. Gives its number. */
  add(statement: string, condition: Condition | null): number {
    const step =
      condition === null ? `{"stmt":${statement}}` : `{"stmt":${statement},"condition":${condition}}`;
    this.#bytes += step.length + 1;
    return this.#steps.push(step) - 1;
  }

  /** Holds when no transaction is open at this point of the batch. */
  inAutocommit(): Condition {
    if (this.#version === 3) return '{"type":"is_autocommit"}';
    const begun = ok(this.add(statementOf("BEGIN"), null));
    this.add(statementOf("ROLLBACK"), begun);
    return begun;
  }

  /** Holds when one is. */
  inTransaction(): Condition {
    return not(this.inAutocommit());
  }

  /** The steps as JSON. */
  toString(): string {
    return `[${this.#steps.join(",")}]`;
  }
}

/** A statement without values as JSON. */
export function statementOf(sql: string): string {
  return `{"sql":${JSON.stringify(sql)}}`;
}

/**
 * A statement with its values, `count` of them from `start` on, by SQLite's numbering.
 * @throws {DataError} for a value that cannot be sent
 */
export function boundStatement(text: StatementText, values: readonly BoundValue[], start = 0): string {
  const { count, style, names } = text.parameters;
  if (count === 0) return statementOf(text.sql);
  const encoded: string[] = [];
  for (let i = 0; i < count; i++) encoded.push(encodeValue(values[start + i] ?? null));
  if (style === "named") {
    const named = encoded.map((value, i) => `{"name":${JSON.stringify(names[i] ?? "")},"value":${value}}`);
    return `{"sql":${JSON.stringify(text.sql)},"named_args":[${named.join(",")}]}`;
  }
  // Values go either all by number or all by name, so where both kinds are used the names become their numbers.
  const sql = style === "mixed" ? numberParameters(text.sql) : text.sql;
  return `{"sql":${JSON.stringify(sql)},"args":[${encoded.join(",")}]}`;
}
