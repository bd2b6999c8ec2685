/**
 * JavaScript to storage: what a caller passes becomes one of the five storage classes, or an error that names the
 * parameter. It runs for every parameter, so the common kinds come first and nothing is allocated for them. Must not know statements or engines. A value never appears in a message. Tests: test/unit/values/adapt.test.ts.
 */
import { DataError, InterfaceError } from "../errors/tree.ts";
import { isWellFormed } from "../text-form.ts";
import { adapterOf, lastAdapter } from "./adapters.ts";
import { INT64_MAX, INT64_MIN } from "./integers.ts";
import type { BoundValue } from "./types.ts";

export { type AdaptableClass, type Adapter, registerAdapter } from "./adapters.ts";

/** A parameter by position, from 0, or by name with its prefix. */
type Label = number | string;

/** Says where a value was to go. */
type Place = (label: Label) => string;

/** How often adapters may hand over to one another. */
const HANDOVERS = 8;

const parameter: Place = (label) =>
  `Error binding parameter ${typeof label === "number" ? label + 1 : `'${label}'`}`;

const result: Place = (label) => String(label);

/**
 * Turns a parameter into what an engine binds.
 * A number stays one: that a safe integer is an INTEGER is for the engine to see to. Bytes are a view over the caller's
 * memory, not a copy.
 * @param label - for messages: the position of the parameter from 0 (told from 1, as Python does), or its name: `":a"`
 * @throws {InterfaceError} when the value is of a kind that does not bind, or its adapter fails
 * @throws {DataError} when a bigint is outside int64, or a string has a lone surrogate
 * @see https://docs.python.org/3/library/sqlite3.html#sqlite3-types
 */
export function adapt(value: unknown, label: number | string): BoundValue {
  // The kinds that nearly all parameters are of, in a function so small that V8 puts it into the caller's loop.
  if (typeof value === "string") {
    if (isWellFormed(value)) return value;
  } else if (typeof value === "number") {
    if (!Number.isNaN(value)) return value;
  } else if (value === null) return null;
  return store(value, label, parameter, HANDOVERS);
}

/**
 * Turns what a user function returned into what an engine takes: as {@link adapt}, but undefined is NULL.
 * @param what - opens every message, such as `"result of the function f"`
 * @throws {InterfaceError} when the value is of a kind that SQLite cannot store, or its adapter fails
 * @throws {DataError} when a bigint is outside int64, or a string has a lone surrogate
 */
export function adaptResult(value: unknown, what: string): BoundValue {
  return value === undefined ? null : store(value, what, result, HANDOVERS);
}

function store(value: unknown, label: Label, place: Place, handovers: number): BoundValue {
  if (typeof value === "number") {
    if (!Number.isNaN(value)) return value;
    throw new InterfaceError(`${place(label)}: NaN is not supported: bind null or a number`);
  }
  if (typeof value === "string") {
    if (isWellFormed(value)) return value;
    throw new DataError(`${place(label)}: string with a lone surrogate cannot be stored as TEXT`);
  }
  if (value === null) return null;
  if (typeof value === "bigint") {
    if (value >= INT64_MIN && value <= INT64_MAX) return value;
    throw new DataError(`${place(label)}: BigInt too large to convert to SQLite INTEGER`);
  }
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "object" || typeof value === "function") {
    return storeObject(value, label, place, handovers);
  }
  throw unsupported(value, label, place);
}

function storeObject(value: object, label: Label, place: Place, handovers: number): BoundValue {
  let known: BoundValue | undefined;
  let adapter: ((value: unknown) => unknown) | null;
  try {
    adapter = adapterOf(value);
    known = adapter === null ? (bytesOf(value) ?? dateOf(value)) : undefined;
    if (adapter === null && known === undefined) adapter = lastAdapter();
  } catch (cause) {
    // The trap of a proxy, or an object that only calls itself a Date.
    if (!(cause instanceof Unfit)) throw unsupported(value, label, place, cause);
    throw new InterfaceError(`${place(label)}: ${cause.message}`);
  }
  if (known !== undefined) return known;
  if (adapter === null) throw unsupported(value, label, place);
  if (handovers === 0) {
    throw new InterfaceError(`${place(label)}: the adapter of type '${typeName(value)}' leads to no value`);
  }
  let adapted: unknown;
  try {
    adapted = adapter(value);
  } catch (cause) {
    const message = `${place(label)}: the adapter of type '${typeName(value)}' raised an exception`;
    throw new InterfaceError(message, { cause });
  }
  return store(adapted, label, place, handovers - 1);
}

/** Of a kind that binds, but not in this state. */
class Unfit extends Error {}

/** The bytes of a typed array, a DataView or a buffer, in place; undefined for anything else. */
function bytesOf(value: object): Uint8Array | undefined {
  if (!ArrayBuffer.isView(value)) {
    const tag = Object.prototype.toString.call(value);
    if (tag !== "[object ArrayBuffer]" && tag !== "[object SharedArrayBuffer]") return undefined;
    if (isDetached(value as ArrayBufferLike)) throw new Unfit(DETACHED);
    // A DataView refuses what only calls itself a buffer; Uint8Array would read such a thing as an empty list.
    return new Uint8Array(new DataView(value as ArrayBufferLike).buffer);
  }
  // Empty is fine, emptied is not. (Asked first of the buffer: a detached DataView has no byteLength to ask for.)
  if (value instanceof Uint8Array) {
    if (value.byteLength === 0 && isDetached(value.buffer)) throw new Unfit(DETACHED);
    return value;
  }
  if (isDetached(value.buffer)) throw new Unfit(DETACHED);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

const DETACHED = "bytes that have been transferred away are not supported";

function isDetached(buffer: ArrayBufferLike): boolean {
  return "detached" in buffer && buffer.detached;
}

/** A Date as ISO 8601 text in UTC; undefined for anything else. */
function dateOf(value: object): string | undefined {
  if (Object.prototype.toString.call(value) !== "[object Date]") return undefined;
  if (Number.isNaN(Date.prototype.getTime.call(value))) throw new Unfit("an invalid Date is not supported");
  return Date.prototype.toISOString.call(value);
}

function unsupported(value: unknown, label: Label, place: Place, cause?: unknown): InterfaceError {
  const message = `${place(label)}: type '${typeName(value)}' is not supported`;
  return new InterfaceError(message, { cause });
}

/** The class of an object, else what `typeof` says. */
function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") return typeof value;
  try {
    if (Array.isArray(value)) return "array";
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) return "object";
    const name: unknown = Reflect.get(Reflect.get(prototype as object, "constructor"), "name");
    return typeof name === "string" && name !== "" ? name : "object";
  } catch {
    return "object";
  }
}
