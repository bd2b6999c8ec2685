/**
 * PRAGMAs that set something for a connection: a server has many connections where we have one, and is told again.
 * It must not know streams. Tests: test/unit/engine/hrana/pragma.test.ts.
 * @see https://www.sqlite.org/pragma.html
 */
import type { StatementText } from "../../sql/statement.ts";
import { Scanner } from "../../sql/tokenizer.ts";

/** Those that last as long as a connection. What is stored in the file, or lasts for a transaction, is none of them. */
const LASTING: ReadonlySet<string> = new Set([
  "automatic_index",
  "busy_timeout",
  "cache_size",
  "cache_spill",
  "case_sensitive_like",
  "cell_size_check",
  "checkpoint_fullfsync",
  "foreign_keys",
  "fullfsync",
  "hard_heap_limit",
  "ignore_check_constraints",
  "legacy_alter_table",
  "query_only",
  "read_uncommitted",
  "recursive_triggers",
  "reverse_unordered_selects",
  "secure_delete",
  "synchronous",
  "temp_store",
  "threads",
  "trusted_schema",
]);

/** What a statement sets for its connection, by the PRAGMA's name; null for one that asks, or sets nothing of that kind. */
export function settingOf({ kind, sql }: StatementText): string | null {
  if (kind !== "pragma") return null;
  const scanner = new Scanner(sql);
  const next = () => (scanner.nextSignificant() ? sql.slice(scanner.start, scanner.end) : "");
  if (!scanner.nextStatement()) return null;
  let name = next();
  let behind = next();
  if (behind === ".") [name, behind] = [next(), next()];
  if (behind !== "=" && behind !== "(") return null;
  const plain = name.replace(/^["'`[](.*)["'`\]]$/s, "$1").toLowerCase();
  return LASTING.has(plain) ? plain : null;
}
