/**
 * The worker: owns one engine and carries out the calls that come, in order. The only file that runs on that thread.
 * It must not decide anything about a call. Tests: test/unit/engine/thread/offload.test.ts.
 */
import { parentPort, workerData } from "node:worker_threads";
import { toPlain } from "../../errors/plain.ts";
import type { Engine, ExecuteReply, ExecuteRequest } from "../port.ts";
import { Caller, isThrownRef } from "./callback.ts";
import { CancelsReceived } from "./cancels.ts";
import { ColumnsSent } from "./columns.ts";
import { HostFunctions } from "./host-functions.ts";
import type { Answer, Call, FromHost, HostData } from "./messages.ts";

/** How long answers wait for the rest of their message, in milliseconds. */
const PATIENCE = 2;

type Loose = (...args: readonly unknown[]) => unknown;

const data = workerData as HostData;
const caller = new Caller(data.callbacks, data.memory);
const cancels = new CancelsReceived(data.cancels, data.memory);
const functions = new HostFunctions(caller, post);
const columnsSent = new ColumnsSent();

function post(message: FromHost): void {
  parentPort?.postMessage(message);
}

async function makeEngine(): Promise<Engine> {
  const { SqliteEngine } = await import("../sqlite/engine.ts");
  return new SqliteEngine(data.options as ConstructorParameters<typeof SqliteEngine>[0]);
}

/** An answer as plain data: errors in it too, and the columns, which the engine tells only when they are looked at. */
function plain(value: unknown, args: readonly unknown[]): unknown {
  if (typeof value !== "object" || value === null || !("error" in value)) return value;
  const error = value.error === null ? null : toPlain(value.error);
  if (!("columns" in value)) return { ...value, error };
  const { rows, reader, changes, lastrowid, columns } = value as ExecuteReply;
  const ref = columnsSent.refer((args[0] as ExecuteRequest).sql, columns);
  return { rows, reader, error, changes, lastrowid, columns: ref };
}

/** @returns a promise for a backup, which lets others have their turn between its steps, and for a module to load */
function carryOut(engine: Engine, { id, method, args }: Call): Answer | Promise<Answer> {
  const perform = (real: readonly unknown[]) => (engine[method] as Loose).apply(engine, [...real]);
  const succeeded = (value: unknown): Answer => ({ id, value });
  const failed = (error: unknown): Answer =>
    isThrownRef(error) ? { id, ...error } : { id, error: toPlain(error) };
  caller.call = id;
  try {
    const real = functions.real(args);
    if (real instanceof Promise) return real.then(perform).then(succeeded, failed);
    const result = perform(method === "backup" ? withEnd(id, real) : real);
    if (result instanceof Promise) return result.then(succeeded, failed);
    return { id, value: plain(result, args) };
  } catch (error) {
    return failed(error);
  }
}

/** A backup's arguments, with a progress function that ends it when it is cancelled. */
function withEnd(id: number, [request, progress]: readonly unknown[]): unknown[] {
  const tell = (...told: readonly unknown[]) => {
    if (cancels.has(id)) throw new Error("cancelled");
    caller.call = id;
    (progress as Loose | null)?.(...told);
  };
  return [request, tell];
}

/** Backups under way, and a module that is loaded. */
const unanswered = new Set<Promise<void>>();
/** Calls that wait for the module. */
let waiting: Call[] | null = null;

/** Carries out the calls of a message; answers that are ready do not wait for a slow call behind them. */
function serve(engine: Engine, calls: readonly Call[]): void {
  if (waiting !== null) {
    waiting.push(...calls);
    return;
  }
  let answers: Answer[] = [];
  let since = performance.now();
  const send = () => {
    if (answers.length > 0) post({ kind: "answers", answers, inTransaction: engine.inTransaction });
    answers = [];
    since = performance.now();
  };
  for (const [i, call] of calls.entries()) {
    if (call.isStoppable) send();
    const answer = cancels.begin(call.id) ? null : carryOut(engine, call);
    if (answer instanceof Promise) {
      const late = sendLate(engine, call, answer);
      if (call.method === "backup") continue;
      waiting = calls.slice(i + 1);
      void late.then(() => {
        const next = waiting ?? [];
        waiting = null;
        serve(engine, next);
      });
      break;
    }
    if (answer !== null) answers.push(answer);
    cancels.end(call.id);
    if (performance.now() - since > PATIENCE) send();
  }
  send();
  // A backup that the closing has stopped still has to say so.
  if (calls.at(-1)?.method === "close") void Promise.all(unanswered).then(() => parentPort?.close());
}

function sendLate(engine: Engine, { id }: Call, answer: Promise<Answer>): Promise<void> {
  const late = answer.then((settled) => {
    post({ kind: "answers", answers: [settled], inTransaction: engine.inTransaction });
    unanswered.delete(late);
    cancels.end(id);
  });
  unanswered.add(late);
  return late;
}

try {
  const engine = await makeEngine();
  parentPort?.on("message", (calls: readonly Call[]) => serve(engine, calls));
  post({ kind: "ready", name: engine.name, path: engine.path });
} catch (error) {
  post({ kind: "failed", error: toPlain(error) });
}
