/**
 * One open database: its statements, its open readers, and what is known of its schema.
 * It keeps better-sqlite3's rules (no write beside an iterator, no new function either), so that nobody else needs to
 * know them. It must not know the port's requests. Tests: test/unit/engine/sqlite/handle.test.ts.
 */
import { resolve } from "node:path";
import { ProgrammingError } from "../../errors/tree.ts";
import { TextCache } from "../../sql/cache.ts";
import { describeStatement } from "../../sql/statement.ts";
import type { BoundValue } from "../../values/types.ts";
import type { NativeDatabase } from "./driver.ts";
import { translate } from "./failure.ts";
import { configure, isPrivate, type OpenOptions, openNative } from "./open.ts";
import { Prepared } from "./prepared.ts";
import type { Reader } from "./reader.ts";
import { Statement } from "./statement.ts";

export class Handle {
  readonly options: OpenOptions;
  /** Absolute, whatever becomes of the working directory. */
  path: string;
  /** Open readers, and those whose rows were read ahead. */
  readonly readers = new Map<number, Reader>();
  /** Counts changes of the schema by this connection: what was learned under another generation is to be asked anew. */
  generation = 0;
  /** Counts the statements that may have written, or taken back what was written. */
  writes = 0;
  /** Whether nobody else can change the database. */
  isPrivate: boolean;
  isOpen = true;
  /** Functions of the user's may count their calls: no query is run twice to look at it. */
  hasUserFunctions = false;
  #db: NativeDatabase;
  #isConfigured = false;
  #schemaIsTouched = false;
  /** SQLite said that a transaction is open, and nothing has run since that could have ended it. */
  #isKnownOpen = false;
  readonly #cache: TextCache<Prepared>;
  /** The driver's own statements. */
  readonly #own = new Map<string, Statement>();

  constructor(options: OpenOptions) {
    this.options = options;
    this.path = isPrivate(options) ? options.path : resolve(options.path);
    this.#db = openNative(options);
    this.#cache = new TextCache(options.cachedStatements);
    this.isPrivate = isPrivate(options);
  }

  /** Whether what is read stays as it is with no statement open on it. */
  get isStill(): boolean {
    return this.isPrivate || this.#db.inTransaction;
  }

  get db(): NativeDatabase {
    return this.#db;
  }

  /**
   * The statement of this text, from the cache unless it is busy there. One of an older schema is not run again: SQLite
   * would compile it anew, and whoever holds a result of it still asks it for the columns.
   */
  prepare(sql: string): Prepared {
    const known = this.known(sql);
    if (known !== null && !known.busy) return known;
    const prepared = this.prepareOnce(sql);
    if (known === null) this.#cache.set(sql, prepared);
    return prepared;
  }

  /** The statement of this text if it is in the cache, busy or not. */
  known(sql: string): Prepared | null {
    const known = this.#cache.get(sql);
    return known !== undefined && known.preparedFor === this.generation ? known : null;
  }

  /** A statement that stays out of the cache. */
  prepareOnce(sql: string): Prepared {
    this.#configure();
    if (actsWhenCompiled(sql)) {
      this.aboutToWrite();
      this.generation++;
    }
    try {
      return this.#compile(sql);
    } catch (error) {
      const failure = translate(error, "prepare", sql, this.#db);
      const isOfSchema = failure instanceof ProgrammingError && failure.syntax === undefined;
      if (!isOfSchema || !this.#mayBeStale) throw failure;
      return this.#compileAgain(sql, failure);
    }
  }

  #compile(sql: string): Prepared {
    return new Prepared(this.#db, sql, this.generation, this.options.stepwise === true, this.isPrivate);
  }

  /** Whether SQLite may not know what another process has made of the schema. In a transaction a look would begin its snapshot. */
  get #mayBeStale(): boolean {
    return !this.isPrivate && !this.#db.inTransaction;
  }

  /**
   * SQLite compiles by the schema that it read last, and looks whether that still holds only where a name is unknown. What fails
   * for another reason, as columns that are too few, would go on failing until something reads.
   */
  #compileAgain(sql: string, failure: Error): Prepared {
    try {
      this.own("SELECT 1 FROM sqlite_schema").get([]);
      return this.#compile(sql);
    } catch {
      throw failure;
    }
  }

