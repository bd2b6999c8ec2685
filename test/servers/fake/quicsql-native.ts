/**
 * quicSQL's JSON API: one statement, or several as one transaction. SQL that fails is HTTP 200 with an error.
 * @see https://quicsql.com/docs/clients/http-api/
 */
import { failureOf, type NativeDatabase, type Result, run, type Value } from "./quicsql-database.ts";

interface Statement {
  readonly sql?: string;
  readonly args?: readonly unknown[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** A number without a point or an exponent is an integer. */
const integers: Reviver = (_key, value, { source }) =>
  typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;

const bad = (message: string): Answer => ({ status: 400, body: JSON.stringify({ error: { message } }) });

export function query(db: NativeDatabase, body: string, maxRows: number): Answer {
  let request: Statement & { readonly statements?: readonly Statement[] };
  try {
    request = JSON.parse(body, integers as (key: string, value: unknown) => unknown) as typeof request;
  } catch {
    return bad("invalid JSON");
  }
  const unknown = Object.keys(request).find((key) => !["sql", "args", "statements"].includes(key));
  if (unknown !== undefined) return bad(`invalid JSON: unknown field "${unknown}"`);
  const { sql = "", statements = [] } = request;
  if (sql === "" && statements.length === 0) return bad("request must set 'sql' or 'statements'");
  if (sql !== "" && statements.length > 0) return bad("set either 'sql' or 'statements', not both");
  if (statements.length === 0) return one(db, request, maxRows);
  db.exec("BEGIN");
  const results: string[] = [];
  for (const [index, statement] of statements.entries()) {
    try {
      results.push(encode(run(db, statement.sql ?? "", (statement.args ?? []).map(decodeArg), maxRows)));
    } catch (error) {
      if (db.inTransaction) db.exec("ROLLBACK");
      return { status: 200, body: JSON.stringify({ ...envelope(error), failed_index: index }) };
    }
  }
  try {
    db.exec("COMMIT");
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    return { status: 200, body: JSON.stringify(envelope(error)) };
  }
  return { status: 200, body: `{"results":[${results.join(",")}]}` };
}

function one(db: NativeDatabase, { sql = "", args = [] }: Statement, maxRows: number): Answer {
  try {
    return { status: 200, body: encode(run(db, sql, args.map(decodeArg), maxRows)) };
  } catch (error) {
    return { status: 200, body: JSON.stringify(envelope(error)) };
  }
}

function envelope(error: unknown) {
  const { message, code } = failureOf(error);
  return { error: code === null ? { message } : { message, code: code & 0xff, extended_code: code } };
}

function decodeArg(value: unknown): Value {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value !== "object" || value === null) return value as Value;
  return Buffer.from((value as { readonly base64: string }).base64, "base64");
}

function encode({ columns, rows, changes, lastrowid, truncated }: Result): string {
  const cells = rows.map((row) => `[${row.map(encodeValue).join(",")}]`);
  const tail = truncated ? ',"truncated":true' : "";
  return `{"columns":${JSON.stringify(columns)},"rows":[${cells.join(",")}],"rows_affected":${changes},"last_insert_id":${lastrowid}${tail}}`;
}

/** As Go writes it: a whole number without a point, an infinity as a text. */
function encodeValue(value: Value): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`;
  if (Buffer.isBuffer(value)) return JSON.stringify({ base64: value.toString("base64") });
  return JSON.stringify(value);
}
