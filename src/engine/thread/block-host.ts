/**
 * The worker behind the synchronous face of remote databases: owns the engines of a thread's connections and carries out one
 * call at a time. It must not decide anything about a call. Tests: test/unit/engine/thread/block.test.ts.
 */
import { runAsWorker } from "synckit";
import { toPlain } from "../../errors/plain.ts";
import type { AsyncEngine, Engine, ExecuteReply } from "../port.ts";
import type { BlockAnswer, BlockCall, BlockDone, Opened } from "./block-messages.ts";
import { restoreBuffers } from "./buffers.ts";

/** How long a call may take before the calling thread is told that it is still running, milliseconds. */
const PATIENCE = 5000;

type Loose = (...args: readonly unknown[]) => Promise<unknown>;

/** What a server is opened with, or an embedded replica. */
type Options = { readonly url: string } | { readonly path: string };

/** How long the worker of an embedded replica outlives it, milliseconds: its last answer has to be on its way. */
const AFTERLIFE = 100;

interface Connection {
  readonly engine: AsyncEngine | Engine;
  /** Shown to the trace callback with the next answer. */
  readonly traced: string[];
}

const connections = new Map<number, Connection>();
/** Whether the worker is there for one connection, and ends with it. */
let isOwn = false;
let running: { readonly id: number; readonly answer: Promise<BlockDone> } | null = null;

/** The scheme of the URL says what is spoken there; an embedded replica has a path, and this worker for itself. */
async function openRemote(options: Options): Promise<AsyncEngine | Engine> {
  if ("path" in options) {
    const [{ openReplica }, { block }] = await Promise.all([
      import("../replica/open.ts"),
      import("./block.ts"),
    ]);
    return openReplica(options as Parameters<typeof openReplica>[0], block);
  }
  if (/^quicsqls?:/i.test(options.url)) return (await import("../quicsql/open.ts")).openQuicsql(options);
  return (await import("../hrana/open.ts")).openHrana(options);
}

async function open(connection: number, options: unknown): Promise<Opened> {
  isOwn = "path" in (options as object);
  const engine = await openRemote(options as Options);
  connections.set(connection, { engine, traced: [] });
  return { name: engine.name, path: engine.path };
}

async function carryOut(call: BlockCall & { readonly kind: "open" | "call" }): Promise<BlockDone> {
  let result: { readonly value: unknown } | { readonly error: ReturnType<typeof toPlain> };
  try {
    const value = call.kind === "open" ? await open(call.connection, call.options) : await callEngine(call);
    result = { value };
  } catch (error) {
    result = { error: toPlain(error) };
  }
  const connection = connections.get(call.connection);
  const done: BlockDone = {
    kind: "done",
    inTransaction: connection?.engine.inTransaction ?? false,
    traced: connection?.traced.splice(0) ?? [],
    ...result,
  };
  if (call.kind === "call" && call.method === "close") connections.delete(call.connection);
  if (isOwn && connections.size === 0) setTimeout(() => process.exit(), AFTERLIFE);
  return done;
}

async function callEngine({
  connection,
  method,
  args,
}: BlockCall & { readonly kind: "call" }): Promise<unknown> {
  const { engine, traced } = connections.get(connection) as Connection;
  const isTracing = method === "trace" && args[0] === true;
  const given = isTracing ? [(sql: string) => void traced.push(sql)] : [...args];
  const [request] = args;
  if (typeof request === "object" && request !== null && "values" in request) {
    restoreBuffers(request.values as unknown[]);
  }
  return plain(await (engine[method] as Loose).apply(engine, given));
}

/** An answer as plain data: errors in it too, and the columns, which an engine may tell only when they are looked at. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("error" in value)) return value;
  const error = value.error === null ? null : toPlain(value.error);
  if (!("columns" in value)) return { ...value, error };
  const { rows, reader, changes, lastrowid, columns } = value as ExecuteReply;
  return {
    rows,
    reader,
    error,
    changes,
    lastrowid,
    columns: columns.map(({ name, type }) => ({ name, type })),
  };
}

/** The answer of the call that is running, or the word that it still is. */
async function answerOf(id: number): Promise<BlockAnswer> {
  if (running?.id !== id) return { kind: "unknown" };
  let timer: NodeJS.Timeout | undefined;
  const pending = new Promise<BlockAnswer>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, { kind: "pending" });
  });
  try {
    return await Promise.race([running.answer, pending]);
  } finally {
    clearTimeout(timer);
  }
}

runAsWorker((call: BlockCall): Promise<BlockAnswer> => {
  if (call.kind !== "wait") running = { id: call.id, answer: carryOut(call) };
  return answerOf(call.id);
});
