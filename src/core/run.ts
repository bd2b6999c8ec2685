/**
 * The two loops of the driver: an operation is a generator that asks for engine calls, and these carry them out, on an
 * engine that answers or on one that promises. This is the only place in core that knows of promises.
 * Tests: test/unit/core/run.test.ts.
 */
import type { AsyncEngine, Cancellation, Engine, Method } from "../engine/port.ts";
import { interrupted } from "../errors/interrupted.ts";

/** What can end an operation before its time. */
export interface Stop {
  /** Why the operation is to end, once it is. */
  readonly why: Cancellation | null;
  /** Called at that moment. */
  onStop: ((why: Cancellation) => void) | null;
}

/** What an operation asks for: a call of the engine, of a function of the caller's, or to hand something out. */
type Step =
  | { readonly method: Method; readonly args: readonly unknown[] }
  | { readonly method: null; readonly fn: () => unknown }
  | { readonly method: "emit"; readonly item: unknown };

/** What an operation means, with its engine calls left to whoever runs it. */
export type Operation<T> = Generator<Step, T, unknown>;

/** Asks for an engine call. */
export function* call<M extends Method>(
  method: M,
  ...args: Parameters<Engine[M]>
): Generator<Step, Awaited<ReturnType<Engine[M]>>, unknown> {
  return (yield { method, args }) as Awaited<ReturnType<Engine[M]>>;
}

/** Asks for a call of the caller's own code, which may return a promise where promises are awaited. */
export function* invoke<R>(fn: () => R): Generator<Step, Awaited<R>, unknown> {
  return (yield { method: null, fn }) as Awaited<R>;
}

/** Hands an item of a long answer to the caller, who may never ask for the next. */
export function* emit(item: unknown): Generator<Step, void, unknown> {
  yield { method: "emit", item };
}

/** An operation of one step. */
function* only(step: Step): Operation<unknown> {
  return yield step;
}

function perform(step: Step, engine: Engine | AsyncEngine): unknown {
  if (step.method === null) return step.fn();
  if (step.method === "emit") return undefined;
  const method = engine[step.method] as (...args: readonly unknown[]) => unknown;
  return method.apply(engine, [...step.args]);
}

/** Runs an operation on an engine that answers at once. */
export function run<T>(operation: Operation<T>, engine: Engine): T {
  let step = operation.next();
  while (!step.done) {
    let answer: unknown;
    try {
      answer = perform(step.value, engine);
    } catch (error) {
      step = operation.throw(error);
      continue;
    }
    step = operation.next(answer);
  }
  return step.value;
}

/** Runs an operation, waiting for each answer. An engine that answers at once serves as well: a backup needs it. */
export async function runAsync<T>(operation: Operation<T>, engine: Engine | AsyncEngine): Promise<T> {
  let step = operation.next();
  while (!step.done) {
    let answer: unknown;
    try {
      answer = await perform(step.value, engine);
    } catch (error) {
      step = operation.throw(error);
      continue;
    }
    step = operation.next(answer);
  }
  return step.value;
}

/**
 * The same for an operation that may be stopped. It is told as its engine call is: by an exception, once. What it still
 * does after that is its way out, and runs to the end.
 */
export async function runUntil<T>(operation: Operation<T>, engine: AsyncEngine, stop: Stop): Promise<T> {
  let isTold = false;
  let step = operation.next();
  while (!step.done) {
    let answer: unknown;
    try {
      answer = await (isTold ? perform(step.value, engine) : performUntil(step.value, engine, stop));
    } catch (error) {
      isTold ||= stop.why !== null;
      step = operation.throw(error);
      continue;
    }
    step = operation.next(answer);
  }
  return step.value;
}

async function performUntil(step: Step, engine: AsyncEngine, stop: Stop): Promise<unknown> {
  if (stop.why !== null) throw interrupted(stop.why, "not-executed");
  // Code of the caller's is stopped by whoever has wrapped it.
  if (step.method === null || step.method === "emit") return perform(step, engine);
  const call = engine.stoppable(step.method, step.args);
  stop.onStop = (why) => call.stop(why);
  try {
    return await call.answer;
  } finally {
    stop.onStop = null;
  }
}

/** Runs an operation that hands out items, as far as the caller asks for them; its `finally` runs all the same. */
export function* generate<Item>(
  operation: Operation<void>,
  engine: Engine,
): Generator<Item, void, undefined> {
  let step = operation.next();
  const advance = () => {
    if (step.done) return;
    let answer: unknown;
    try {
      answer = perform(step.value, engine);
    } catch (error) {
      step = operation.throw(error);
      return;
    }
    step = operation.next(answer);
  };
  try {
    while (!step.done) {
      if (step.value.method === "emit") yield step.value.item as Item;
      advance();
    }
  } finally {
    if (!step.done) {
      step = operation.return();
      while (!step.done) advance();
    }
  }
}

/** The same where answers are promised. @param runStep runs an operation of one step, when it may */
export async function* generateAsync<Item>(
  operation: Operation<void>,
  runStep: (operation: () => Operation<unknown>) => Promise<unknown>,
): AsyncGenerator<Item, void, undefined> {
  let step = operation.next();
  const advance = async () => {
    if (step.done) return;
    let answer: unknown;
    try {
      const { value } = step;
      if (value.method !== "emit") answer = await runStep(() => only(value));
    } catch (error) {
      step = operation.throw(error);
      return;
    }
    step = operation.next(answer);
  };
  try {
    while (!step.done) {
      if (step.value.method === "emit") yield step.value.item as Item;
      await advance();
    }
  } finally {
    if (!step.done) {
      step = operation.return();
      while (!step.done) await advance();
    }
  }
}
