/**
 * The door to the optional peer `libsql`: what we use of it, in types, and the only place that loads it. Its defects, and how
 * the rest of the room goes round them, stand in docs/design/REMOTE.md. It must not know the port.
 * Tests: test/faults/replica.test.ts.
 */
import { createRequire } from "node:module";
import { NotSupportedError } from "../../errors/tree.ts";
import type { BoundValue, Column, SqlRow } from "../../values/types.ts";

export interface PeerStatement {
  raw(on: boolean): this;
  safeIntegers(on: boolean): this;
  /** Always with an array: a Buffer alone ends the process. */
  all(values: readonly BoundValue[]): SqlRow[];
  columns(): readonly Column[];
}

/** Frames that a synchronisation has brought. */
export interface Frames {
  readonly frames_synced: number;
  readonly frame_no: number | undefined;
}

/** What reads the file. */
export interface PeerFile {
  prepare(sql: string): PeerStatement;
  exec(sql: string): void;
  close(): void;
}

/** What brings the file up to date. */
export interface PeerReplicator {
  sync(): Frames;
  close(): void;
}

interface PeerConstructor {
  new (
    path: string,
    options: {
      readonly syncUrl: string;
      readonly authToken: string;
      readonly encryptionKey: string;
      /** Seconds; 0 is never. */
      readonly syncPeriod: number;
    },
  ): PeerReplicator;
  new (path: string, options: { readonly encryptionKey: string }): PeerFile;
}

let constructor: PeerConstructor | undefined;

/**
 * Loads libsql. It logs what goes wrong to stdout, unless RUST_LOG says something else when it is loaded first in a process: so
 * that is best done on the main thread, since a worker has only a copy of the environment.
 * @throws {NotSupportedError} where it is not installed, or does not load
 */
export function loadPeer(): PeerConstructor {
  constructor ??= quietly(() => {
    try {
      return createRequire(import.meta.url)("libsql") as PeerConstructor;
    } catch (cause) {
      throw new NotSupportedError(adviceFor(cause), { cause });
    }
  });
  return constructor;
}

function quietly<T>(work: () => T): T {
  if (process.env.RUST_LOG !== undefined) return work();
  process.env.RUST_LOG = "off";
  try {
    return work();
  } finally {
    delete process.env.RUST_LOG;
  }
}

function adviceFor(cause: unknown): string {
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  if (code === "MODULE_NOT_FOUND" && String(message).startsWith("Cannot find module 'libsql'"))
    return "embedded replicas need the optional peer libsql, which is not installed: npm install libsql";
  return (
    `libsql does not load on ${process.platform}-${process.arch} with Node ${process.versions.node}: ` +
    "reinstall it on this machine (npm install libsql)"
  );
}
