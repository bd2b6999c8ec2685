/**
 * The port on better-sqlite3: how each request is carried out on one open database.
 * It decides what SQLite needs, never what the DB-API means: core does. Tests: test/unit/engine/sqlite, test/conformance.
 */
import { NotSupportedError, OperationalError, ProgrammingError } from "../../errors/tree.ts";
import { describeStatement } from "../../sql/statement.ts";
import type { BoundValue } from "../../values/types.ts";
import type * as port from "../port.ts";
import { copyDatabase, fileOf } from "./backup.ts";
import { runBatch } from "./batch.ts";
import { applyMany } from "./bulk.ts";
import { BulkPlans } from "./bulk-plans.ts";
import type { NativeDatabase } from "./driver.ts";
import { Execution } from "./execution.ts";
import { type AggregateRequest, defineAggregate, defineFunction } from "./functions.ts";
import { Handle } from "./handle.ts";
import { Lookup } from "./lookup.ts";
import { type OpenOptions, openMemory } from "./open.ts";
import type { Reader } from "./reader.ts";
import { Statement } from "./statement.ts";

export class SqliteEngine implements port.Engine {
  readonly name = "better-sqlite3";
  readonly hasObjects = true;
  readonly #handle: Handle;
  readonly #execution: Execution;
  readonly #bulk: BulkPlans;
  /** What defines the user's functions, for when the database is replaced. */
  readonly #definitions = new Map<string, (db: NativeDatabase) => void>();
  #trace: ((sql: string) => void) | null = null;

  constructor(options: OpenOptions) {
    this.#handle = new Handle(options);
    this.#execution = new Execution(this.#handle);
    this.#bulk = new BulkPlans(this.#handle);
  }

  get path(): string {
    return this.#handle.path;
  }

  get inTransaction(): boolean {
    return this.#handle.isOpen && this.#handle.db.inTransaction;
  }

  execute(request: port.ExecuteRequest): port.ExecuteReply {
    const { sql, values } = request;
    const handle = this.#handle;
    if (request.discard !== 0) this.discard(request.discard);
    const prepared = handle.prepare(sql);
    const began = this.#demand(request);
    if (this.#trace !== null) this.#show(sql, values);
    try {
      return this.#execution.run(prepared, request);
    } catch (error) {
      throw this.#withdrawn(handle.failure(error, sql), began);
    }
  }

  lookup(sql: string): port.Lookup | null {
    const handle = this.#handle;
    const prepared = handle.known(sql);
    if (prepared === null || !prepared.isQuery || !prepared.isExplained || prepared.busy) return null;
    // Who traces is to see it, and functions of the user's may count their calls.
    if (this.#trace !== null || handle.hasUserFunctions) return null;
    prepared.lookup ??= new Lookup(handle, prepared);
    return prepared.lookup;
  }

  /** Sees to the transaction that a statement wants, after it has been prepared. Says whether it has begun one. */
  #demand({ begin, guard }: port.TransactionDemand): boolean {
    if (begin === null && !guard) return false;
    if (this.#handle.inTransaction) return false;
    if (guard) {
      throw new OperationalError(
        "the transaction has been lost: SQLite rolled it back, so this statement did not run",
        { outcome: "rolled-back" },
      );
    }
    if (begin !== null) this.#control(begin);
    return begin !== null;
  }

  /** A cached statement is compiled anew under another schema: one that no longer compiles leaves no transaction behind. */
  #withdrawn(error: Error, began: boolean): Error {
    if (began && error instanceof ProgrammingError && this.inTransaction) this.#control("ROLLBACK");
    return error;
  }

  fetch(id: number, count: number): port.Page {
    const reader = this.#reader(id);
    const { rows, error } = reader.fetch(count);
    if (error !== null) this.#handle.transactionMayHaveEnded();
    if (reader.hasMore) return { rows, reader: id, error };
    this.#handle.readers.delete(id);
    return { rows, reader: 0, error };
  }

  rest(id: number, untouched: boolean, asObjects = false): port.Rest {
    // A function of the user's may count its calls: what ran once must not run again.
    const rest = this.#reader(id).rest(untouched && !this.#handle.hasUserFunctions, asObjects);
    this.discard(id);
    if (rest.error !== null) this.#handle.transactionMayHaveEnded();
    return rest;
  }

  /** @throws {ProgrammingError} when it ended with its database, which must not look like the end of the result */
  #reader(id: number): Reader {
    const reader = this.#handle.readers.get(id);
    if (reader !== undefined) return reader;
    throw new ProgrammingError(
      this.#handle.isOpen
        ? "the rows that were not read yet are gone: reading them was interrupted, or deserialize() has replaced the database"
        : "Cannot operate on a closed database.",
    );
  }

