/**
 * JSON as servers write it, without losing a bit: a bare integer past 2^53 becomes a bigint.
 * It must not know what an answer means. Tests: test/unit/engine/http/values.test.ts.
 */
import { broken } from "./link-failure.ts";

/** A number of sixteen digits or more, outside a string as far as one can see: worth the slow way. */
const LONG_INTEGER = /[:[,\s]-?\d{16}/;

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

const exact: Reviver = (_key, value, context) => {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const { source } = context;
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
};

/** Every number without a point or an exponent becomes a bigint. */
const bare: Reviver = (_key, value, { source }) =>
  typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;

/**
 * @param integers `"long"` makes bigints of integers past 2^53, `"all"` of every number that is written without a point
 * @throws {LinkFailure} of kind "protocol" for what is no JSON; the text is not told
 */
export function parseJson(text: string, integers: "long" | "all" = "long"): unknown {
  try {
    if (integers === "all") return JSON.parse(text, bare as (key: string, value: unknown) => unknown);
    return LONG_INTEGER.test(text)
      ? JSON.parse(text, exact as (key: string, value: unknown) => unknown)
      : JSON.parse(text);
  } catch {
    throw broken("an answer is not JSON");
  }
}

/** Fields of an object of unknown make; anything else has none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {LinkFailure} of kind "protocol" for bytes that are not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw broken("an answer is not UTF-8");
  }
}
