/**
 * What the engine knows of a statement: how to read its rows, which columns it has, how to read them exactly.
 * It must not run the statement, nor write; read.ts and engine.ts do. Tests: test/unit/engine/sqlite/prepared.test.ts.
 */
import { boundedQuery, exactQuery } from "../../sql/exact.ts";
import { topLevelLimit } from "../../sql/limit.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import type { ExactForm } from "../../values/exact-row.ts";
import type { BoundValue, Column } from "../../values/types.ts";
import type { Lookup } from "../port.ts";
import type { NativeDatabase, NativeStatement } from "./driver.ts";
import { planInsert } from "./insert-plan.ts";
import { isRepeatable, onlySeeksRowid, opensLate, returnsAtMostOneRow } from "./program.ts";
import { Statement } from "./statement.ts";

/**
 * How to read a result. `none`: there is none. `whole`: the statement writes or is a PRAGMA, so it must run to its
 * end and cannot run twice. `one`: at most one row. `few`: a small LIMIT. `page`: any number of rows.
 */
export type Plan = "none" | "whole" | "one" | "few" | "page";

/** Results of up to so many rows are read at once: an iterator costs more to open, and twice as much for a row. */
export const FEW = 256;

/** EXPLAIN costs as much as a few dozen lookups: a statement that runs once does without. */
const EXPLAIN_AT = 2;

/** What EXPLAIN and two more questions tell of an INSERT is worth 4 % of one that binds two integers. */
const PLAN_INSERT_AT = 32;

const ENCODING = "SELECT encoding FROM pragma_encoding";

const NO_COLUMNS: readonly Column[] = [];

/** It belongs to one generation of the schema: under the next one the same text is prepared anew. */
export class Prepared {
  readonly statement: Statement;
  readonly text: StatementText;
  readonly preparedFor: number;
  /** A reader is open on it: nobody else can run it. */
  busy = false;
  /** The shortest way to its rows, once somebody has asked for that. */
  lookup: Lookup | null = null;
  /** A number past 2^53 has come out of it, so that INTEGER must be read as bigint. */
  hasLargeIntegers = false;
  /** It can be read a second time up to any row of it, and gives the same: EXPLAIN has said so. */
  isRepeatable = false;
  /** Its latest result was short and came quickly. That the next one is too is a guess, to be made with care. */
  wasShort = false;
  /** Its latest result was long, and was wanted whole before anybody had used a row of it. */
  wasDrained = false;
  /** Whether it can run again with no harm, and as a part of another statement. */
  readonly isQuery: boolean;
  readonly #db: NativeDatabase;
  readonly #stepwise: boolean;
  readonly #isPrivate: boolean;
  readonly #limit: ReturnType<typeof topLevelLimit>;
  #plan: Plan;
  #uses = 0;
  #opensLate: boolean | null = null;
  #twin: Statement | null = null;
  #bounded: Statement | null = null;
  #exact: Statement | null = null;
  #exactWidth = 0;
  #encoding: string | null = null;
  #columns: readonly Column[] | null = null;
  /** What the columns of the bounded statement were when `#columns` was learned. */
  #boundedColumns: readonly Column[] | null = null;