  /** Runs a statement of the driver's own: BEGIN, COMMIT, ROLLBACK. */
  control(sql: string): void {
    this.#configure();
    const isRollback = sql.startsWith("ROLLBACK");
    // It takes back what open readers have seen of the transaction: they cannot read from the start again.
    if (isRollback) this.aboutToWrite();
    try {
      this.beside(() => this.own(sql).run([]));
    } catch (error) {
      throw this.failure(error, sql);
    }
    this.transactionMayHaveEnded();
    if (isRollback) this.#schemaMayBeBack();
    if (!this.#db.inTransaction) this.#schemaIsTouched = false;
  }

  /** A statement of the driver's own, prepared once. */
  own(sql: string): Statement {
    let statement = this.#own.get(sql);
    if (statement === undefined) {
      statement = new Statement(this.#db, sql, []);
      this.#own.set(sql, statement);
    }
    return statement;
  }

  run(statement: Statement, values: readonly BoundValue[]) {
    return this.readers.size === 0 ? statement.run(values) : this.#runBeside(statement, values);
  }

  /** Apart from {@link run}, which would make room for the function at every call. */
  #runBeside(statement: Statement, values: readonly BoundValue[]) {
    return this.beside(() => statement.run(values));
  }

  /** DROP, VACUUM and DETACH want nobody to read what they change: where one does, its rows move to memory first. */
  runDdl(statement: Statement, values: readonly BoundValue[]) {
    try {
      return this.run(statement, values);
    } catch (error) {
      if (this.readers.size === 0) throw error;
      for (const reader of this.readers.values()) reader.keep();
      return this.run(statement, values);
    }
  }

  /**
   * Runs what better-sqlite3 refuses while an iterator is open. Its unsafe mode allows it, but also lets SQL corrupt
   * the file on purpose (SQLITE_DBCONFIG_DEFENSIVE), so it is on for this one call only. To turn that makes every statement
   * expire, and those that have yet to open a table could not go on: their rows move to memory first.
   */
  beside<T>(work: () => T): T {
    if (this.readers.size === 0) return work();
    for (const reader of this.readers.values())
      if (reader.isOpen && reader.prepared.opensLate) keepSome(reader);
    if (![...this.readers.values()].some(({ isOpen }) => isOpen)) return work();
    this.#db.unsafeMode(true);
    try {
      return work();
    } finally {
      this.#db.unsafeMode(false);
    }
  }

  /** Runs what wants no iterator open at all: the unread rows move to memory first. */
  alone<T>(work: (db: NativeDatabase) => T): T {
    this.#configure();
    try {
      for (const reader of this.readers.values()) reader.keep();
      return work(this.#db);
    } catch (error) {
      throw translate(error, "run");
    }
  }

  /**
   * Whether a transaction is open. Asking SQLite costs a tenth of an INSERT, and only a failure, or a statement that is
   * neither a query nor DML, can end a transaction: until then the answer stands.
   */
  get inTransaction(): boolean {
    if (!this.#isKnownOpen) this.#isKnownOpen = this.#db.inTransaction;
    return this.#isKnownOpen;
  }

  /** To be called after anything that may have ended a transaction. */
  transactionMayHaveEnded(): void {
    this.#isKnownOpen = false;
  }

  /** To be called after a statement that may have changed the schema. */
  schemaChanged(): void {
    this.generation++;
    this.#schemaIsTouched = true;
    if (!this.isPrivate) return;
    const files = this.own("SELECT 1 FROM pragma_database_list WHERE file <> ''");
    this.isPrivate = files.get([]) === undefined;
  }

  /** To be called before anything that may write, or take back what was written. */
  aboutToWrite(): void {
    for (const reader of this.readers.values()) reader.prepareForWrite();
    this.writes++;
  }

  /** To be called after a failure, with which SQLite may have taken the transaction back, and its schema. */
  mayHaveRolledBack(): void {
    this.transactionMayHaveEnded();
    this.#schemaMayBeBack();
  }

  /** The error to raise for what a statement threw. */
  failure(error: unknown, sql: string): Error {
    this.mayHaveRolledBack();
    return translate(error, "run", sql, this.#db);
  }

  /** A rollback, asked for or not, takes back what the transaction did to the schema. */
  #schemaMayBeBack(): void {
    if (this.#schemaIsTouched) this.generation++;
  }

  #configure(): void {
    if (this.#isConfigured) return;
    try {
      configure(this.#db, this.options);
    } catch (error) {
      throw translate(error, "open");
    }
    this.#isConfigured = true;
  }

  /** Puts another database in the place of this one, which is closed. */
  replace(db: NativeDatabase): void {
    this.close();
    this.#db = db;
    this.isOpen = true;
    this.#isConfigured = true;
    this.isPrivate = true;
    this.path = ":memory:";
    this.generation++;
    if (this.options.readonly) db.exec("PRAGMA query_only = ON");
  }

  close(): void {
    if (!this.isOpen) return;
    for (const reader of this.readers.values()) reader.close();
    this.readers.clear();
    this.#cache.clear();
    this.#own.clear();
    try {
      this.#db.close();
    } catch (error) {
      throw translate(error, "run");
    }
    this.isOpen = false;
  }
}

/** What is too much to be kept may turn out to be read to its end all the same. */
function keepSome(reader: Reader): void {
  try {
    reader.keep();
  } catch {
    // SQLite says so at the row where it is not.
  }
}

/** A PRAGMA that sets something may do so when it is compiled, run or not; so may EXPLAIN of one. */
function actsWhenCompiled(sql: string): boolean {
  const { kind } = describeStatement(sql);
  return kind === "pragma" || (kind === "explain" && /\bpragma\b/i.test(sql));
}
