/**
 * The functions of an engine in a worker: those that stayed on the calling thread, for whose answers the engine parks, and
 * those of a module, which is loaded here. It must not know engines. Tests: test/conformance/functions.test.ts.
 */
import { InterfaceError } from "../../errors/tree.ts";
import {
  adaptedFunction,
  adaptedGroup,
  type Calling,
  checkGroupClass,
  type Loose,
} from "../../values/user-functions.ts";
import type { FunctionRequest, ModuleFunction, UserAggregate } from "../port.ts";
import { type Caller, isCallbackRef } from "./callback.ts";
import type { CallbackRef, FromHost } from "./messages.ts";

export class HostFunctions {
  readonly #caller: Caller;
  readonly #post: (message: FromHost) => void;

  constructor(caller: Caller, post: (message: FromHost) => void) {
    this.#caller = caller;
    this.#post = post;
  }

  /** Puts functions in the place of what stands for them. @returns a promise where a module has to be loaded */
  real(args: readonly unknown[]): unknown[] | Promise<unknown[]> {
    const [first, second] = args;
    if (isModuleFunction(second)) {
      return load(second, first as FunctionRequest & { readonly window?: boolean }).then((fn) => [first, fn]);
    }
    return args.map((arg) => (isCallbackRef(arg) ? this.#functionFor(arg) : arg));
  }

  #functionFor({ callback, kind }: CallbackRef): Loose {
    if (kind === "event") return (...args) => this.#post({ kind: "event", callback, args });
    if (kind === "answer") return (...args) => this.#caller.ask(callback, null, "", args);
    return () => this.#aggregateFor(callback, kind === "window");
  }

  /** An instance that lives on the calling thread. */
  #aggregateFor(callback: number, window: boolean): UserAggregate {
    const instance = this.#caller.ask(callback, null, "new", []) as number;
    const method =
      (name: string): Loose =>
      (...args) =>
        this.#caller.ask(callback, instance, name, args);
    const names = window ? ["step", "inverse", "value", "finalize"] : ["step", "finalize"];
    return Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as UserAggregate;
  }
}

function isModuleFunction(value: unknown): value is ModuleFunction {
  return typeof value === "object" && value !== null && "module" in value;
}

/** SQLite does not wait: a promise is no result here. */
const CALLING: Calling = { around: (run) => run(), mayPromise: false };

/** @throws {InterfaceError} when the module does not load, or has no such export */
async function load(
  { module, export: key }: ModuleFunction,
  { name, window }: FunctionRequest & { readonly window?: boolean },
): Promise<Loose> {
  let loaded: Readonly<Record<string, unknown>>;
  try {
    loaded = await import(module);
  } catch (cause) {
    throw new InterfaceError(`the module of the function ${name} does not load: ${module}`, { cause });
  }
  const exported = loaded[key];
  if (typeof exported !== "function") {
    throw new InterfaceError(`the module of the function ${name} exports no function '${key}': ${module}`);
  }
  if (window === undefined) return adaptedFunction(exported as Loose, name, CALLING) as Loose;
  checkGroupClass(exported, name, window);
  return () => adaptedGroup(exported, name, window, CALLING);
}
