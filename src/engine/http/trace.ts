/**
 * A statement with its values written into it, as SQLite's own trace shows it.
 * It must not know who looks at it. Tests: test/unit/engine/http/trace.test.ts.
 */
import { ParameterNumbers } from "../../sql/parameters.ts";
import { Scanner } from "../../sql/tokenizer.ts";
import { isInteger } from "../../values/integers.ts";
import type { BoundValue } from "../../values/types.ts";

/** @param values by SQLite's numbering, those of this statement from `start` on */
export function expand(sql: string, values: readonly BoundValue[], start = 0): string {
  const numbers = new ParameterNumbers();
  const scanner = new Scanner(sql);
  let text = "";
  let from = 0;
  while (scanner.next()) {
    if (scanner.kind !== "parameter") continue;
    const number = numbers.add(sql, scanner);
    if (number === 0) continue;
    text += sql.slice(from, scanner.start) + literal(values[start + number - 1] ?? null);
    from = scanner.end;
  }
  return text + sql.slice(from);
}

function literal(value: BoundValue): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  if (typeof value === "bigint" || (typeof value === "number" && isInteger(value))) return String(value);
  if (typeof value === "number") return Number.isInteger(value) ? value.toFixed(1) : String(value);
  return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}'`;
}
