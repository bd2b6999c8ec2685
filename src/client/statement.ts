/**
 * What a caller passes as a statement, in all its forms, becomes SQL and parameters of the driver.
 * It must not know connections. A value never appears in a message. Tests: test/client/execute.test.ts.
 */
import type { Parameter } from "../aio.ts";
import type { InArgs, InStatement, StatementPair } from "./types.ts";

/** One statement, its values taken from the caller's hands. */
export interface Statement {
  readonly sql: string;
  readonly args: Parameter[] | Record<string, Parameter>;
}

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const PREFIXES: ReadonlySet<string> = new Set([":", "@", "$"]);

/**
 * @param args those of `execute(sql, args)`
 * @throws {TypeError} for what is no statement, or no value
 * @throws {RangeError} for a number that SQLite cannot store
 */
export function toStatement(statement: InStatement | StatementPair, args?: InArgs): Statement {
  if (typeof statement === "string") return { sql: statement, args: toParameters(args) };
  if (typeof statement !== "object" || statement === null) {
    throw new TypeError(
      `a statement must be a string or an object with sql and args, not ${kindOf(statement)}`,
    );
  }
  const [sql, own] = Array.isArray(statement)
    ? (statement as StatementPair)
    : [(statement as { sql: string }).sql, (statement as { args?: InArgs }).args];
  if (typeof sql !== "string")
    throw new TypeError(`the sql of a statement must be a string, not ${kindOf(sql)}`);
  return { sql, args: toParameters(own) };
}

function toParameters(args: unknown): Statement["args"] {
  if (args === undefined || args === null) return [];
  // By index, since a hole is an undefined too.
  if (Array.isArray(args)) return Array.from(args, (value, i) => toParameter(value, `argument ${i + 1}`));
  if (typeof args !== "object")
    throw new TypeError(`args must be an array or an object, not ${kindOf(args)}`);
  const named: Record<string, Parameter> = Object.create(null);
  for (const [name, value] of Object.entries(args)) {
    named[PREFIXES.has(name.charAt(0)) ? name.slice(1) : name] = toParameter(value, `argument '${name}'`);
  }
  return named;
}

function toParameter(value: unknown, label: string): Parameter {
  switch (typeof value) {
    case "number":
      if (Number.isFinite(value)) return value;
      throw new RangeError(`${label}: only finite numbers can be stored, not NaN or Infinity`);
    case "bigint":
      if (value >= LEAST && value <= MOST) return value;
      throw new RangeError(`${label}: the bigint is too large for a 64-bit integer`);
    case "undefined":
      throw new TypeError(`${label}: undefined cannot be stored, use null`);
    case "object":
      return value === null ? null : toObjectParameter(value, label);
    default:
      return value as Parameter;
  }
}

function toObjectParameter(value: object, label: string): Parameter {
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
  }
  if (value instanceof Date) {
    const time = value.getTime();
    if (!Number.isNaN(time)) return time;
    throw new RangeError(`${label}: an invalid Date cannot be stored`);
  }
  return value as Parameter;
}

function kindOf(value: unknown): string {
  return value === null ? "null" : `a ${typeof value}`;
}

/** Comments and semicolons, which may stand before a statement. */
const NOTHING = String.raw`(?:\s|;|--[^\n]*(?:\n|$)|/\*[\s\S]*?(?:\*/|$))*`;
const beginning = (words: string) => new RegExp(`^\\ufeff?${NOTHING}(?:${words})\\b`, "i");
const BEGINS = beginning("begin|savepoint");
const READS = beginning("select|values");
const WRITES = beginning("insert|replace|update|delete|create|alter|drop");

/** Whether a statement can leave a transaction open behind it. */
export function beginsTransaction(sql: string): boolean {
  return BEGINS.test(sql);
}

/** Whether a statement is a query by its first word. */
export function isRead(sql: string): boolean {
  return READS.test(sql);
}

/** Whether a statement may give rows: any, unless its words say that it does not. */
export function mayGiveRows(sql: string): boolean {
  return !WRITES.test(sql) || /\breturning\b/i.test(sql);
}
