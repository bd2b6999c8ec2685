/**
 * From a server's error to the error that SQLite at home would have raised: same class, same code.
 * Servers do not say whether a statement failed to compile or to run, nor which unique constraint a row broke. So on the way
 * of a failure, and only there, the server is asked once more. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { constraintOf } from "../../errors/constraint.ts";
import {
  DatabaseError,
  InterfaceError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} from "../../errors/tree.ts";
import { Scanner } from "../../sql/tokenizer.ts";
import type { Call } from "../http/call.ts";
import { fieldsOf } from "../http/json.ts";
import { codeName, readMessage, type Told } from "../http/messages.ts";
import { compileError, runError } from "../http/sqlite-error.ts";
import { encodeValue } from "../http/values.ts";
import { statementOf } from "./batch.ts";
import { lostNow } from "./demand.ts";
import type { Link } from "./link.ts";
import { readStatement, type StreamRequest, type StreamResult, type WireError } from "./wire.ts";

/** What the engine is called. */
export const NAME = "libSQL server";

/** Codes of errors that need no second question: the statement did not compile, or it did and was run. */
const COMPILING = new Set(["SQL_INPUT_ERROR"]);
/** Codes that say nothing, or that the server's own parser gave. */
const VAGUE = new Set(["SQLITE_UNKNOWN", "SQLITE_ERROR", "SQL_PARSE_ERROR"]);

export class Failures {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  /** The error of a statement that was answered together with the state of the transaction. */
  of(error: WireError, sql: string, call: Call): Promise<Error> {
    return this.#translate(error, sql, call, false);
  }

  /** The error of a statement whose rows came by a cursor: whether its transaction is still open has to be asked. */
  ofRows(error: WireError, sql: string, call: Call): Promise<Error> {
    return this.#translate(error, sql, call, this.#link.inTransaction);
  }

