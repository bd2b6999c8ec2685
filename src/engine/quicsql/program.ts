/**
 * SQLite's word on whether a statement can write, read off its program (EXPLAIN) as `sqlite3_stmt_readonly` is.
 * It must not run anything. Tests: test/conformance/quicsql.test.ts.
 * @see https://www.sqlite.org/c3ref/stmt_readonly.html
 */
import type { SqlRow } from "../../values/types.ts";

/** Opcodes that write whatever their operands are. */
const WRITING = new Set(["Checkpoint", "Vacuum", "JournalMode"]);

/** @param program the rows of EXPLAIN: address, opcode, p1, p2, … */
export function isReadonlyProgram(program: readonly SqlRow[]): boolean {
  return !program.some(
    ([, opcode, , p2]) => WRITING.has(String(opcode)) || (opcode === "Transaction" && p2 !== 0),
  );
}
