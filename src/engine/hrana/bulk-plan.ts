/**
 * Whether the rows of an INSERT can share statements on the server and nobody could tell; asked of the server in one go.
 * The rules are those of the sqlite engine (see docs/design/HOUSE.md, "Bulk"). It must not run the INSERT.
 * Tests: test/unit/engine/hrana/bulk.test.ts.
 */
import { type PlainInsert, plainInsert } from "../../sql/insert.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import { canShareStatement, type Instruction } from "../../sql/share.ts";
import type { StatementText } from "../../sql/statement.ts";
import { describeStatement } from "../../sql/statement.ts";
import type { BoundValue, SqlRow } from "../../values/types.ts";
import { decodeRow } from "../http/values.ts";
import { boundStatement } from "./batch.ts";
import { fitsJson, insertFromJson, rowsAsJson } from "./json-rows.ts";
import { readStatement, type StreamRequest, type StreamResult } from "./wire.ts";

/** An INSERT that may be written with many rows, as long as the schema is the one that was looked at. */
export interface BulkPlan {
  readonly insert: PlainInsert;
  readonly schemaVersion: bigint;
  /** The INSERT that takes its rows out of a JSON text, as a statement; null where the server cannot be trusted with one. */
  readonly fromJson: StatementText | null;
}

/** The INSERT, if its text allows sharing at all. Databases beside the main one are not looked into. */
export function candidate(text: StatementText): PlainInsert | null {
  const insert = plainInsert(text.sql);
  if (insert === null || insert.width === 0 || insert.width !== text.parameters.count) return null;
  return insert.schema === null || insert.schema.toLowerCase() === "main" ? insert : null;
}

/** A blob literal. EXPLAIN shows its bytes as text, and a server cannot send text that is not UTF-8. */
const BLOB_LITERAL = /x'/i;

/** Values of every kind, and numbers that are hard to read. */
const PROBE: readonly BoundValue[] = [
  ...[null, 1n, 2n ** 63n - 1n, -(2n ** 63n), "", 'é"\\\u0001\ud83d\ude00', "null", "1"],
  ...[0.1, -1 / 3, 1e23, 2 ** 60, 2 ** 53 + 2, 8.41e21, 5e-324 * 2 ** 200, 1.797693134862315e289],
];

type Ask = (requests: readonly StreamRequest[]) => Promise<StreamResult[]>;

/** Asks, and decides by the answers. A server that does not give them all gets its rows one by one. */
export async function findPlan(text: StatementText, insert: PlainInsert, ask: Ask): Promise<BulkPlan | null> {
  const answers = await ask([
    query("SELECT sql FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE AND sql IS NOT NULL", [
      insert.table,
    ]),
    query('SELECT "table" FROM pragma_foreign_key_list(?)', [insert.table]),
    query("SELECT lower(name) FROM pragma_function_list WHERE NOT builtin", []),
    query("SELECT schema_version FROM pragma_schema_version", []),
    query(`SELECT sqlite_version(), ${PROBE.map((_, i) => `r.value->>${i}`).join()} FROM json_each(?) AS r`, [
      rowsAsJson(PROBE, PROBE.length, 0, 1),
    ]),
  ]);
  const [schema, parents, functions, version, probe] = answers.map(rowsOf);
  if (!schema || !parents || !functions || !version) return null;
  const schemaVersion = version[0]?.[0];
  const texts = schema.map(([sql]) => String(sql));
  if (typeof schemaVersion !== "bigint" || [text.sql, ...texts].some((sql) => BLOB_LITERAL.test(sql)))
    return null;
  // EXPLAIN of a DML statement sets SQL's changes() to 0: a trigger or a default could tell that it was here.
  if (texts.some((sql) => sql.toLowerCase().includes("changes"))) return null;
  // An immediate foreign key is checked at the end of a statement: a later row could satisfy an earlier one.
  if (parents.some(([table]) => String(table).toLowerCase() === insert.table.toLowerCase())) return null;
  const nulls = new Array<null>(insert.width).fill(null);
  const [explained] = (await ask([query(`EXPLAIN ${text.sql}`, nulls)])).map(rowsOf);
  if (!explained || explained.length === 0) return null;
  const foreign = new Set(functions.map(([name]) => name));
  const isSafe = canShareStatement(explained.map(instructionOf), (name) => !foreign.has(name));
  if (!isSafe) return null;
  const isJsonExact = fitsJson(insert) && answersExactly(probe?.[0]);
  return { insert, schemaVersion, fromJson: isJsonExact ? describeStatement(insertFromJson(insert)) : null };
}

/** Whether SQLite there takes JSON apart, and reads decimals as those versions do for which that is known to be exact. */
function answersExactly([version, ...values]: SqlRow = []): boolean {
  const [major = 0, minor = 0] = String(version).split(".").map(Number);
  const isKnown = major === 3 && minor >= 43;
  return isKnown && values.length === PROBE.length && values.every((value, i) => value === PROBE[i]);
}

function instructionOf([, opcode, p1, p2, , p4]: SqlRow): Instruction {
  return {
    opcode: String(opcode),
    p1: Number(p1),
    p2: Number(p2),
    p4: typeof p4 === "string" ? p4 : null,
  };
}

function query(sql: string, values: readonly BoundValue[]): StreamRequest {
  return { type: "execute", members: `"stmt":${boundStatement(describeStatement(sql), values)}` };
}

/** The rows of an answer; null for an error. */
function rowsOf({ response }: StreamResult): readonly SqlRow[] | null {
  if (response === null) return null;
  const { rows, columns } = readStatement(response.result);
  return rows.map((row) => decodeRow(row, columns.length, { integers: "bigint", text: "string" }));
}

/** A statement that fails unless the schema is still the one that was looked at. */
export function sameSchema({ schemaVersion }: BulkPlan): string {
  const name = quoteIdentifier("schema_version");
  return (
    `SELECT CASE WHEN ${name} <> ${schemaVersion} THEN abs(-9223372036854775808) END ` +
    `FROM pragma_schema_version`
  );
}
