/**
 * The worker: owns one engine and carries out the calls that come, in order. The only file that runs on that thread.
 * It must not decide anything about a call. Tests: test/unit/engine/thread/offload.test.ts.
 */
import { parentPort, workerData } from "node:worker_threads";
import { toPlain } from "../../errors/plain.ts";
import type { Engine, ExecuteReply, ExecuteRequest, UserAggregate } from "../port.ts";
import { Caller, isThrownRef } from "./callback.ts";
import { ColumnsSent } from "./columns.ts";
import type { Answer, Call, CallbackRef, FromHost, HostData } from "./messages.ts";

/** How long answers wait for the rest of their message, in milliseconds. */
const PATIENCE = 2;

type Loose = (...args: readonly unknown[]) => unknown;

const data = workerData as HostData;
const caller = new Caller(data.callbacks, data.signal);

function post(message: FromHost): void {
  parentPort?.postMessage(message);
}

async function makeEngine(): Promise<Engine> {
  const { SqliteEngine } = await import("../sqlite/engine.ts");
  return new SqliteEngine(data.options as ConstructorParameters<typeof SqliteEngine>[0]);
}

/** Puts functions in the place of what stands for them. */
function withFunctions(args: readonly unknown[]): unknown[] {
  return args.map((arg) => (isCallbackRef(arg) ? functionFor(arg) : arg));
}

function isCallbackRef(value: unknown): value is CallbackRef {
  return typeof value === "object" && value !== null && "callback" in value;
}

function functionFor({ callback, kind }: CallbackRef): Loose {
  if (kind === "event") return (...args) => post({ kind: "event", callback, args });
  if (kind === "answer") return (...args) => caller.ask({ callback, instance: null, method: "", args });
  return () => aggregateFor(callback, kind === "window");
}

/** An instance that lives on the calling thread. */
function aggregateFor(callback: number, window: boolean): UserAggregate {
  const instance = caller.ask({ callback, instance: null, method: "new", args: [] }) as number;
  const method =
    (name: string): Loose =>
    (...args) =>
      caller.ask({ callback, instance, method: name, args });
  const names = window ? ["step", "inverse", "value", "finalize"] : ["step", "finalize"];
  return Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as UserAggregate;
}

const columnsSent = new ColumnsSent();

/** An answer as plain data: errors in it too, and the columns, which the engine tells only when they are looked at. */
function plain(value: unknown, args: readonly unknown[]): unknown {
  if (typeof value !== "object" || value === null || !("error" in value)) return value;
  const error = value.error === null ? null : toPlain(value.error);
  if (!("columns" in value)) return { ...value, error };
  const { rows, reader, changes, lastrowid, columns } = value as ExecuteReply;
  const ref = columnsSent.refer((args[0] as ExecuteRequest).sql, columns);
  return { rows, reader, error, changes, lastrowid, columns: ref };
}

/** @returns a promise for a backup, which lets others have their turn between its steps */
function carryOut(engine: Engine, { id, method, args }: Call): Answer | Promise<Answer> {
  const failed = (error: unknown): Answer =>
    isThrownRef(error) ? { id, ...error } : { id, error: toPlain(error) };
  try {
    const result = (engine[method as keyof Engine] as Loose).apply(engine, withFunctions(args));
    if (result instanceof Promise) return result.then((value) => ({ id, value }), failed);
    return { id, value: plain(result, args) };
  } catch (error) {
    return failed(error);
  }
}

/** Backups under way. */
const unanswered = new Set<Promise<void>>();

/** Carries out the calls of a message; answers that are ready do not wait for a slow call behind them. */
function serve(engine: Engine, calls: readonly Call[]): void {
  let answers: Answer[] = [];
  let since = performance.now();
  const send = () => {
    if (answers.length > 0) post({ kind: "answers", answers, inTransaction: engine.inTransaction });
    answers = [];
    since = performance.now();
  };
  for (const call of calls) {
    const answer = carryOut(engine, call);
    if (answer instanceof Promise) {
      const late = answer.then((settled) => {
        post({ kind: "answers", answers: [settled], inTransaction: engine.inTransaction });
        unanswered.delete(late);
      });
      unanswered.add(late);
    } else answers.push(answer);
    if (performance.now() - since > PATIENCE) send();
  }
  send();
  // A backup that the closing has stopped still has to say so.
  if (calls.at(-1)?.method === "close") void Promise.all(unanswered).then(() => parentPort?.close());
}

try {
  const engine = await makeEngine();
  parentPort?.on("message", (calls: readonly Call[]) => serve(engine, calls));
  post({ kind: "ready", name: engine.name, path: engine.path });
} catch (error) {
  post({ kind: "failed", error: toPlain(error) });
}
