/**
 * What the schema makes of a plain INSERT: whether rows of it can share a statement, and which of its values may be bound as
 * REAL. It asks SQLite for the program, and must not run the statement. Tests: test/unit/engine/sqlite/bulk.test.ts.
 */
import { type PlainInsert, plainInsert } from "../../sql/insert.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import type { NativeDatabase } from "./driver.ts";
import { canShareStatement, takesReals } from "./program.ts";

export interface InsertPlan {
  readonly insert: PlainInsert;
  /** What {@link takesReals} says of the placeholders of a row. */
  readonly takesReals: readonly boolean[] | null;
}

/** The plan, or null where somebody could tell rows of one statement from rows of many. */
export function planInsert(db: NativeDatabase, sql: string): InsertPlan | null {
  const insert = plainInsert(sql);
  if (insert === null || insert.width === 0 || canSeeCounters(db, insert)) return null;
  const foreign = db.prepare("SELECT 1 FROM pragma_function_list WHERE name = ? AND NOT builtin").raw();
  const isBuiltIn = (name: string) => foreign.get(name) === undefined;
  const program = db.explain(sql);
  if (!canShareStatement(program, isBuiltIn) || refersToItself(db, insert)) return null;
  return { insert, takesReals: takesReals(program, insert.width) };
}

/**
 * Whether a trigger or a default could tell that EXPLAIN was here: of a DML statement it sets SQL's `changes()` to 0. Any
 * mention of the word counts. A table of an attached database that is named without its schema is not looked for.
 */
function canSeeCounters(db: NativeDatabase, { schema, table }: PlainInsert): boolean {
  const from = (name: string) => `SELECT sql FROM ${name}.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE`;
  return db
    .prepare(`${from(quoteIdentifier(schema ?? "main"))} UNION ALL ${from("temp")}`)
    .raw()
    .all({ 1: table })
    .some(([sql]) => String(sql).toLowerCase().includes("changes"));
}

/** An immediate foreign key is checked at the end of a statement: a later row could satisfy an earlier one. */
function refersToItself(db: NativeDatabase, { schema, table }: PlainInsert): boolean {
  const prefix = schema === null ? "" : `${quoteIdentifier(schema)}.`;
  const parents = db
    .prepare(`PRAGMA ${prefix}foreign_key_list(${quoteIdentifier(table)})`)
    .raw()
    .all();
  return parents.some((row) => String(row[2]).toLowerCase() === table.toLowerCase());
}
