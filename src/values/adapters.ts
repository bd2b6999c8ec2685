/**
 * Adapters: how instances of a caller's class become something SQLite stores. One registry for the module, as in
 * Python. Must not decide what binds by itself (adapt.ts does). Tests: test/unit/values/adapters.test.ts.
 */
import { InterfaceError } from "../errors/tree.ts";

/** Turns an instance into something that binds: any {@link SqlInput}, or again an instance with an adapter. */
export type Adapter<T> = (value: T) => unknown;

/** A class, or anything that `instanceof` takes. */
export type AdaptableClass<T> = abstract new (...args: never[]) => T;

type StoredAdapter = (value: never) => unknown;

const byPrototype = new Map<object, StoredAdapter>();

/** A prototype chain behind a proxy can go on for ever. */
const CHAIN = 1000;

/**
 * Registers how instances of a class, and of its subclasses that have no adapter of their own, are bound.
 * It takes the place of what is built in for Date, typed arrays and ArrayBuffer. One registered for `Object` itself
 * is asked last, after what is built in.
 * @param type - the class
 * @param fn - the adapter; null takes it away, and what is built in comes back
 * @throws {InterfaceError} when `type` is not a class or `fn` neither a function nor null
 * @see https://docs.python.org/3/library/sqlite3.html#sqlite3.register_adapter
 */
export function registerAdapter<T>(type: AdaptableClass<T>, fn: Adapter<T> | null): void {
  const prototype: unknown = typeof type === "function" ? type.prototype : undefined;
  if (prototype === null || typeof prototype !== "object") {
    throw new InterfaceError(`expected a class to register an adapter for, got ${typeof type}`);
  }
  if (fn === null) byPrototype.delete(prototype);
  else if (typeof fn === "function") byPrototype.set(prototype, fn);
  else throw new InterfaceError(`expected a function or null as the adapter, got ${typeof fn}`);
}

/** The adapter of the nearest class in the value's prototype chain, `Object` left out; null when there is none. */
export function adapterOf(value: object): ((value: unknown) => unknown) | null {
  if (byPrototype.size === 0) return null;
  let prototype: object | null = Object.getPrototypeOf(value);
  for (let steps = 0; steps < CHAIN && prototype !== null && prototype !== Object.prototype; steps++) {
    const found = byPrototype.get(prototype);
    if (found !== undefined) return found as (value: unknown) => unknown;
    prototype = Object.getPrototypeOf(prototype);
  }
  return null;
}

/** The adapter registered for `Object` itself, for values that no other rule takes. */
export function lastAdapter(): ((value: unknown) => unknown) | null {
  return (byPrototype.get(Object.prototype) ?? null) as ((value: unknown) => unknown) | null;
}