  /**
   * @param generation of the schema that SQLite compiles it for
   * @param stepwise see OpenOptions
   * @param isPrivate whether nobody else can change that schema
   */
  constructor(db: NativeDatabase, sql: string, generation: number, stepwise = false, isPrivate = false) {
    this.#db = db;
    this.#stepwise = stepwise;
    this.#isPrivate = isPrivate;
    this.preparedFor = generation;
    this.text = describeStatement(sql);
    this.statement = this.#compile(sql);
    const { reader, readonly } = this.statement.native;
    const { kind } = this.text;
    this.isQuery = reader && readonly && (kind === "select" || kind === "values");
    this.#plan = this.isQuery ? "page" : reader ? "whole" : "none";
    this.#limit = this.isQuery ? topLevelLimit(sql) : null;
    if (this.#plan === "whole") this.statement.readExactIntegers(true);
  }

  #compile(sql: string): Statement {
    return new Statement(this.#db, sql, this.text.parameters.names, this.#stepwise);
  }

  /** Whether it has run before, and EXPLAIN has been asked about it. Only for a query. */
  get isExplained(): boolean {
    return this.#uses === EXPLAIN_AT;
  }

  /** How to read it now, with these values. */
  plan(values: readonly BoundValue[]): Plan {
    if (this.isQuery) {
      if (this.#uses < EXPLAIN_AT && ++this.#uses === EXPLAIN_AT) this.#explain();
      if (this.#limit !== null && this.#plan === "page" && this.#limitIsSmall(values)) return "few";
    } else if (this.#uses < PLAN_INSERT_AT && ++this.#uses === PLAN_INSERT_AT) this.#planInsert();
    return this.#plan;
  }

  #limitIsSmall(values: readonly BoundValue[]): boolean {
    if (this.#limit === null) return false;
    const rows = this.#limit.kind === "literal" ? this.#limit.value : Number(values[this.#limit.index - 1]);
    return rows >= 0 && rows <= FEW;
  }

  /** Whether it cannot be read on when better-sqlite3's unsafe mode has changed meanwhile: SQLite has it open nothing more. */
  get opensLate(): boolean {
    if (this.#opensLate === null) {
      try {
        this.#opensLate = opensLate(this.#db.explain(this.text.sql));
      } catch {
        this.#opensLate = true;
      }
    }
    return this.#opensLate;
  }

  #explain(): void {
    try {
      const program = this.#db.explain(this.text.sql);
      if (returnsAtMostOneRow(program)) this.#plan = "one";
      this.isRepeatable = isRepeatable(program);
      // In a file another process could make the key a column of text: see #planInsert.
      if (this.#isPrivate && onlySeeksRowid(program)) {
        this.statement.takeReals(new Array<boolean>(this.text.parameters.count).fill(true));
      }
    } catch {
      // The schema no longer fits the statement; running it says so in SQLite's words.
    }
  }

  /** In a file another process could change the columns, and SQLite would compile the statement anew. */
  #planInsert(): void {
    if (!this.#isPrivate || !this.text.isInsert) return;
    try {
      this.statement.takeReals(planInsert(this.#db, this.text.sql)?.takesReals ?? null);
    } catch {
      // As above.
    }
  }

  /** The same statement once more, for while a reader holds this one. */
  twin(): Statement {
    this.#twin ??= this.#compile(this.text.sql);
    return this.#twin;
  }

  /** The same rows, {@link FEW} and one more at most: as many say that there are more. Only for a query. */
  bounded(): Statement {
    this.#bounded ??= this.#compile(boundedQuery(this.text.sql, FEW + 1));
    return this.#bounded;
  }

  /** How the rows of {@link exact} are to be read. */
  get exactForm(): ExactForm {
    const names = this.statement.native.columns().map(({ name }) => name);
    this.#encoding ??= String(new Statement(this.#db, ENCODING, []).get([])?.[0]);
    return { names, encoding: this.#encoding };
  }

  /** The statement that reads the same rows with nothing lost. Only for a query. */
  exact(): Statement {
    const width = this.statement.native.columns().length;
    if (this.#exact === null || this.#exactWidth !== width) {
      this.#exact = this.#compile(exactQuery(this.text.sql, width));
      this.#exact.readExactIntegers(true);
      this.#exactWidth = width;
    }
    return this.#exact;
  }

  /**
   * The columns as of the latest run. Only in a private database do they stay what they are: elsewhere another process
   * may have renamed one, and SQLite has compiled the statement anew without a word.
   * @param ran the statement that ran in place of this one, where one did
   */
  columns(isPrivate: boolean, ran: Statement = this.statement): readonly Column[] {
    if (!this.statement.native.reader) return NO_COLUMNS;
    if (this.#columns !== null && isPrivate) return this.#columns;
    const columns = columnsOf(ran.native);
    if (ran === this.statement) this.#columns = columns;
    else if (this.#columns === null || !isSame(columns, this.#boundedColumns)) {
      // Names of a subquery's columns are not always those of the query's own.
      this.#boundedColumns = columns;
      this.#columns = columnsOf(this.#db.prepare(this.text.sql));
    }
    return this.#columns;
  }
}

function columnsOf(native: NativeStatement): Column[] {
  return native.columns().map(({ name, type }) => ({ name, type }));
}

function isSame(columns: readonly Column[], others: readonly Column[] | null): boolean {
  return (
    others?.length === columns.length &&
    columns.every(({ name, type }, i) => name === others[i]?.name && type === others[i]?.type)
  );
}
