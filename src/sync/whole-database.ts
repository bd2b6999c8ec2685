/**
 * The members of the synchronous connection that are about the database as a whole: functions, extensions, copies.
 * They decide nothing, as the rest of it. Tests: test/conformance.
 */
import { ConnectionBase, type Lacking, lacking } from "../core/connection-base.ts";
import { type DumpOptions, dump } from "../core/dump.ts";
import {
  type AggregateClass,
  createAggregate,
  createFunction,
  type FunctionOptions,
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
import { generate, type Operation, run } from "../core/run.ts";
import type { Session } from "../core/session.ts";
import type { Engine, SyncReply } from "../engine/port.ts";
import type { Connection } from "./connection.ts";

/** @internal Its members are those of Connection. */
export abstract class WholeDatabase extends ConnectionBase<never> {
  readonly #session: Session;
  readonly #engine: Engine;

  constructor(session: Session, engine: Engine) {
    super();
    this.#session = session;
    this.#engine = engine;
  }

  #run<R>(operation: Operation<R>): R {
    return run(operation, this.#engine);
  }

  /**
   * Makes a JavaScript function callable from SQL.
   * @param nArgs how many arguments it takes: 0 to 100, or -1 for any number
   * @throws {InterfaceError} for a wrong argument
   */
  createFunction(name: string, nArgs: number, fn: SqlFunction, options?: FunctionOptions): void {
    this.#run(createFunction(this.#session, name, nArgs, fn, options));
  }

  /** Makes a class callable from SQL as an aggregate: one instance for each group, `step` for each row, then `finalize`. */
  createAggregate(name: string, nArgs: number, Class: AggregateClass, options?: FunctionOptions): void {
    this.#run(createAggregate(this.#session, name, nArgs, Class, options, false));
  }

  /** Makes a class callable from SQL as a window function: an aggregate with `value` and `inverse`. */
  createWindowFunction(name: string, nArgs: number, Class: WindowClass, options?: FunctionOptions): void {
    this.#run(createAggregate(this.#session, name, nArgs, Class, options, true));
  }

  /** Calls `callback` with every statement before it runs (on a server: once it has run), values written in; `null` stops it. What it throws is ignored. */
  setTraceCallback(callback: ((sql: string) => void) | null): void {
    this.#run(setTraceCallback(this.#session, callback));
  }

  /** Allows or forbids {@link Connection.loadExtension}. Forbidden at first. */
  enableLoadExtension(enabled: boolean): void {
    enableLoadExtension(this.#session, enabled);
  }

  /**
   * Loads an SQLite extension, a shared library that can do anything the process can.
   * @throws {OperationalError} when it is not allowed, or does not load
   */
  loadExtension(path: string, options?: ExtensionOptions): void {
    this.#run(loadExtension(this.#session, path, options));
  }

  /** The database as the SQL that makes it again, line by line. */
  *iterdump(options?: DumpOptions): Generator<string, void, undefined> {
    yield* generate<string>(dump(this.#session, options), this.#engine);
  }

  /** The database as the bytes of its file. */
  serialize(options?: SerializeOptions): Buffer {
    const bytes = this.#run(serialize(this.#session, options));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Goes on with an in-memory database made of the bytes of a file; the one before is closed.
   * @throws {OperationalError} while a transaction is open
   */
  deserialize(bytes: ArrayBufferView | ArrayBuffer): void {
    this.#run(deserialize(this.#session, bytes));
  }

  /**
   * Brings an embedded replica up to date with its primary. Writes of this connection need no `sync()` to be seen.
   * @returns what it has brought
   * @throws {OperationalError} when the primary cannot be reached; the replica stays as it is
   * @throws {NotSupportedError} where there is no replica: see the option `syncUrl`
   */
  sync(): SyncReply {
    return this.#run(sync(this.#session));
  }

  protected override refuse(member: Lacking): never {
    this.#session.check();
    throw lacking(member, this.#session.engineName);
  }
}
