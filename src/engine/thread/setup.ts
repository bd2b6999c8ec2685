/**
 * What calls have left behind in an engine that the next one needs too: functions, extensions, the trace.
 * It must not know workers. Tests: test/conformance/cancel-*.test.ts.
 */
import type { FunctionRequest, Method } from "../port.ts";
import type { Callbacks } from "./callback.ts";
import { isCallbackRef } from "./callback.ts";
import type { Call } from "./messages.ts";

const KEPT: ReadonlySet<Method> = new Set(["defineFunction", "defineAggregate", "trace", "loadExtension"]);

export class Setup {
  readonly #callbacks: Callbacks;
  /** In the order in which they were made, by what they set up. */
  readonly #calls = new Map<string, Call>();

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
  }

  /** Notes a call that has succeeded, in the place of one that it makes void. */
  note(call: Call): void {
    if (!KEPT.has(call.method)) return;
    const key = keyOf(call);
    for (const arg of this.#calls.get(key)?.args ?? []) if (isCallbackRef(arg)) this.#callbacks.remove(arg);
    this.#calls.delete(key);
    this.#calls.set(key, call);
  }

  calls(): Iterable<Call> {
    return this.#calls.values();
  }
}

function keyOf({ method, args: [first] }: Call): string {
  if (method === "trace") return method;
  if (method === "loadExtension") return `${method} ${first}`;
  const { name, nArgs } = first as FunctionRequest;
  return `function ${name.toLowerCase()}/${nArgs}`;
}
