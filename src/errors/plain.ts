/**
 * Errors as plain data and back: structured clone loses class, name and code on the way to another thread.
 * Must not know threads or messages, only what can be cloned. Whatever was thrown, nothing here throws: what cannot
 * be carried is described in words. Tests: test/unit/errors/plain.test.ts.
 */
import { EXCEPTIONS } from "./tree.ts";

/** An error as data that can be cloned. Causes that go in a circle stay a circle. */
export interface PlainError {
  /** Whose `type` is: this library's tree, JavaScript's own errors, or DOMException. */
  readonly family: "dbapi" | "native" | "dom";
  /** The class to build: the nearest that both sides know. */
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
  /** Every other own property, `cause` among them. */
  readonly fields: readonly PlainField[];
}

export interface PlainField {
  readonly key: string;
  readonly enumerable: boolean;
  readonly part: PlainPart;
}

/** The value of a property. Errors keep their class in a list too, such as AggregateError's `errors`. */
export type PlainPart =
  | { readonly kind: "error"; readonly error: PlainError }
  | { readonly kind: "list"; readonly items: readonly PlainPart[] }
  | { readonly kind: "value"; readonly value: unknown };

type ErrorType = Pick<PlainError, "family" | "type">;

const NATIVE = [
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SuppressedError",
  "SyntaxError",
  "TypeError",
  "URIError",
] as const;

/** How deep causes of causes are followed, and how long a prototype chain (a proxy can make it endless). */
const DEPTH = 50;

const typeByPrototype = new Map<object, ErrorType>();
for (const type of NATIVE) remember(Reflect.get(globalThis, type), { family: "native", type });
for (const [type, Class] of Object.entries(EXCEPTIONS)) remember(Class, { family: "dbapi", type });
remember(DOMException, { family: "dom", type: "DOMException" });

/** SuppressedError is newer than the oldest Node that we run on. */
function remember(Class: { readonly prototype: object } | undefined, type: ErrorType): void {
  if (Class !== undefined) typeByPrototype.set(Class.prototype, type);
}

/**
 * Turns whatever was thrown into data that structured clone takes. Never throws.
 * @param thrown - an error of any kind, or any other value, which then becomes the `cause` of a plain Error
 */
export function toPlain(thrown: unknown): PlainError {
  const type = typeOf(thrown);
  if (type !== null) return flatten(thrown as object, type, new Map(), 0);
  return {
    family: "native",
    type: "Error",
    name: "Error",
    message: `expected an error to be thrown, got ${thrown === null ? "null" : typeof thrown}`,
    stack: null,
    fields: [{ key: "cause", enumerable: false, part: partOf(thrown, new Map(), 0) }],
  };
}

/** Which class an error is of; null for what is no error. */
function typeOf(value: unknown): ErrorType | null {
  if (value === null || typeof value !== "object") return null;
  try {
    let prototype: unknown = Object.getPrototypeOf(value);
    for (let steps = 0; steps < DEPTH && prototype !== null; steps++) {
      const type = typeByPrototype.get(prototype as object);
      if (type !== undefined) return type;
      prototype = Object.getPrototypeOf(prototype);
    }
    // An error of another realm, such as a vm context: its classes are not ours, its names are.
    if (Object.prototype.toString.call(value) !== "[object Error]") return null;
    const name = read(value, "name");
    return { family: "native", type: NATIVE.find((type) => type === name) ?? "Error" };
  } catch {
    return null;
  }
}

function flatten(error: object, type: ErrorType, seen: Map<object, PlainError>, depth: number): PlainError {
  const name = read(error, "name");
  const message = read(error, "message");
  const stack = read(error, "stack");
  const fields: PlainField[] = [];
  const plain: PlainError = {
    ...type,
    name: typeof name === "string" ? name : type.type,
    message: typeof message === "string" ? message : "",
    stack: typeof stack === "string" ? stack : null,
    fields,
  };
  seen.set(error, plain);
  for (const key of keysOf(error)) {
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    fields.push({ key, enumerable, part: partOf(read(error, key), seen, depth + 1) });
  }
  return plain;
}

function partOf(value: unknown, seen: Map<object, PlainError>, depth: number): PlainPart {
  const type = typeOf(value);
  if (type !== null) {
    if (depth > DEPTH) return { kind: "value", value: "[error]" };
    const known = seen.get(value as object);
    return { kind: "error", error: known ?? flatten(value as object, type, seen, depth) };
  }
  try {
    if (depth <= DEPTH && Array.isArray(value) && value.some((item) => typeOf(item) !== null)) {
      return { kind: "list", items: value.map((item) => partOf(item, seen, depth + 1)) };
    }
    return { kind: "value", value: structuredClone(value) };
  } catch {
    return { kind: "value", value: `[${typeof value}]` };
  }
}

function keysOf(error: object): string[] {
  try {
    const keys = Object.getOwnPropertyNames(error);
    return keys.filter((key) => key !== "name" && key !== "message" && key !== "stack");
  } catch {
    return [];
  }
}

function read(object: object, key: string): unknown {
  try {
    return Reflect.get(object, key);
  } catch {
    return undefined;
  }
}

/**
 * Builds the error again: class, name, message, stack and every field, so that `instanceof` and `code` hold.
 * A class that only the other side knew comes back as the nearest one that both know, under its own `name`.
 */
export function fromPlain(plain: PlainError): globalThis.Error {
  return build(plain, new Map());
}

function build(plain: PlainError, seen: Map<PlainError, globalThis.Error>): globalThis.Error {
  const known = seen.get(plain);
  if (known !== undefined) return known;
  const error = construct(plain);
  seen.set(plain, error);
  if (error.name !== plain.name) define(error, "name", plain.name, false);
  if (plain.stack !== null) define(error, "stack", plain.stack, false);
  for (const { key, enumerable, part } of plain.fields) define(error, key, unpack(part, seen), enumerable);
  return error;
}

function construct({ family, type, name, message }: PlainError): globalThis.Error {
  if (family === "dom") return new DOMException(message, name);
  if (family === "dbapi") {
    const Class = Object.entries(EXCEPTIONS).find(([own]) => own === type)?.[1];
    return Class === undefined ? new globalThis.Error(message) : new Class(message);
  }
  // These two take other arguments first; what belongs there is among the fields.
  const args =
    type === "AggregateError"
      ? [[], message]
      : type === "SuppressedError"
        ? [null, null, message]
        : [message];
  const Class: unknown = NATIVE.some((own) => own === type) ? Reflect.get(globalThis, type) : undefined;
  return typeof Class === "function" ? Reflect.construct(Class, args) : new globalThis.Error(message);
}

function unpack(part: PlainPart, seen: Map<PlainError, globalThis.Error>): unknown {
  switch (part.kind) {
    case "error":
      return build(part.error, seen);
    case "list":
      return part.items.map((item) => unpack(item, seen));
    case "value":
      return part.value;
  }
}

function define(error: globalThis.Error, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
}
