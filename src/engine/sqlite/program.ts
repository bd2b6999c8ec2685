/**
 * What SQLite's own program for a statement (EXPLAIN) tells about it before it runs.
 * Reads opcodes only; it must not run or change anything. Tests: test/unit/engine/sqlite/program.test.ts.
 * @see https://www.sqlite.org/opcode.html
 */
import type { Opcode } from "./driver.ts";

export { canShareStatement } from "../../sql/share.ts";

/** Opcodes by which a program comes back to a place it has passed. */
const LOOPS = new Set(["Next", "Prev", "SorterNext", "VNext"]);
/**
 * Opcodes by which a program runs a piece of itself more than once: a row may come out of each. Return is none where
 * BeginSubrtn has begun the piece: that is a scalar subquery or EXISTS in its place, and Return falls through.
 */
const SUBROUTINES = new Set(["Yield", "InitCoroutine", "Gosub", "Return"]);

/**
 * Whether a program returns at most one row: one place that emits rows, no loop around it, no subroutine.
 * A false "no" costs speed; there is no false "yes" on the programs of SQLite 3.54.
 */
export function returnsAtMostOneRow(program: readonly Opcode[]): boolean {
  let emit = -1;
  const inPlace = new Set<number>();
  for (const { addr, opcode, p1, p2 } of program) {
    if (opcode === "BeginSubrtn") inPlace.add(p2);
    if (SUBROUTINES.has(opcode) && !(opcode === "Return" && inPlace.has(p1))) return false;
    if (opcode !== "ResultRow") continue;
    if (emit >= 0) return false;
    emit = addr;
  }
  return !program.some(({ addr, opcode, p2 }) => LOOPS.has(opcode) && addr > emit && p2 <= emit);
}
