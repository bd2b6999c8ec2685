/**
 * The worker: owns one engine and carries out the calls that come, in order. The only file that runs on that thread.
 * It must not decide anything about a call. Tests: test/unit/engine/thread/offload.test.ts.
 */
import { parentPort, workerData } from "node:worker_threads";
import { toPlain } from "../../errors/plain.ts";
import type { BatchReply, Engine, ExecuteRequest, Lookup, Page } from "../port.ts";
import { AnswersSent } from "./answers.ts";
import { ownReplies } from "./buffers.ts";
import { Caller, isThrownRef } from "./callback.ts";
import { type CallsMessage, CallsReceived } from "./calls.ts";
import { CancelsReceived } from "./cancels.ts";
import { HostFunctions } from "./host-functions.ts";
import { listen } from "./mailbox.ts";
import { type Answer, type Call, type FromHost, type HostData, SHARED } from "./messages.ts";
import { isAlike, Pace } from "./pace.ts";
import { isOfReader, ReadAhead } from "./read-ahead.ts";

/** How long answers wait for others to share a message with, in milliseconds, while the calls to come are quick ones. */
const PATIENCE = 0.25;
/** A clock is a twentieth of a lookup: of quick calls that are alike and follow each other, so many share a look at it. */
const UNTIMED = 8;
/** So many answers do not wait when no more calls than that are still to come: then both threads are at work. */
const ENOUGH = 16;

type Loose = (...args: readonly unknown[]) => unknown;

const data = workerData as HostData;
const inTransaction = () => opened?.inTransaction === true;
const answers = new AnswersSent(post, inTransaction);
const caller = new Caller(data.callbacks, data.memory, () => answers.send());
const cancels = new CancelsReceived(data.cancels, data.memory);
const functions = new HostFunctions(caller, post);
const callsReceived = new CallsReceived();
const pace = new Pace(inTransaction);
let opened: Engine | null = null;
let readAhead: ReadAhead | null = null;

function post(message: FromHost, buffers: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, buffers);
}

async function makeEngine(): Promise<Engine> {
  Atomics.wait(data.memory, SHARED.taken, 1);
  if (data.engine === "replica") {
    const [{ openReplica }, { block }] = await Promise.all([
      import("../replica/open.ts"),
      import("./block.ts"),
    ]);
    return openReplica(data.options as Parameters<typeof openReplica>[0], block);
  }
  const { SqliteEngine } = await import("../sqlite/engine.ts");
  return new SqliteEngine(data.options as ConstructorParameters<typeof SqliteEngine>[0]);
}

/** Carries out a statement: most calls are one, and nothing of them has to be put in its place first. */
function execute(engine: Engine, id: number, request: ExecuteRequest): void {
  const lookup = isLookup(request) ? (engine.lookup?.(request.sql) ?? null) : null;
  if (lookup !== null) lookUp(id, lookup, request);
  else executeReally(engine, id, request);
}

/** Whether a row is all that is wanted, and nothing of the transaction. */
function isLookup({ rows, reads, begin, guard, discard }: ExecuteRequest): boolean {
  return rows === "first" && reads && begin === null && !guard && discard === 0;
}

function lookUp(id: number, lookup: Lookup, { sql, values, reading }: ExecuteRequest): void {
  const row = lookup.first(values, reading);
  const rows = row === null ? [] : [row];
  const columns = answers.refer(sql, lookup.columns);
  answers.addReply(id, { rows, reader: 0, error: null, changes: -1, lastrowid: null, columns });
}

function executeReally(engine: Engine, id: number, request: ExecuteRequest): void {
  const reply = engine.execute(request);
  const { rows, reader, changes, lastrowid } = reply;
  const error = reply.error === null ? null : toPlain(reply.error);
  // The columns are told only when they are looked at.
  const columns = answers.refer(request.sql, reply.columns);
  answers.addReply(id, { rows, reader, error, changes, lastrowid, columns });
}

/** Adds an answer as plain data, an error in it too. */
function add(id: number, value: unknown): void {
  if (typeof value !== "object" || value === null || !("error" in value)) answers.add({ id, value });
  else {
    const error = value.error === null ? null : toPlain(value.error);
    if ("rows" in value) answers.addPage(id, { ...(value as Page), error });
    else if ("replies" in value)
      answers.add({ id, value: { ...value, replies: ownReplies((value as BatchReply).replies), error } });
    else answers.add({ id, value: { ...value, error } });
  }
}

