/**
 * User functions, aggregates and window functions: their definition checked.
 * It must not know how an engine calls them. Tests: test/conformance/functions.test.ts.
 */
import type * as port from "../engine/port.ts";
import { InterfaceError, ProgrammingError } from "../errors/tree.ts";
import {
  adaptedFunction,
  adaptedGroup,
  type Calling,
  checkGroupClass,
  type GroupClass,
  type Loose,
} from "../values/user-functions.ts";
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

/**
 * A function, or a class, that a module exports. It runs in the worker thread, so that the worker need not wait for this one;
 * what it imports is loaded there, adapters included.
 */
export interface ModuleFunction {
  /** Where the module is: `new URL("./functions.js", import.meta.url)`. */
  readonly module: string | URL;
  /** The name of the export. Default `"default"`. */
  readonly export?: string;
}

/** SQLite's own limit. */
const MOST_ARGUMENTS = 100;

function request(
  session: Session,
  name: unknown,
  nArgs: unknown,
  options: FunctionOptions | undefined,
): port.FunctionRequest {
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
function calling(session: Session): Calling {
  const around = <R>(run: () => R): R => {
    session.callbacks++;
    try {
      return session.aroundCallbacks === null ? run() : session.aroundCallbacks(run);
    } finally {
      session.callbacks--;
    }
  };
  return { around, mayPromise: session.aroundCallbacks !== null };
}

export function* createFunction(
  session: Session,
  name: string,
  nArgs: number,
  fn: SqlFunction | ModuleFunction,
  options: FunctionOptions | undefined,
): Operation<void> {
  const isModule = isModuleFunction(fn);
  if (!isModule && typeof fn !== "function")
    throw new InterfaceError(`the function ${name} must be a function, not ${typeof fn}`);
  const definition = request(session, name, nArgs, options);
  const defined = isModule ? checkModule(fn) : adaptedFunction(fn as Loose, name, calling(session));
  yield* call("defineFunction", definition, defined);
}

export function* createAggregate(
  session: Session,
  name: string,
  nArgs: number,
  Class: AggregateClass | WindowClass | ModuleFunction,
  options: FunctionOptions | undefined,
  window: boolean,
): Operation<void> {
  const isModule = isModuleFunction(Class);
  if (!isModule) checkGroupClass(Class, name, window);
  const definition = { ...request(session, name, nArgs, options), window };
  const start = isModule
    ? checkModule(Class)
    : () => adaptedGroup(Class as GroupClass, name, window, calling(session));
  yield* call("defineAggregate", definition, start);
}

function isModuleFunction(fn: unknown): fn is ModuleFunction {
  return typeof fn === "object" && fn !== null && "module" in fn;
}

/** @throws {InterfaceError} unless it says where the module is, whoever looks */
function checkModule({ module, export: name = "default" }: ModuleFunction): port.ModuleFunction {
  const url = module instanceof URL ? module.href : module;
  if (typeof url !== "string" || !URL.canParse(url)) {
    throw new InterfaceError("module must be a URL, such as new URL('./functions.js', import.meta.url)");
  }
  if (typeof name !== "string") throw new InterfaceError("export must be a string");
  return { module: url, export: name };
}