  async #translate(error: WireError, sql: string, call: Call, mustAsk: boolean): Promise<Error> {
    const message = this.#link.redact(error.message);
    if (error.code === "TRANSACTION_TIMEOUT") return this.#stolen(message, sql);
    const told = readMessage(message);
    if (COMPILING.has(error.code ?? "")) {
      if (mustAsk) await this.#ask([], call);
      return compileError(told, sql);
    }
    if (error.code === null || VAGUE.has(error.code)) return this.#vague(error, told, sql, call);
    const name = codeName(error, told.message);
    if (name === "SQLITE_CONSTRAINT_UNIQUE") return this.#unique(told, name, sql, call);
    if (mustAsk) await this.#ask([], call);
    return name === null ? ofServer(error.code, told.message, sql) : runError(name, told, sql);
  }

  /**
   * The error of a cursor that the server refused as a whole, which it does with what its parser does not take: `error`
   * itself, unless the statement turns out not to compile.
   */
  async ofRefusal(error: Error, sql: string, call: Call): Promise<Error> {
    const { code = "" } = error as { readonly code?: string };
    if (!code.startsWith("HTTP_") || code === "HTTP_401" || code === "HTTP_403") return error;
    const [answer] = (await this.#ask([describe(sql)], call)) ?? [];
    if (answer?.error) return compileError(readMessage(this.#link.redact(answer.error.message)), sql);
    const isUnsupported = answer !== undefined && error.message.includes("unsupported statement");
    return isUnsupported ? new NotSupportedError(refusal(sql, "unsupported statement"), { sql }) : error;
  }

  /** Whether a statement compiles: the error when it does not. @throws {OperationalError} when the server cannot be asked */
  async compile(sql: string, call: Call): Promise<Error | null> {
    const [answer] = await this.#link.requests([describe(sql)], "read", call);
    return answer?.error ? compileError(readMessage(this.#link.redact(answer.error.message)), sql) : null;
  }

  /** SQLite's own word on whether a statement can write. @throws {ProgrammingError} when it does not compile */
  async isReadonly(sql: string, call: Call): Promise<boolean> {
    const { inTransaction } = this.#link;
    const [answer] = await this.#link.requests([describe(sql)], "read", call);
    if (answer?.error) throw await this.of(answer.error, sql, call);
    if (inTransaction && !this.#link.inTransaction) {
      this.#link.lose();
      throw lostNow();
    }
    return fieldsOf(answer?.response?.result).is_readonly === true;
  }

  #stolen(message: string, sql: string): Error {
    this.#link.lose();
    return new OperationalError(
      `the transaction has been lost: the server gave its place to another writer (${message})`,
      {
        code: "TRANSACTION_TIMEOUT",
        outcome: "rolled-back",
        retryable: true,
        sql,
      },
    );
  }

  /** Compiles the statement once more, to see whether that is what fails. */
  async #vague(error: WireError, told: Told, sql: string, call: Call): Promise<Error> {
    const answer = (await this.#ask([describe(sql)], call))?.[0];
    if (answer?.error) return compileError(readMessage(this.#link.redact(answer.error.message)), sql);
    if (error.code !== "SQL_PARSE_ERROR")
      return runError(codeName(error, told.message) ?? "SQLITE_ERROR", told, sql);
    // SQLite takes it and the server does not, or the server cannot be asked.
    return answer === undefined
      ? compileError(told, sql)
      : new NotSupportedError(refusal(sql, told.message), { sql });
  }

  /** A primary key breaks in the words of any other unique constraint. */
  async #unique(told: Told, name: string, sql: string, call: Call): Promise<Error> {
    const { table, columns = [] } = constraintOf(name, told.message) ?? {};
    const keys = table === undefined ? [] : await this.#ask([keysOf(table)], call);
    if (table === undefined) await this.#ask([], call);
    const names = keyNames(keys?.[0]);
    if (names === null) return runError(name, told, sql);
    if (names.key.length > 0 && names.key.join() === columns.join()) {
      return runError("SQLITE_CONSTRAINT_PRIMARYKEY", told, sql);
    }
    const isRowid = columns.length === 1 && columns[0] === "rowid" && !names.all.includes("rowid");
    return runError(isRowid ? "SQLITE_CONSTRAINT_ROWID" : name, told, sql);
  }

  /** Answers, and the state of the transaction behind them; null where none is to be had. */
  async #ask(requests: readonly StreamRequest[], call: Call): Promise<readonly StreamResult[] | null> {
    try {
      return await this.#link.requests(requests, "read", call);
    } catch (failure) {
      // What brought us here says more; if a transaction went with the stream, the link knows.
      if (call.stopped === null && failure instanceof DatabaseError) return null;
      throw failure;
    }
  }
}

/** Asks the server to compile a statement, with SQLite's own parser. */
export function describe(sql: string): StreamRequest {
  return { type: "describe", members: `"sql":${JSON.stringify(sql)}` };
}

function keysOf(table: string): StreamRequest {
  const sql = "SELECT name, pk FROM pragma_table_info(?)  ORDER BY pk";
  const bound = `${statementOf(sql).slice(0, -1)},"args":[${encodeValue(table)}]}`;
  return { type: "execute", members: `"stmt":${bound}` };
}

/** The columns of a table and those of its primary key, in its order. */
function keyNames(
  result: StreamResult | undefined,
): { readonly all: string[]; readonly key: string[] } | null {
  if (result === undefined || result.error !== null) return null;
  const cells = readStatement(result.response.result).rows as { readonly value?: unknown }[][];
  const all = cells.map(([name]) => String(name?.value));
  return { all, key: all.filter((_, i) => String(cells[i]?.[1]?.value) !== "0") };
}

/** An error that is not SQLite's. */
function ofServer(code: string, message: string, sql: string): Error {
  switch (code) {
    case "SQL_MANY_STATEMENTS":
      return new ProgrammingError("You can only execute one statement at a time.", { sql });
    case "SQL_NO_STATEMENT":
      return new ProgrammingError(message, { code, sql });
    case "ARGS_INVALID":
    case "ARGS_BOTH_POSITIONAL_AND_NAMED":
      return new InterfaceError(message, { code, sql });
    default:
      return new OperationalError(message, { code, sql });
  }
}

/** Which statement it is that the server lacks: a PRAGMA by its name, a CREATE by what it would make. */
function refusal(sql: string, message: string): string {
  const scanner = new Scanner(sql);
  const next = () => (scanner.nextSignificant() ? sql.slice(scanner.start, scanner.end) : "");
  let what = scanner.nextStatement() ? sql.slice(scanner.start, scanner.end).toUpperCase() : "this statement";
  if (what === "CREATE") what += ` ${next().toUpperCase()}`;
  if (what === "PRAGMA") {
    const name = next();
    what += ` ${next() === "." ? next() : name}`;
  }
  const why = message.startsWith("unsupported statement") ? "" : `: ${message}`;
  return `${what} is not supported by ${NAME}${why}`;
}
