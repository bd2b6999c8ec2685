/**
 * Which connection of a pool a statement belongs on: any reader, the writer, or none, because it would leave something
 * behind on a connection that another caller gets next. It must not know pools. Tests: test/unit/core/route.test.ts.
 */
import { ProgrammingError } from "../errors/tree.ts";
import { TextCache } from "../sql/cache.ts";
import { describeStatement } from "../sql/statement.ts";
import { Scanner } from "../sql/tokenizer.ts";
import { call, type Operation } from "./run.ts";
import { checkSql, type Session } from "./session.ts";

export type Route = "reader" | "writer";

/** PRAGMAs whose argument sets nothing: it says what to look at, or goes into the file. */
const HARMLESS: ReadonlySet<string> = new Set([
  "application_id",
  "foreign_key_check",
  "foreign_key_list",
  "incremental_vacuum",
  "index_info",
  "index_list",
  "index_xinfo",
  "integrity_check",
  "optimize",
  "quick_check",
  "table_info",
  "table_list",
  "table_xinfo",
  "user_version",
  "wal_checkpoint",
]);
const KNOWN_TEXTS = 1024;
const INSTEAD = "give the pool a setup function, or use pool.connection()";

/** What is known of SQL texts: where the verb says it, at once; else SQLite's own readonly flag, once it has been asked. */
export class Router {
  readonly #known = new TextCache<Route | null>(KNOWN_TEXTS);

  /**
   * @returns where the statement belongs; null when only the engine can tell
   * @throws {ProgrammingError} for what would change a connection, and for more than one statement
   */
  route(sql: string): Route | null {
    const known = this.#known.get(sql);
    if (known !== undefined) return known;
    checkSql(sql);
    const route = routeByVerb(sql);
    this.#known.set(sql, route);
    return route;
  }

  /** Keeps what the engine has said. */
  learn(sql: string, isReadonly: boolean): Route {
    const route = isReadonly ? "reader" : "writer";
    this.#known.set(sql, route);
    return route;
  }
}

/** SQLite's own word on whether a statement can write to the database. */
export function* isReadonly(session: Session, sql: string): Operation<boolean> {
  session.enter();
  return yield* call("isReadonly", sql);
}

function routeByVerb(sql: string): Route | null {
  const { kind, count, isDml } = describeStatement(sql);
  if (count === "many") throw new ProgrammingError("You can only execute one statement at a time.", { sql });
  if (count === "none") return "reader";
  if (isDml) return "writer";
  switch (kind) {
    case "begin":
    case "commit":
    case "rollback":
    case "savepoint":
    case "release":
      throw refusal(sql, `${kind.toUpperCase()} is not for the pool: use pool.transaction()`);
    case "ddl":
      refuseOwnObjects(sql);
      return "writer";
    case "pragma":
      return routePragma(sql);
    default:
      return null;
  }
}

function refusal(sql: string, message: string): ProgrammingError {
  return new ProgrammingError(message, { sql });
}

/** Refuses what would be there on one connection only. */
function refuseOwnObjects(sql: string): void {
  const [verb = "", what = ""] = firstWords(sql, 2);
  if (verb === "attach" || verb === "detach") {
    throw refusal(sql, `${verb.toUpperCase()} would change one connection of the pool: ${INSTEAD}`);
  }
  if (verb === "create" && (what === "temp" || what === "temporary")) {
    throw refusal(sql, "a temporary object is on one connection of the pool only: use pool.connection()");
  }
}

function routePragma(sql: string): Route | null {
  const [, first = "", dot, second = "", ...rest] = firstWords(sql, 6);
  const [name, next] = dot === "." ? [second, rest[0]] : [first, dot];
  const hasArgument = next === "=" || next === "(";
  if (hasArgument && !HARMLESS.has(name)) {
    throw refusal(sql, `PRAGMA ${name} with a value would change one connection of the pool: ${INSTEAD}`);
  }
  // It may run ANALYZE, though SQLite calls the statement readonly.
  return name === "optimize" ? "writer" : null;
}

/** The first tokens of a statement in lower case, without the quotes of names. */
function firstWords(sql: string, count: number): string[] {
  const words: string[] = [];
  const scanner = new Scanner(sql);
  for (let more = scanner.nextStatement(); more && words.length < count; more = scanner.nextSignificant()) {
    const word = sql.slice(scanner.start, scanner.end).toLowerCase();
    words.push(scanner.kind === "quoted" || scanner.kind === "string" ? word.slice(1, -1) : word);
  }
  return words;
}
