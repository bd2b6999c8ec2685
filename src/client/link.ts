/**
 * A connection as the client uses it: a statement with its whole result, a script, and an end. The one place that knows the
 * two doors, by which the client is synchronous or promised. It must not know pools. Tests: test/client.
 */
import {
  type AsyncConnection,
  type BatchOptions,
  type BatchStatement,
  type ConnectOptions,
  connect as connectPromised,
  type IntegerMode,
} from "../aio.ts";
import { type Connection, connect, type SqlValue, type SyncReply } from "../index.ts";
import type { Settings } from "./config.ts";
import { clientClosed, hasLostWork, inBatch, interrupted, LibsqlError, translate } from "./errors.ts";
import type { Answer } from "./result-set.ts";
import type { Statement } from "./statement.ts";
import { type Awaitable, runNow, runPromised, type Steps } from "./steps.ts";
import type { Replicated } from "./types.ts";

/** A connection. What it throws or rejects with is the client's error. */
export interface Link {
  readonly inTransaction: boolean;
  readonly isClosed: boolean;
  /** It has lost what it was doing: it is to be closed, and another opened. */
  readonly isBroken: boolean;
  query(statement: Statement, signal: AbortSignal | undefined): Awaitable<Answer>;
  /**
   * Statements in one crossing: as a transaction of their own, or as a part of the open one.
   * A failure has the number of its statement, unless it is the transaction's.
   */
  batch(
    statements: readonly Statement[],
    options: BatchOptions,
    signal: AbortSignal | undefined,
  ): Awaitable<Answer[]>;
  script(sql: string, signal: AbortSignal | undefined): Awaitable<void>;
  sync(): Awaitable<Replicated>;
  /** What is on its way is finished, what comes later is refused; nobody waits for it. */
  close(): void;
}

/** What makes a client synchronous or promised. */
export interface Form {
  /** Whether to wait for something that only other code of this process can do. */
  readonly canWait: boolean;
  open(settings: Settings): Awaitable<Link>;
  /** Waits so many milliseconds. */
  pause(milliseconds: number, signal: AbortSignal | undefined): Awaitable<void>;
  /** Does work that nobody waits for. What goes wrong in it is nobody's business any more. */
  start(steps: Steps<void>): void;
}

/** A cursor after its statement. */
interface Done {
  readonly description: readonly (readonly [string, string | null, ...unknown[]])[] | null;
  readonly rowcount: number;
  readonly lastrowid: number | bigint | null;
}

function answerOf({ description, rowcount, lastrowid }: Done, rows: SqlValue[][]): Answer {
  const columns = (description ?? []).map(([name, type]) => [name, type] as const);
  return { columns, rows, changes: rowcount, lastrowid };
}

/** A batch as the doors take it. */
function batchOf(statements: readonly Statement[]): BatchStatement[] {
  return statements.map(({ sql, args }) => [sql, args] as const);
}

/** How the doors are opened: a client begins transactions itself, and waits for locks where others can go on meanwhile. */
function optionsFor({ target, intMode }: Settings): ConnectOptions {
  const integers: IntegerMode = intMode === "number" ? "auto" : "bigint";
  // How long a writer waits there is the server's to say.
  const waiting = target.kind === "server" ? {} : { timeout: 0 };
  return { ...target.options, ...waiting, autocommit: true, integers };
}

/** In the words of that library. */
function replicatedOf({ frameNo, framesSynced }: SyncReply): Replicated {
  return { frame_no: frameNo ?? 0, frames_synced: framesSynced };
}

function syncNotSupported(): LibsqlError {
  return new LibsqlError("only an embedded replica (syncUrl) can be synchronised", "SYNC_NOT_SUPPORTED");
}

abstract class BaseLink<C extends Connection | AsyncConnection> {
  protected readonly conn: C;
  isClosed = false;
  isBroken = false;
  readonly #isReplica: boolean;

  constructor(conn: C, isReplica: boolean) {
    this.conn = conn;
    this.#isReplica = isReplica;
  }

  get inTransaction(): boolean {
    return !this.isClosed && this.conn.inTransaction;
  }

