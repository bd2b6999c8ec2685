/**
 * Which statements a replica answers by itself: queries that say the same wherever they run. Reads the text only; everything
 * that is not surely one goes to the primary. Tests: test/unit/engine/replica/route.test.ts.
 */
import type { StatementText } from "../../sql/statement.ts";

/**
 * What tells of the connection, which is the primary's, since it is there that statements write: three functions, and PRAGMAs
 * as tables. Found in a string or a comment it only costs the way to the primary.
 */
const OF_THE_CONNECTION =
  /\bpragma_|\b(?:total_changes|changes|last_insert_rowid)["'`\]]?(?:\s|\/\*.*?\*\/|--[^\n]*\n)*\(/is;

/** Whether a replica can answer a statement, given that no transaction is open. */
export function isLocal({ sql, kind, count }: StatementText): boolean {
  return (kind === "select" || kind === "values") && count === "one" && !OF_THE_CONNECTION.test(sql);
}