function failed(id: number, error: unknown): Answer {
  return isThrownRef(error) ? { id, ...error } : { id, error: toPlain(error) };
}

/** @returns a promise for a backup, which lets others have their turn between its steps, and for a module to load */
function carryOut(engine: Engine, call: Call): Promise<Answer> | null {
  const { id, method, args } = call;
  caller.call = id;
  if (method !== "execute") return carryOutOther(engine, call);
  try {
    execute(engine, id, args[0] as ExecuteRequest);
  } catch (error) {
    answers.add(failed(id, error));
  }
  return null;
}

function carryOutOther(engine: Engine, { id, method, args }: Call): Promise<Answer> | null {
  const target = isOfReader(method) ? (readAhead ?? engine) : engine;
  const perform = (real: readonly unknown[]) => (target[method as "fetch"] as Loose).apply(target, [...real]);
  const later = (result: Promise<unknown>) =>
    result.then(
      (value): Answer => ({ id, value }),
      (error: unknown) => failed(id, error),
    );
  try {
    readAhead?.before(method);
    const real = functions.real(args);
    if (real instanceof Promise) return later(real.then(perform));
    const result = perform(method === "backup" ? withEnd(id, real) : real);
    if (result instanceof Promise) return later(result);
    add(id, result);
  } catch (error) {
    answers.add(failed(id, error));
  }
  return null;
}

/** Answers a call that is not to be carried out. */
function leaveOut({ id }: Call): null {
  answers.add({ id, leftOut: true });
  return null;
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
let isClosed = false;

/** When the first of the answers that wait was ready. */
let since = 0;
/** How many calls have begun. */
let begun = 0;

/** How many calls have been posted and have not begun, as far as has been told. */
function stillToCome(): number {
  return (Atomics.load(data.memory, SHARED.posted) - begun) | 0;
}

/** Carries out the calls of a message. */
function serve(engine: Engine, calls: readonly Call[]): void {
  if (waiting !== null) {
    waiting.push(...calls);
    return;
  }
  let before = performance.now();
  let untimed = 0;
  for (let i = 0; i < calls.length; i++) {
    const call = calls[i] as Call;
    begun++;
    const isQuick = answers.count > 0 && !call.isStoppable && pace.isQuick(call);
    if (!isQuick) answers.send();
    const late = cancels.begin(call.id) ? leaveOut(call) : carryOut(engine, call);
    if (late !== null) {
      const sent = sendLate(call, late);
      if (call.method === "backup") continue;
      waiting = calls.slice(i + 1);
      void sent.then(() => {
        const next = waiting ?? [];
        waiting = null;
        serve(engine, next);
      });
      break;
    }
    cancels.end(call.id);
    untimed++;
    if (isQuick && untimed < UNTIMED && isAlike(call, calls[i + 1])) continue;
    const now = performance.now();
    pace.note(call, (now - before) / untimed);
    before = now;
    untimed = 0;
    if (answers.count <= 1) since = now;
    else if (now - since > PATIENCE || (answers.count >= ENOUGH && answers.count >= stillToCome()))
      answers.send();
  }
  const isOver = calls.at(-1)?.method === "close";
  if (stillToCome() <= 0 || isOver || waiting !== null) answers.send();
  // A backup that the closing has stopped still has to say so.
  if (isOver) {
    isClosed = true;
    void Promise.all(unanswered).then(() => parentPort?.close());
  }
}

function sendLate({ id }: Call, answer: Promise<Answer>): Promise<void> {
  const late = answer.then((settled) => {
    answers.add(settled);
    answers.send();
    unanswered.delete(late);
    cancels.end(id);
  });
  unanswered.add(late);
  return late;
}

try {
  const engine = await makeEngine();
  opened = engine;
  readAhead = new ReadAhead(engine);
  const take = (message: CallsMessage) => serve(engine, callsReceived.decode(message));
  const idle = () => {
    answers.send();
    readAhead?.idle();
    return unanswered.size === 0 && !isClosed;
  };
  if (parentPort !== null) listen(parentPort, data.memory, { take, idle, leave: () => answers.send() });
  post({ kind: "ready", name: engine.name, path: engine.path });
} catch (error) {
  post({ kind: "failed", error: toPlain(error) });
}