  protected check(): void {
    if (this.isClosed) throw clientClosed();
  }

  protected failed(error: unknown): unknown {
    if (hasLostWork(error)) this.isBroken = true;
    return translate(error);
  }

  /** The same for a batch: with the number of the statement that it is of. */
  protected failedIn(error: unknown): unknown {
    const { index } = error as { readonly index?: number };
    return index === undefined ? this.failed(error) : inBatch(this.failed(error), index);
  }

  protected get replica(): C {
    this.check();
    if (this.#isReplica) return this.conn;
    throw syncNotSupported();
  }
}

class PlainLink extends BaseLink<Connection> implements Link {
  #do<R>(work: () => R): R {
    this.check();
    try {
      return work();
    } catch (error) {
      throw this.failed(error);
    }
  }

  query({ sql, args }: Statement): Answer {
    return this.#do(() => {
      const cursor = this.conn.execute(sql, args);
      return answerOf(cursor, cursor.fetchall());
    });
  }

  batch(statements: readonly Statement[], options: BatchOptions): Answer[] {
    this.check();
    try {
      const cursors = this.conn.batch(batchOf(statements), options);
      return cursors.map((cursor) => answerOf(cursor, cursor.fetchall()));
    } catch (error) {
      throw this.failedIn(error);
    }
  }

  script(sql: string): void {
    this.#do(() => void this.conn.executescript(sql));
  }

  sync(): Replicated {
    return this.#do(() => replicatedOf(this.replica.sync()));
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.conn.close();
  }
}

class PromisedLink extends BaseLink<AsyncConnection> implements Link {
  async #do<R>(work: () => Promise<R>): Promise<R> {
    this.check();
    try {
      return await work();
    } catch (error) {
      throw this.failed(error);
    }
  }

  query({ sql, args }: Statement, signal: AbortSignal | undefined): Promise<Answer> {
    return this.#do(async () => {
      const cursor = this.conn.cursor();
      const rows = await cursor.execute(sql, args, signal && { signal }).fetchall();
      return answerOf(cursor, rows);
    });
  }

  async batch(
    statements: readonly Statement[],
    options: BatchOptions,
    signal: AbortSignal | undefined,
  ): Promise<Answer[]> {
    this.check();
    try {
      const cursors = await this.conn.batch(batchOf(statements), { ...options, ...(signal && { signal }) });
      return await Promise.all(cursors.map(async (cursor) => answerOf(cursor, await cursor.fetchall())));
    } catch (error) {
      throw this.failedIn(error);
    }
  }

  script(sql: string, signal: AbortSignal | undefined): Promise<void> {
    return this.#do(async () => void (await this.conn.executescript(sql, signal && { signal })));
  }

  sync(): Promise<Replicated> {
    return this.#do(async () => replicatedOf(await this.replica.sync()));
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.conn.close().catch(() => {});
  }
}

/** The form without promises. A lock of this very thread will not go away while it waits. */
export const plain: Form = {
  canWait: false,
  open(settings) {
    try {
      const conn = connect(settings.target.name, optionsFor(settings) as ConnectOptions<SqlValue[]>);
      return new PlainLink(conn, settings.target.isReplica);
    } catch (error) {
      throw translate(error);
    }
  },
  pause(milliseconds) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  },
  start(steps) {
    try {
      runNow(steps);
    } catch {
      // As it is declared.
    }
  },
};

/** The form with promises, whose engine is on another thread or machine. */
export const promised: Form = {
  canWait: true,
  async open(settings) {
    try {
      const conn = await connectPromised(
        settings.target.name,
        optionsFor(settings) as ConnectOptions<SqlValue[]>,
      );
      return new PromisedLink(conn, settings.target.isReplica);
    } catch (error) {
      throw translate(error);
    }
  },
  pause(milliseconds, signal) {
    if (signal === undefined) return new Promise((resolve) => setTimeout(resolve, milliseconds));
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(interrupted(signal));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, milliseconds);
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
  },
  start(steps) {
    runPromised(steps).catch(() => {});
  },
};
