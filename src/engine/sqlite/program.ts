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

/** Opcodes whose outcome may be another one the next time: functions, aggregates among them, and virtual tables. */
const MAY_DIFFER = new Set(["Function", "PureFunc", "AggStep", "AggStep1", "AggFinal", "AggValue", "VOpen"]);

/** Whether a query that runs a second time on the same rows certainly gives the same rows in the same order. */
export function isRepeatable(program: readonly Opcode[]): boolean {
  return !program.some(({ opcode }) => MAY_DIFFER.has(opcode));
}

/** Opcodes by which a program comes to its first row. */
const POSITIONS = /^(Rewind|Last|Seek|Sort|SorterSort|VFilter|NotExists|NotFound|Found)/;
/** Opcodes that fail in a statement which has expired under way. */
const OPENS = new Set(["OpenRead", "OpenWrite", "ReopenIdx"]);

/**
 * Whether a program may open a table or an index when it has given rows already: the second part of a UNION ALL, a correlated
 * subquery. A false "yes" is possible.
 */
export function opensLate(program: readonly Opcode[]): boolean {
  const first = program.findIndex(({ opcode }) => POSITIONS.test(opcode));
  return first >= 0 && program.slice(first).some(({ opcode }) => OPENS.has(opcode));
}

/** Affinities under which a REAL without a fraction ends as an INTEGER would: NUMERIC, INTEGER and REAL. */
const NUMERIC = new Set(["C", "D", "E"]);

/**
 * Which parameters of a plain INSERT, by number from 0, may be bound as REAL where a safe integer is meant: those that go
 * straight into a rowid, or into a column of numeric affinity. SQLite applies the affinity before a check, an index or a
 * generated column looks at the value (sqlite3TableAffinity), so that nobody sees the REAL. A STRICT table tells no
 * affinities, and a trigger may see the value before: then there are none.
 * @param count how many parameters there are, each a `?`
 */
export function takesReals(program: readonly Opcode[], count: number): boolean[] | null {
  const takes = new Array<boolean>(count).fill(false);
  const numeric = new Set<number>();
  const other = new Set<number>();
  for (const { opcode, p1, p4 } of program) {
    if (opcode === "TypeCheck" || opcode === "Program") return null;
    if (opcode === "MustBeInt") numeric.add(p1);
    if (opcode !== "Affinity" && opcode !== "MakeRecord") continue;
    for (const [i, affinity] of [...(p4 ?? "")].entries()) {
      (NUMERIC.has(affinity) ? numeric : other).add(p1 + i);
    }
  }
  for (const { opcode, p1, p2 } of program) {
    if (opcode === "Variable") takes[p1 - 1] = numeric.has(p2) && !other.has(p2);
  }
  return takes.includes(true) ? takes : null;
}

/** What the opcodes of a lookup by rowid read of registers: none, or those that it tells. Any other opcode may read anything. */
const READS: Readonly<Record<string, ((op: Opcode) => readonly [from: number, count: number]) | null>> = {
  Init: null,
  Transaction: null,
  Goto: null,
  OpenRead: null,
  Halt: null,
  Variable: null,
  Integer: null,
  Int64: null,
  Real: null,
  String8: null,
  Null: null,
  Rowid: null,
  Column: null,
  // In a table they take any number for the rowid that it is equal to, and change nothing.
  SeekRowid: null,
  SeekGE: null,
  SeekGT: null,
  SeekLE: null,
  SeekLT: null,
  Next: null,
  Prev: null,
  Noop: null,
  DecrJumpZero: ({ p1 }) => [p1, 1],
  RealAffinity: ({ p1 }) => [p1, 1],
  ResultRow: ({ p1, p2 }) => [p1, p2],
};

const SEEK = /^Seek(Rowid|G[ET]|L[ET])$/;

/**
 * Whether the parameters of a query do nothing but look up one rowid of one table, or the rows from one on, for which a REAL does
 * as well as the INTEGER of the same value. Only for a schema that stays: under another one the same text may mean another column.
 */
export function onlySeeksRowid(program: readonly Opcode[]): boolean {
  const parameters = new Set<number>();
  for (const { opcode, p2 } of program) if (opcode === "Variable") parameters.add(p2);
  const opened = program.filter(({ opcode }) => opcode === "OpenRead");
  // An index has a description of its keys in that place.
  if (opened.length !== 1 || !/^\d+$/.test(opened[0]?.p4 ?? "")) return false;
  if (program.filter(({ opcode }) => SEEK.test(opcode)).length !== 1) return false;
  return program.every((op) => {
    const reads = READS[op.opcode];
    if (reads === undefined) return false;
    const [from, length] = reads?.(op) ?? [0, 0];
    for (let register = from; register < from + length; register++)
      if (parameters.has(register)) return false;
    return true;
  });
}
