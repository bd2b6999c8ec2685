/**
 * Keeps bound values out of SQLite's messages: some of them repeat the value that they complain about.
 * It must not know engines. Tests: test/unit/errors/bound-values.test.ts.
 */

/** What SQLite says of a running statement with a value in it, or a piece of one: before it, the value, behind it. */
const TELLS_A_VALUE = [
  /^((?:bad JSON path|not an array element|malformed MATCH expression|unknown special query): )(.+)()$/s,
  /^((?:unrecognized matchinfo request|unable to open database|no such (?:database|column)): )(.+)()$/s,
  /^(fts5: syntax error near )(".+")()$/s,
  /^(database )(.+)( is already in use| is locked)$/s,
] as const;
const CODES_WITH_VALUES = new Set(["SQLITE_ERROR", "SQLITE_CANTOPEN"]);

/** Puts `?` for a bound value in SQLite's message; what stands in the statement itself is no secret. */
export function withoutValue(message: string, code: string, sql = ""): string {
  if (!CODES_WITH_VALUES.has(code)) return message;
  for (const pattern of TELLS_A_VALUE) {
    const [, before = "", value, behind = ""] = pattern.exec(message) ?? [];
    if (value !== undefined && !sql.includes(value.replace(/^['"[]|['"\]]$/g, "")))
      return `${before}?${behind}`;
  }
  return message;
}
