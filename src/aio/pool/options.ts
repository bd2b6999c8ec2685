/**
 * The options of a pool and of its calls, checked at the door, with their defaults filled in.
 * It must not open anything. Tests: test/conformance/pool-create.test.ts.
 */
import { availableParallelism } from "node:os";
import type { BatchOptions } from "../../core/batch.ts";
import type { CallOptions } from "../../core/limits.ts";
import { checkFunction, checkOptions, flag, OPTION_NAMES, wholeNumber } from "../../core/options.ts";
import type { TransactionOptions } from "../../core/transaction.ts";
import { InterfaceError } from "../../errors/tree.ts";
import type { SqlValue } from "../../values/types.ts";
import type { AsyncConnection } from "../connection.ts";
import { type AsyncConnectOptions, checkResourceLimits } from "../options.ts";

/** What a connection of a pool is for. */
export interface PoolRole {
  /** It was opened for reading only. */
  readonly readonly: boolean;
}

/** The options of `createPool`: those of `connect`, which every connection gets, and the pool's own. */
export interface PoolOptions<T = SqlValue[]> extends AsyncConnectOptions<T> {
  /**
   * How many connections for reading may be open beside the one that writes: 0 to 1000. Each is a thread; they are opened
   * when they are needed. 0 is a pool of one. Default: one for each processor but one, at least 1 and at most 4.
   */
  readonly readers?: number;
  /** How many callers may wait for a reader, and as many for the writer: 0 to 2147483647. Default 1000. */
  readonly maxQueue?: number;
  /** How long a caller waits for a connection, in milliseconds: 0 to 2147483647, 0 for as long as it takes. Default 30000. */
  readonly acquireTimeout?: number;
  /**
   * After how many milliseconds of holding a connection a warning tells who has acquired it: 0 to 2147483647, 0 for never.
   * Default 0.
   */
  readonly maxHold?: number;
  /** Runs on every connection when it is opened, and again on its replacement: PRAGMAs, functions, attached databases. */
  readonly setup?: (conn: AsyncConnection<T>, role: PoolRole) => unknown;
}

/** How `pool.transaction()` begins, and what may end it. */
export interface PoolTransactionOptions extends Omit<TransactionOptions, "retries">, CallOptions {
  /**
   * How many times to run the whole again, after a pause that grows, while it fails with an error that is `retryable`, such as
   * the lock of another process: 0 and up. With `mode: "IMMEDIATE"` that happens before `fn` is called. Default 3.
   */
  readonly retries?: number;
}

/** What `pool.connection()` accepts. */
export interface PoolConnectionOptions extends CallOptions {
  /** A connection that only reads. Default false: the one that writes. */
  readonly readonly?: boolean;
}

/** How `pool.batch()` begins its transaction, and what may end it. */
export interface PoolBatchOptions extends Pick<BatchOptions, "mode">, CallOptions {}

/** The pool's own options with nothing left open. */
export interface PoolSettings {
  readonly readers: number;
  readonly maxQueue: number;
  readonly acquireTimeout: number;
  readonly maxHold: number;
  readonly setup: ((conn: AsyncConnection<never>, role: PoolRole) => unknown) | null;
}

const MOST = 0x7fff_ffff;
const MOST_READERS = 1000;

/** One check for each of the pool's own options. */
const CHECKS: { readonly [K in keyof PoolSettings]: (value: unknown) => PoolSettings[K] } = {
  readers: (value) => wholeNumber("readers", value, MOST_READERS),
  maxQueue: (value) => wholeNumber("maxQueue", value, MOST),
  acquireTimeout: (value) => wholeNumber("acquireTimeout", value, MOST),
  maxHold: (value) => wholeNumber("maxHold", value, MOST),
  setup: (value) => checkFunction("setup", value as NonNullable<PoolSettings["setup"]>),
};

function defaults(): PoolSettings {
  const readers = Math.max(1, Math.min(4, availableParallelism() - 1));
  return { readers, maxQueue: 1000, acquireTimeout: 30_000, maxHold: 0, setup: null };
}

/**
 * Tells the pool's own options from those of its connections.
 * @throws {InterfaceError} for an option that is unknown or has a wrong value; the message names it
 */
export function checkPoolOptions<T>(options: PoolOptions<T> | undefined): {
  readonly pool: PoolSettings;
  readonly connect: AsyncConnectOptions<T>;
} {
  const isBag = typeof options === "object" && options !== null && !Array.isArray(options);
  // What is no bag of options at all is refused in connect's words.
  if (!isBag) checkOptions(options);
  const own: Record<string, unknown> = { ...defaults() };
  const rest: Record<string, unknown> = {};
  const known = [...OPTION_NAMES, "resourceLimits"];
  for (const [name, value] of Object.entries(options ?? {})) {
    if (Object.hasOwn(CHECKS, name)) {
      if (value !== undefined) own[name] = CHECKS[name as keyof PoolSettings](value);
    } else if (known.includes(name)) rest[name] = value;
    else {
      const names = [...known, ...Object.keys(CHECKS)].join(", ");
      throw new InterfaceError(`unknown option '${name}': expected one of ${names}`);
    }
  }
  const { resourceLimits, ...others } = rest;
  checkOptions(others);
  checkResourceLimits(resourceLimits);
  return { pool: own as unknown as PoolSettings, connect: rest as AsyncConnectOptions<T> };
}

/** @throws {InterfaceError} for anything but true, false or undefined */
export function checkReadonly(value: unknown): boolean {
  return value === undefined ? false : flag("readonly", value);
}
