// Whether a one-row INSERT can share a statement with others and nobody could tell, by SQLite's own program for it (EXPLAIN).
// Reads opcodes only; whoever runs SQL has to ask for them. Tests: test/unit/engine/sqlite/program-share.test.ts.

/** One instruction, as EXPLAIN tells it. */
export interface Instruction {
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p4: string | null;
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
  program: readonly Instruction[],
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
