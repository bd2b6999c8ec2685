/**
 * What SQLite's own program for a statement (EXPLAIN) tells about it before it runs.
 * Reads opcodes only; it must not run or change anything. Tests: test/unit/engine/sqlite/program.test.ts.
 * @see https://www.sqlite.org/opcode.html
 */
import type { Opcode } from "./driver.ts";

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

/** Opcodes that make many rows in one INSERT differ from as many INSERTs: triggers and cascades, virtual tables. */
const ROW_BY_ROW = new Set(["Program", "VUpdate", "FkCounter", "FkIfZero"]);

/** SQLite's code for undoing a statement that fails; the others leave some of its rows, or take the transaction along. */
const ABORT = 2;

/** Built-in functions whose answer depends on the statement before. */
const COUNTERS = new Set(["changes", "total_changes", "last_insert_rowid"]);

/**
 * Whether a one-row INSERT can share a statement with others and nobody could tell: no trigger, no foreign key
 * that a later row could satisfy, no virtual table, no constraint with a conflict clause of its own, and no function
 * that is not SQLite's own in a default or a check.
 */
export function canShareStatement(
  program: readonly Opcode[],
  isBuiltIn: (functionName: string) => boolean,
): boolean {
  const isHalt = (opcode: string) => opcode === "Halt" || opcode === "HaltIfNull";
  // A wrong type in a STRICT table stops the statement without a Halt. SQLite is prepared to undo the rows before it only
  // where a constraint may abort the statement as well; elsewhere they stay (seen on SQLite 3.54).
  const canUndo = program.some(({ opcode, p1, p2 }) => isHalt(opcode) && p1 !== 0 && p2 === ABORT);
  return program.every(({ opcode, p1, p2, p4 }) => {
    if (ROW_BY_ROW.has(opcode)) return false;
    if (opcode === "TypeCheck") return canUndo;
    if (isHalt(opcode)) return p1 === 0 || p2 === ABORT;
    if (!opcode.endsWith("Func") && opcode !== "Function") return true;
    const name = p4?.replace(/\(.*$/, "").toLowerCase() ?? "";
    return isBuiltIn(name) && !COUNTERS.has(name);
  });
}
