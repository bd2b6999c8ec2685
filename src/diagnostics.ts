/**
 * The tracing channels of the driver, and the channel of its pools. A subscriber sees statements and durations, never bound values; while there is
 * none, a call costs one look. It must not know connections. Tests: test/conformance/diagnostics.test.ts.
 * @see https://nodejs.org/api/diagnostics_channel.html#class-tracingchannel
 */
import { channel, tracingChannel } from "node:diagnostics_channel";

/** What `sqlite-dbapi:execute` publishes for each call that runs SQL. */
export interface ExecuteTrace {
  readonly sql: string;
  /** The name that the connection was opened with. */
  readonly database: string;
  /** Milliseconds; from the `end` event on. */
  duration?: number;
  /** Rows that the call has read so far; from the `end` event on. */
  rows?: number;
}

/** What `sqlite-dbapi:connect` publishes. */
export interface ConnectTrace {
  readonly database: string;
  /** Milliseconds; from the `end` event on. */
  duration?: number;
}

const executeChannel = tracingChannel<string, ExecuteTrace>("sqlite-dbapi:execute");
const connectChannel = tracingChannel<string, ConnectTrace>("sqlite-dbapi:connect");

/** What `sqlite-dbapi:pool` publishes, a plain channel: what becomes of a connection of a pool. */
export interface PoolTrace {
  /** Handed out, taken back, or lost and to be made anew. */
  readonly event: "acquire" | "release" | "replace";
  readonly kind: "reader" | "writer";
  /** The name that the pool was opened with. */
  readonly database: string;
  /** With `acquire`: how long the caller has waited, in milliseconds. */
  readonly waited?: number;
  /** With `release`: how long the caller has had it, in milliseconds. */
  readonly held?: number;
}

const poolChannel = channel("sqlite-dbapi:pool");

/** Whether anybody listens to pools. */
export function isPoolTraced(): boolean {
  return poolChannel.hasSubscribers;
}

/** Tells who listens what has become of a connection. */
export function tracePool(trace: PoolTrace): void {
  poolChannel.publish(trace);
}

/** Whether anybody listens to statements. */
export function isTraced(): boolean {
  return executeChannel.hasSubscribers;
}

/** Runs a call that runs SQL, and tells who listens. */
export function traceExecute<R>(
  database: string,
  sql: string,
  work: () => R,
  rowsOf: (result: R) => number,
): R {
  const trace: ExecuteTrace = { sql, database };
  return executeChannel.traceSync(() => {
    const start = performance.now();
    try {
      const result = work();
      trace.rows = rowsOf(result);
      return result;
    } finally {
      trace.duration = performance.now() - start;
    }
  }, trace);
}

/** The same for a call that promises. */
export function traceExecuteAsync<R>(
  database: string,
  sql: string,
  work: () => Promise<R>,
  rowsOf: (result: R) => number,
): Promise<R> {
  const trace: ExecuteTrace = { sql, database };
  return executeChannel.tracePromise(async () => {
    const start = performance.now();
    try {
      const result = await work();
      trace.rows = rowsOf(result);
      return result;
    } finally {
      trace.duration = performance.now() - start;
    }
  }, trace);
}

/** Opens a connection, and tells who listens. */
export function traceConnect<R>(database: string, work: () => R): R {
  if (!connectChannel.hasSubscribers) return work();
  const trace: ConnectTrace = { database };
  return connectChannel.traceSync(() => {
    const start = performance.now();
    try {
      return work();
    } finally {
      trace.duration = performance.now() - start;
    }
  }, trace);
}

/** The same where opening is promised. */
export function traceConnectAsync<R>(database: string, work: () => Promise<R>): Promise<R> {
  if (!connectChannel.hasSubscribers) return work();
  const trace: ConnectTrace = { database };
  return connectChannel.tracePromise(async () => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      trace.duration = performance.now() - start;
    }
  }, trace);
}
