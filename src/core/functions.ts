/**
 * User functions, aggregates and window functions: their definition checked, their results adapted.
 * It must not know how an engine calls them. Tests: test/conformance/functions.test.ts.
 */
import type { FunctionRequest, UserAggregate, UserFunction } from "../engine/port.ts";
import { InterfaceError, ProgrammingError } from "../errors/tree.ts";
import { adaptResult } from "../values/adapt.ts";
import type { BoundValue, SqlValue } from "../values/types.ts";
import { checkCallOptions, flag, wholeNumber } from "./options.ts";
import { call, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** How SQLite may use a function. */
export interface FunctionOptions {
  /** Whether the same arguments always give the same result; needed in indexes and generated columns. Default false. */
  readonly deterministic?: boolean;
  /** Whether triggers, views and the schema may not call it. Default false. */
  readonly directOnly?: boolean;
}

/** A function for SQL: its arguments are storage values, its result anything that binds; undefined is NULL. */
export type SqlFunction = (...args: never[]) => unknown;

/** A class whose instances each compute one group. */
export type AggregateClass = new () => {
  step(...args: never[]): void;
  finalize(): unknown;
};

/** A class whose instances each compute one window. */
export type WindowClass = new () => {
  step(...args: never[]): void;
  inverse(...args: never[]): void;
  value(): unknown;
  finalize(): unknown;
};

/** What is called with whatever SQLite hands over; the types of the parameters are the caller's promise. */
type Loose = (...args: SqlValue[]) => unknown;

/** SQLite's own limit. */
const MOST_ARGUMENTS = 100;

function request(
  session: Session,
  name: unknown,
  nArgs: unknown,
  options: FunctionOptions | undefined,
): FunctionRequest {
  session.enter();
  const { deterministic = false, directOnly = false } = checkCallOptions(options);
  if (typeof name !== "string" || name === "")
    throw new InterfaceError("a function's name must be a string, and not empty");
  if (name.includes("\0")) throw new ProgrammingError("the function name contains a null character");
  return {
    name,
    nArgs: wholeNumber("nArgs", nArgs, MOST_ARGUMENTS, -1),
    deterministic: flag("deterministic", deterministic),
    directOnly: flag("directOnly", directOnly),
    reading: session.reading,
  };
}

/** Runs user code inside SQLite; while it runs, the connection is taken. */
function inside<R>(session: Session, run: () => R): R {
  session.callbacks++;
  try {
    return run();
  } finally {
    session.callbacks--;
  }
}

export function* createFunction(
  session: Session,
  name: string,
  nArgs: number,
  fn: SqlFunction,
  options: FunctionOptions | undefined,
): Operation<void> {
  if (typeof fn !== "function")
    throw new InterfaceError(`the function ${name} must be a function, not ${typeof fn}`);
  const definition = request(session, name, nArgs, options);
  const what = `result of the function ${name}`;
  const adapted: UserFunction = (...args) => inside(session, () => adaptResult((fn as Loose)(...args), what));
  yield* call("defineFunction", definition, adapted);
}

export function* createAggregate(
  session: Session,
  name: string,
  nArgs: number,
  Class: AggregateClass | WindowClass,
  options: FunctionOptions | undefined,
  window: boolean,
): Operation<void> {
  const needed = window ? ["step", "inverse", "value", "finalize"] : ["step", "finalize"];
  for (const method of needed) {
    if (typeof Class !== "function" || typeof Class.prototype?.[method] !== "function") {
      throw new InterfaceError(
        `the class of ${name} must have the methods ${needed.join(", ")}: it has no ${method}`,
      );
    }
  }
  const definition = request(session, name, nArgs, options);
  yield* call("defineAggregate", { ...definition, window }, () => group(session, name, Class, window));
}

/** One instance of the user's class, behind the engine's types. */
function group(
  session: Session,
  name: string,
  Class: AggregateClass | WindowClass,
  window: boolean,
): UserAggregate {
  const instance = inside(session, () => new Class()) as unknown as Record<string, Loose>;
  const callMethod = (method: string, args: SqlValue[] = []) =>
    inside(session, () => instance[method]?.(...args));
  const answer = (method: string): BoundValue =>
    adaptResult(callMethod(method), `result of the function ${name}`);
  const aggregate: UserAggregate = {
    step: (...args) => void callMethod("step", args),
    finalize: () => answer("finalize"),
  };
  if (!window) return aggregate;
  return {
    ...aggregate,
    inverse: (...args) => void callMethod("inverse", args),
    value: () => answer("value"),
  };
}
