/**
 * The state of a connection that no engine keeps: its modes, who is using it, what is known of SQL texts.
 * It must not know how an engine is called. Tests: test/unit/core/session.test.ts, test/conformance/transactions.test.ts.
 */
import type { TransactionDemand } from "../engine/port.ts";
import { NotSupportedError, ProgrammingError } from "../errors/tree.ts";
import { TextCache } from "../sql/cache.ts";
import { describeStatement, type StatementText } from "../sql/statement.ts";
import type { Reading, TextMode } from "../values/types.ts";
import type { Autocommit, IsolationLevel, Settings } from "./options.ts";

/** What the semantics look at of an engine: SQLite's own word on the transaction, its names, whether it has objects. */
interface Link {
  readonly name: string;
  readonly path: string;
  readonly inTransaction: boolean;
  readonly hasObjects?: true;
}

/** Texts whose description is kept; it costs about a microsecond to make. */
const KNOWN_TEXTS = 512;
/** Kinds of statement that manage the transaction themselves. */
const TRANSACTION_KINDS = new Set(["begin", "commit", "rollback"]);

export class Session {
  readonly settings: Settings;
  /** The name that the connection was opened with. */
  readonly database: string;
  readonly #link: Link;
  readonly #texts = new TextCache<StatementText>(KNOWN_TEXTS);
  isClosed = false;
  isolationLevel: IsolationLevel;
  autocommit: Autocommit;
  /** In `autocommit: false`: nobody has used the connection since its transaction began. */
  isUntouched = false;
  /** How deep in `transaction()` calls the connection is. */
  scopes = 0;
  /** How many user functions are running inside SQLite. */
  callbacks = 0;
  /** How a face that waits for their promises calls them; null where a promise is no result. */
  aroundCallbacks: (<R>(run: () => R) => R) | null = null;
  /** The number of the cursor that called the engine last, to tell one that is entered again from inside; 0 for none. */
  active = 0;
  /** Brings rows that are waiting in an `executemany` to the database, before anybody else looks at it. */
  flush: (() => void) | null = null;
  mayLoadExtensions = false;
  /** Ends the readers of cursors that nobody holds any more; the face says how. */
  abandoned: FinalizationRegistry<number> | null = null;
  /** Claims a file to write to, so that no other engine of the process has it meanwhile; the face says how. Gives what ends it. */
  claimFile: ((path: string) => () => void) | null = null;
  #reading: Reading;

  constructor(settings: Settings, database: string, link: Link) {
    this.settings = settings;
    this.database = database;
    this.#link = link;
    this.isolationLevel = settings.isolationLevel;
    this.autocommit = settings.autocommit;
    this.#reading = { integers: settings.integers, text: "string" };
  }

  get reading(): Reading {
    return this.#reading;
  }

  get textFactory(): TextMode {
    return this.#reading.text;
  }

  set textFactory(text: TextMode) {
    this.#reading = { ...this.#reading, text };
  }

  get inTransaction(): boolean {
    return !this.isClosed && this.#link.inTransaction;
  }

  /** Where the database is: an absolute path, `":memory:"` or `""`. */
  get path(): string {
    return this.#link.path;
  }

  /** Whether the engine has rows as objects at no cost. */
  get hasObjects(): boolean {
    return this.#link.hasObjects === true;
  }

  get engineName(): string {
    return this.#link.name;
  }

  /** @throws {ProgrammingError} when the connection is closed */
  check(): void {
    if (this.isClosed) throw new ProgrammingError("Cannot operate on a closed database.");
    if (this.flush !== null) this.flush();
  }

  /** As {@link enter}, for a call that will have its turn later: it leaves no trace. */
  refuseFromInside(cursor = 0): void {
    if (this.callbacks > 0) this.enter(cursor);
  }

  /** Refuses to use the connection from inside a user function. `cursor` is the number of the one that asks. */
  enter(cursor = 0): void {
    this.check();
    if (this.callbacks > 0) {
      if (cursor !== 0 && this.active === cursor)
        throw new ProgrammingError("Recursive use of cursors not allowed.");
      throw new NotSupportedError(
        `the connection is running a statement, and ${this.engineName} cannot run another one from inside a user function`,
      );
    }
    this.active = cursor;
    this.isUntouched = false;
  }

  /** What is known of a statement. @throws {ProgrammingError} unless it is at most one statement */
  describe(sql: string): StatementText {
    const known = this.#texts.get(sql);
    if (known !== undefined) return known;
    checkSql(sql);
    const text = describeStatement(sql);
    if (text.count === "many")
      throw new ProgrammingError("You can only execute one statement at a time.", { sql });
    this.#texts.set(sql, text);
    return text;
  }

  /** The BEGIN that a statement needs in autocommit, by the connection's transaction mode. */
  beginFor(text: StatementText): string | null {
    if (this.scopes > 0 || this.autocommit === true) return null;
    if (this.autocommit === false) return TRANSACTION_KINDS.has(text.kind) ? null : "BEGIN";
    return text.isDml ? this.legacyBegin : null;
  }

  /** Whether a query has nothing to do with transactions: it begins none, and there is none that it would have to guard. */
  get readsFreely(): boolean {
    return this.scopes === 0 && this.autocommit !== false;
  }

  get legacyBegin(): string | null {
    if (this.isolationLevel === null) return null;
    return this.isolationLevel === "" ? "BEGIN" : `BEGIN ${this.isolationLevel}`;
  }

  /** The same for what is not one statement: a script begins nothing in legacy mode. */
  demandForScript(): TransactionDemand {
    const begin = this.scopes === 0 && this.autocommit === false ? "BEGIN" : null;
    return { begin, guard: this.scopes > 0 };
  }
}

/** @throws {ProgrammingError} for what can be no SQL text */
export function checkSql(sql: unknown): asserts sql is string {
  if (typeof sql !== "string")
    throw new ProgrammingError(`SQL must be a string, not ${sql === null ? "null" : typeof sql}`);
  if (sql.includes("\0")) throw new ProgrammingError("the query contains a null character");
  if (!sql.isWellFormed()) throw new ProgrammingError("the query contains a lone surrogate");
}
