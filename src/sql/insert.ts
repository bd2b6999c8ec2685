// Recognizes an INSERT of one row of placeholders and literals, and writes it with many rows: one statement for many
// parameter sets. Whatever is not certainly such an INSERT is left alone (null). What the table's own conflict clauses and
// triggers make of many rows is not visible in the text. Tests: test/unit/sql/insert.test.ts.
import { unquoteIdentifier } from "./quote.ts";
import { Scanner } from "./tokenizer.ts";
import { isSymbol, isWord } from "./words.ts";

/** An INSERT whose VALUES can be repeated. */
export interface PlainInsert {
  /** The text up to and including VALUES. */
  readonly head: string;
  /** The row, with its parentheses. */
  readonly tuple: string;
  /** The number of placeholders in the row. */
  readonly width: number;
  /** The schema's name without quotes; null where none is written. */
  readonly schema: string | null;
  /** The table's name without quotes. */
  readonly table: string;
  /** What the statement says to do on a conflict; `abort` also where it says nothing. */
  readonly conflict: "abort" | "ignore" | "replace";
}

/** Recognizes `INSERT [OR ABORT | OR IGNORE | OR REPLACE] INTO table [(columns)] VALUES (…)` with `?` and literals only. */
export function plainInsert(sql: string): PlainInsert | null {
  const reader = new Reader(sql);
  const start = reader.start;
  const conflict = readVerb(reader);
  if (conflict === null || !reader.word("into")) return null;
  const name = readTable(reader);
  if (name === null || !skipColumns(reader) || !reader.isWord("values")) return null;
  const head = sql.slice(start, reader.end);
  reader.step();
  const from = reader.start;
  const width = readTuple(reader);
  if (width === null) return null;
  const tuple = sql.slice(from, reader.end);
  reader.step();
  if (reader.isSemicolon()) reader.step();
  return reader.isDone ? { head, tuple, width, ...name, conflict } : null;
}

/**
 * Writes an INSERT with several rows. The parameters of row 1 come first, then those of row 2, and so on.
 *
 * @param rows how many, from 1; SQLite takes at most 32766 parameters in one statement
 */
export function multiRow(insert: PlainInsert, rows: number): string {
  return `${insert.head} ${insert.tuple}${`,${insert.tuple}`.repeat(rows - 1)}`;
}

/** Stands on one significant token at a time, or past the end. */
class Reader {
  readonly #sql: string;
  readonly #scanner: Scanner;
  #isDone: boolean;

  constructor(sql: string) {
    this.#sql = sql;
    this.#scanner = new Scanner(sql);
    this.#isDone = !this.#scanner.nextStatement();
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  get start(): number {
    return this.#scanner.start;
  }

  get end(): number {
    return this.#scanner.end;
  }

  step(): void {
    this.#isDone = !this.#scanner.nextSignificant();
  }

  isWord(keyword: string): boolean {
    return !this.#isDone && isWord(this.#sql, this.#scanner, keyword);
  }

  isSemicolon(): boolean {
    return !this.#isDone && this.#scanner.kind === "semicolon";
  }

  /** Steps over a keyword; false, without a step, where something else stands. */
  word(keyword: string): boolean {
    const found = this.isWord(keyword);
    if (found) this.step();
    return found;
  }

  isSymbol(symbol: string): boolean {
    return !this.#isDone && isSymbol(this.#sql, this.#scanner, symbol);
  }

  /** Steps over a one-character operator. */
  symbol(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.step();
    return found;
  }

  /** Steps over a name and gives it without quotes. */
  name(): string | null {
    const { kind, start, end } = this.#scanner;
    if (this.#isDone || (kind !== "word" && kind !== "quoted" && kind !== "string")) return null;
    this.step();
    return unquoteIdentifier(this.#sql.slice(start, end));
  }

  /** Steps over a placeholder or a literal; null where neither stands, else the number of placeholders. */
  item(): 0 | 1 | null {
    const isSigned = this.symbol("-") || this.symbol("+");
    if (this.#isDone) return null;
    const { kind, start, end } = this.#scanner;
    const isPlaceholder = kind === "parameter" && end - start === 1 && !isSigned;
    if (!isPlaceholder && kind !== "number" && (isSigned || !this.#isUnsignedLiteral())) return null;
    this.step();
    return isPlaceholder ? 1 : 0;
  }

  #isUnsignedLiteral(): boolean {
    const kind = this.#scanner.kind;
    return (
      kind === "string" ||
      kind === "blob" ||
      this.isWord("null") ||
      this.isWord("true") ||
      this.isWord("false")
    );
  }
}

function readVerb(reader: Reader): PlainInsert["conflict"] | null {
  if (reader.word("replace")) return "replace";
  if (!reader.word("insert")) return null;
  if (!reader.word("or")) return "abort";
  for (const conflict of ["abort", "ignore", "replace"] as const) if (reader.word(conflict)) return conflict;
  return null;
}

function readTable(reader: Reader): Pick<PlainInsert, "schema" | "table"> | null {
  const first = reader.name();
  if (first === null || !reader.symbol(".")) return first === null ? null : { schema: null, table: first };
  const table = reader.name();
  return table === null ? null : { schema: first, table };
}

/** Steps over a list of column names if there is one; false when it is not a list of names. */
function skipColumns(reader: Reader): boolean {
  if (!reader.symbol("(")) return true;
  do if (reader.name() === null) return false;
  while (reader.symbol(","));
  return reader.symbol(")");
}

/** Reads a row up to its closing parenthesis, without stepping over that, and counts its placeholders. */
function readTuple(reader: Reader): number | null {
  if (!reader.symbol("(")) return null;
  let width = 0;
  do {
    const placeholders = reader.item();
    if (placeholders === null) return null;
    width += placeholders;
  } while (reader.symbol(","));
  return reader.isSymbol(")") ? width : null;
}
