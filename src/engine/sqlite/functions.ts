/**
 * User functions and aggregates inside SQLite: their arguments, their results, what they throw.
 * It must not adapt values (the caller hands functions that take and give storage values). Tests: test/conformance/functions.test.ts.
 */
import { isInteger } from "../../values/integers.ts";
import type { BoundValue, Reading, SqlRow } from "../../values/types.ts";
import type { FunctionRequest, UserAggregate, UserFunction } from "../port.ts";
import { narrowRow } from "./cells.ts";
import type { NativeDatabase } from "./driver.ts";
import { UserException } from "./failure.ts";

export type AggregateRequest = FunctionRequest & { readonly window: boolean };

/** Runs user code; what it throws is marked, so that it can be told from SQLite's own errors on the way out. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new UserException(error);
  }
}

/** Arguments come as bigints, so that none is rounded before it is looked at. */
function settled(args: SqlRow, reading: Reading): SqlRow {
  narrowRow(args, reading.integers);
  return args;
}

/** A result as better-sqlite3 takes it: a number would be a REAL. */
function given(result: BoundValue): BoundValue {
  return typeof result === "number" && isInteger(result) ? BigInt(result) : result;
}

/** better-sqlite3 reads a function's arity off its `length`. */
function withArity<F extends (...args: never[]) => unknown>(fn: F, arity: number): F {
  return Object.defineProperty(fn, "length", { value: Math.max(arity, 0) });
}

export function defineFunction(db: NativeDatabase, request: FunctionRequest, fn: UserFunction): void {
  const { name, nArgs, deterministic, directOnly, reading } = request;
  db.function(
    name,
    { varargs: nArgs < 0, deterministic, directOnly, safeIntegers: true },
    withArity((...args: SqlRow) => guarded(() => given(fn(...settled(args, reading)))), nArgs),
  );
}

/** A group is made with its first row: one without rows has no instance, and its result is NULL, as in Python. */
interface Accumulator {
  group: UserAggregate | null;
}

export function defineAggregate(
  db: NativeDatabase,
  request: AggregateRequest,
  start: () => UserAggregate,
): void {
  const { name, nArgs, deterministic, directOnly, reading, window } = request;
  // better-sqlite3 counts the accumulator as the first argument.
  const arity = nArgs + 1;
  const step = (accumulator: Accumulator, ...args: SqlRow) =>
    guarded(() => {
      accumulator.group ??= start();
      accumulator.group.step(...settled(args, reading));
    });
  const inverse = (accumulator: Accumulator, ...args: SqlRow) =>
    guarded(() => accumulator.group?.inverse?.(...settled(args, reading)));
  db.aggregate<Accumulator>(name, {
    deterministic,
    directOnly,
    safeIntegers: true,
    varargs: nArgs < 0,
    start: () => ({ group: null }),
    step: withArity(step, arity),
    ...(window ? { inverse: withArity(inverse, arity) } : {}),
    result: ({ group }) =>
      guarded(() => {
        if (group === null) return null;
        return given(group.value === undefined ? group.finalize() : group.value());
      }),
  });
}
