/**
 * The door to better-sqlite3: what we use of it, in types, and the only place that loads it.
 * It must not know the port. better-sqlite3 crashes a Node that is too old, so the version is read before the addon is.
 * Tests: test/package (too old a Node), test/unit/engine/sqlite.
 */
import { createRequire } from "node:module";
import { NotSupportedError } from "../../errors/tree.ts";
import type { BoundValue, SqlRow } from "../../values/types.ts";

/** What binds: values in order, and one object for the parameters with names. */
export type NativeBinding = BoundValue | readonly BoundValue[] | Readonly<Record<string, BoundValue>>;

export interface NativeColumn {
  readonly name: string;
  readonly type: string | null;
}

export interface NativeIterator {
  next(): { readonly value: SqlRow; readonly done: boolean };
  return(): void;
}

export interface NativeStatement {
  readonly reader: boolean;
  readonly readonly: boolean;
  raw(on?: boolean): this;
  safeIntegers(on?: boolean): this;
  bind(...binding: NativeBinding[]): this;
  run(...binding: NativeBinding[]): {
    readonly changes: number;
    readonly lastInsertRowid: number | bigint;
  };
  get(...binding: NativeBinding[]): SqlRow | undefined;
  all(...binding: NativeBinding[]): SqlRow[];
  iterate(...binding: NativeBinding[]): NativeIterator;
  columns(): NativeColumn[];
  toString(): string;
}

export interface Opcode {
  readonly addr: number;
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p4: string | null;
}

export interface NativeFunctionOptions {
  readonly varargs: true;
  readonly deterministic: boolean;
  readonly directOnly: boolean;
  readonly safeIntegers: true;
}

export interface NativeAggregate<A> {
  readonly deterministic: boolean;
  readonly directOnly: boolean;
  readonly safeIntegers: true;
  readonly varargs: boolean;
  readonly start: () => A;
  readonly step: (accumulator: A, ...args: SqlRow) => void;
  readonly inverse?: (accumulator: A, ...args: SqlRow) => void;
  readonly result: (accumulator: A) => BoundValue;
}

export interface NativeDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): NativeStatement;
  explain(sql: string): Opcode[];
  exec(sql: string): void;
  unsafeMode(on: boolean): void;
  close(): void;
  function(
    name: string,
    options: Omit<NativeFunctionOptions, "varargs"> & { varargs: boolean },
    fn: (...args: SqlRow) => unknown,
  ): void;
  aggregate<A>(name: string, definition: NativeAggregate<A>): void;
  loadExtension(path: string, entryPoint?: string): void;
  serialize(options: { readonly attached: string }): Buffer;
  backup(
    target: string,
    options: {
      readonly attached: string;
      readonly progress: (done: { totalPages: number; remainingPages: number }) => number;
    },
  ): Promise<{ totalPages: number; remainingPages: number }>;
}

type NativeConstructor = new (
  database: string | Buffer,
  options: { readonly readonly?: boolean; readonly fileMustExist?: boolean; readonly timeout?: number },
) => NativeDatabase;

/** The first Node that has Node-API 10, which better-sqlite3 13 is built on. */
const OLDEST_NODE = [22, 14] as const;

let constructor: NativeConstructor | undefined;

/**
 * Loads better-sqlite3.
 * @throws {NotSupportedError} on a Node that is too old for it, or a platform it has no binary for.
 */
export function loadDriver(): NativeConstructor {
  if (constructor !== undefined) return constructor;
  requireNode(process.versions.node);
  try {
    constructor = createRequire(import.meta.url)("better-sqlite3") as NativeConstructor;
    return constructor;
  } catch (cause) {
    throw new NotSupportedError(
      `better-sqlite3 does not load on ${process.platform}-${process.arch} with Node ${process.versions.node}: ` +
        "reinstall the package on this machine, or see its troubleshooting page",
      { cause },
    );
  }
}

function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor, needMinor] = OLDEST_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new NotSupportedError(
    `better-sqlite3 needs Node ${needMajor}.${needMinor} or newer, and this is Node ${version}: ` +
      "install a newer Node (the driver stopped before the addon could crash the process)",
  );
}