  discard(id: number): void {
    this.#handle.readers.get(id)?.close();
    this.#handle.readers.delete(id);
  }

  executemany(request: port.ManyRequest): port.ManyReply {
    const { sql, width, count, values } = request;
    const handle = this.#handle;
    // Without sets this only begins: a cached statement may no longer compile, which has to show before the BEGIN.
    const prepared = count === 0 ? handle.prepareOnce(sql) : handle.prepare(sql);
    this.#demand(request);
    const isTraced = this.#trace !== null;
    for (let i = 0; isTraced && i < count; i++) this.#show(sql, values.slice(i * width, (i + 1) * width));
    handle.aboutToWrite();
    const reply = handle.beside(() =>
      isTraced ? applyMany(handle.db, prepared, null, request) : this.#bulk.apply(prepared, request),
    );
    if (reply.error !== null) handle.mayHaveRolledBack();
    return reply;
  }

  script(request: port.ScriptRequest): port.ScriptReply {
    const handle = this.#handle;
    for (const [index, { sql }] of request.parts.entries()) {
      try {
        const prepared = handle.prepareOnce(sql);
        this.#demand(request);
        if (this.#trace !== null) this.#show(sql, []);
        this.#execution.runForNothing(prepared);
      } catch (error) {
        return { error: handle.failure(error, sql), index };
      }
    }
    return { error: null, index: -1 };
  }

  batch(request: port.BatchRequest): port.BatchReply {
    return runBatch(this, request);
  }

  control(steps: readonly port.ControlStep[]): void {
    for (const { sql, when } of steps) {
      if (this.inTransaction === (when === "open")) this.#control(sql);
    }
  }

  #control(sql: string): void {
    if (this.#trace !== null) this.#show(sql, []);
    this.#handle.control(sql);
  }

  isReadonly(sql: string): boolean {
    return this.#handle.prepare(sql).statement.native.readonly;
  }

  totalChanges(): number {
    return this.#execution.totalChanges();
  }

  defineFunction(request: port.FunctionRequest, fn: port.UserFunction | port.ModuleFunction): void {
    refuseModule(fn);
    this.#define(request, (db) => defineFunction(db, request, fn));
  }

  defineAggregate(request: AggregateRequest, start: (() => port.UserAggregate) | port.ModuleFunction): void {
    refuseModule(start);
    this.#define(request, (db) => defineAggregate(db, request, start));
  }

  #define({ name, nArgs }: port.FunctionRequest, define: (db: NativeDatabase) => void): void {
    this.#handle.alone(define);
    this.#definitions.set(`${name.toLowerCase()}/${nArgs}`, define);
    this.#handle.hasUserFunctions = true;
    this.#handle.generation++;
  }

  loadExtension(path: string, entryPoint: string | null): void {
    this.#handle.alone((db) =>
      entryPoint === null ? db.loadExtension(path) : db.loadExtension(path, entryPoint),
    );
    this.#handle.generation++;
  }

  serialize(name: string): Uint8Array {
    return this.#handle.alone((db) => {
      fileOf(db, name);
      return db.serialize({ attached: name });
    });
  }

  deserialize(bytes: Uint8Array): void {
    const db = openMemory(bytes, this.#handle.options.timeout);
    for (const define of this.#definitions.values()) define(db);
    this.#handle.replace(db);
    this.#bulk.clear();
  }

  backup(request: port.BackupRequest, progress: port.BackupProgress | null): Promise<void> {
    return copyDatabase(this.#handle.db, request, progress);
  }

  sync(): never {
    throw new NotSupportedError("sync() is for embedded replicas: open the file with syncUrl");
  }

  trace(callback: ((sql: string) => void) | null): void {
    this.#trace = callback;
  }

  /** Shows a statement with its values written into it. */
  #show(sql: string, values: readonly BoundValue[]): void {
    const { db } = this.#handle;
    const text =
      values.length === 0
        ? sql
        : new Statement(db, sql, describeStatement(sql).parameters.names).expanded(values);
    this.#trace?.(text);
  }

  close(): void {
    this.#handle.close();
  }
}

/** Loading a module takes its time, which an engine that answers at once has not got. */
function refuseModule<F>(fn: F | port.ModuleFunction): asserts fn is Exclude<F, port.ModuleFunction> {
  if (typeof fn === "function") return;
  throw new NotSupportedError(
    "{ module, export } is for connections of sqlite-dbapi/aio: here, import the function and pass it itself",
  );
}
