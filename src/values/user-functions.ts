/**
 * Functions and classes of the user's as an engine calls them: their results adapted to what SQLite stores.
 * It must not know connections or threads: what goes on around a call is handed in.
 * Tests: test/conformance/functions.test.ts, aggregates.test.ts.
 */
import { InterfaceError } from "../errors/tree.ts";
import { adaptResult } from "./adapt.ts";
import type { BoundValue, SqlRow } from "./types.ts";

/** What is called with whatever SQLite hands over; the types of the parameters are the caller's promise. */
export type Loose = (...args: readonly unknown[]) => unknown;

/** A class whose instances each compute one group, or one window. */
export type GroupClass = new () => object;

/** How user code is called. */
export interface Calling {
  /** What goes on around each call. */
  readonly around: <R>(run: () => R) => R;
  /** Whether a promise is waited for; else it is a value that does not bind. */
  readonly mayPromise: boolean;
}

/** @throws {InterfaceError} for a class that lacks a method of an aggregate, or of a window */
export function checkGroupClass(Class: unknown, name: string, window: boolean): asserts Class is GroupClass {
  const needed = window ? ["step", "inverse", "value", "finalize"] : ["step", "finalize"];
  for (const method of needed) {
    if (typeof Class !== "function" || typeof Class.prototype?.[method] !== "function") {
      throw new InterfaceError(
        `the class of ${name} must have the methods ${needed.join(", ")}: it has no ${method}`,
      );
    }
  }
}

/** What a function gives as a value that binds; a promise of one stays a promise, whatever the type says. */
function adapted(result: unknown, name: string, mayPromise: boolean): BoundValue {
  if (mayPromise && result instanceof Promise) {
    return result.then((value) => adapted(value, name, false)) as unknown as BoundValue;
  }
  return adaptResult(result, `result of the function ${name}`);
}

/** A function whose result binds. */
export function adaptedFunction(
  fn: Loose,
  name: string,
  { around, mayPromise }: Calling,
): (...args: SqlRow) => BoundValue {
  return (...args) => around(() => adapted(fn(...args), name, mayPromise));
}

/** One instance of the user's class, whose results bind. */
export function adaptedGroup(
  Class: GroupClass,
  name: string,
  window: boolean,
  { around, mayPromise }: Calling,
) {
  const instance = around(() => new Class()) as Readonly<Record<string, Loose | undefined>>;
  // What `step` returns is nothing to hand on, but where it is a promise, something to wait for.
  const take =
    (method: string) =>
    (...args: SqlRow): unknown => {
      const done = around(() => instance[method]?.(...args));
      return mayPromise && done instanceof Promise ? done : undefined;
    };
  const give = (method: string) => (): BoundValue =>
    around(() => adapted(instance[method]?.(), name, mayPromise));
  const aggregate = { step: take("step"), finalize: give("finalize") };
  return window ? { ...aggregate, inverse: take("inverse"), value: give("value") } : aggregate;
}
