/**
 * The members of the promised connection that are about the database as a whole: functions, extensions, copies.
 * They decide nothing, as the rest of it. Tests: test/conformance.
 */
import { type BackupOptions, backup } from "../core/backup.ts";
import { ConnectionBase, type Lacking, lacking } from "../core/connection-base.ts";
import { type DumpOptions, dump } from "../core/dump.ts";
import {
  type AggregateClass,
  createAggregate,
  createFunction,
  type FunctionOptions,
  type ModuleFunction,
  type SqlFunction,
  type WindowClass,
} from "../core/functions.ts";
import {
  deserialize,
  type ExtensionOptions,
  enableLoadExtension,
  loadExtension,
  type SerializeOptions,
  serialize,
  setTraceCallback,
  sync,
} from "../core/lifecycle.ts";
import type { CallOptions } from "../core/limits.ts";
import { generateAsync, type Operation } from "../core/run.ts";
import type { SyncReply } from "../engine/port.ts";
import type { AsyncConnection } from "./connection.ts";
import type { Shared } from "./shared.ts";
import type { Turnstile } from "./turnstile.ts";

/** @internal Its members are those of AsyncConnection. */
export abstract class WholeDatabase extends ConnectionBase<Promise<never>> {
  readonly #shared: Shared;
  readonly #bound: Turnstile | null;

  constructor(shared: Shared, bound: Turnstile | null) {
    super();
    this.#shared = shared;
    this.#bound = bound;
  }

  #run<R>(operation: () => Operation<R>, options?: CallOptions): Promise<R> {
    return this.#shared.run(operation, true, this.#bound, options);
  }

  /**
   * Makes a JavaScript function callable from SQL. A function runs on the calling thread, for which the worker waits, and may
   * return a promise; `{ module, export }` runs inside the worker, and may not.
   */
  createFunction(
    name: string,
    nArgs: number,
    fn: SqlFunction | ModuleFunction,
    options?: FunctionOptions & CallOptions,
  ): Promise<void> {
    return this.#run(() => createFunction(this.#shared.session, name, nArgs, fn, options), options);
  }

  /** Makes a class callable from SQL as an aggregate. */
  createAggregate(
    name: string,
    nArgs: number,
    Class: AggregateClass | ModuleFunction,
    options?: FunctionOptions & CallOptions,
  ): Promise<void> {
    const { session } = this.#shared;
    return this.#run(() => createAggregate(session, name, nArgs, Class, options, false), options);
  }

  /** Makes a class callable from SQL as a window function. */
  createWindowFunction(
    name: string,
    nArgs: number,
    Class: WindowClass | ModuleFunction,
    options?: FunctionOptions & CallOptions,
  ): Promise<void> {
    const { session } = this.#shared;
    return this.#run(() => createAggregate(session, name, nArgs, Class, options, true), options);
  }

  /** Calls `callback` with every statement before it runs (on a server: once it has run), values written in; `null` stops it. */
  setTraceCallback(callback: ((sql: string) => void) | null, options?: CallOptions): Promise<void> {
    return this.#run(() => setTraceCallback(this.#shared.session, callback), options);
  }

  /** Allows or forbids {@link AsyncConnection.loadExtension}. Forbidden at first. */
  async enableLoadExtension(enabled: boolean): Promise<void> {
    enableLoadExtension(this.#shared.session, enabled);
  }

  /** Loads an SQLite extension, a shared library that can do anything the process can. */
  loadExtension(path: string, options?: ExtensionOptions & CallOptions): Promise<void> {
    return this.#run(() => loadExtension(this.#shared.session, path, options), options);
  }

  /** Copies the database to a file while it is in use: other calls run between the steps. */
  async backup(
    target: string | AsyncConnection<unknown>,
    options?: BackupOptions & CallOptions,
  ): Promise<void> {
    const shared = this.#shared;
    const to = target instanceof WholeDatabase ? (target as WholeDatabase).#shared.session : target;
    await shared.begin(() => backup(shared.session, to, options), this.#bound, options);
  }

  /**
   * The database as the SQL that makes it again, line by line. Other calls run between its pages: in a transaction it is of
   * one moment. A timeout is for each step.
   */
  async *iterdump(options?: DumpOptions & CallOptions): AsyncGenerator<string, void, undefined> {
    const shared = this.#shared;
    yield* generateAsync<string>(dump(shared.session, options), (step) =>
      shared.run(step, false, this.#bound, options),
    );
  }

  /** The database as the bytes of its file. */
  async serialize(options?: SerializeOptions & CallOptions): Promise<Buffer> {
    const bytes = await this.#run(() => serialize(this.#shared.session, options), options);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Goes on with an in-memory database made of the bytes of a file; the one before is closed. */
  deserialize(bytes: ArrayBufferView | ArrayBuffer, options?: CallOptions): Promise<void> {
    return this.#run(() => deserialize(this.#shared.session, bytes), options);
  }

  /**
   * Brings an embedded replica up to date with its primary, in its worker: this thread is free meanwhile. Writes of this
   * connection need no `sync()` to be seen.
   */
  sync(options?: CallOptions): Promise<SyncReply> {
    return this.#run(() => sync(this.#shared.session), options);
  }

  protected override async refuse(member: Lacking): Promise<never> {
    this.#shared.session.check();
    throw lacking(member, this.#shared.session.engineName);
  }
}
