/**
 * Reads which rule was broken out of SQLite's message. Must not choose error classes (from-sqlite.ts does).
 * SQLite joins names with "." and ", " and quotes none, so a message that could be read in two ways gives the kind
 * alone: a field left out is better than a wrong one. Tests: test/unit/errors/constraint.test.ts, on real databases.
 */
import type { Constraint, ConstraintKind } from "./tree.ts";

/** The kind where the extended code tells it. */
const KINDS: ReadonlyMap<string, ConstraintKind> = new Map<string, ConstraintKind>([
  ["SQLITE_CONSTRAINT_UNIQUE", "unique"],
  ["SQLITE_CONSTRAINT_PRIMARYKEY", "primary key"],
  ["SQLITE_CONSTRAINT_NOTNULL", "not null"],
  ["SQLITE_CONSTRAINT_CHECK", "check"],
  ["SQLITE_CONSTRAINT_FOREIGNKEY", "foreign key"],
  ["SQLITE_CONSTRAINT_TRIGGER", "trigger"],
  ["SQLITE_CONSTRAINT_ROWID", "rowid"],
  ["SQLITE_CONSTRAINT_DATATYPE", "datatype"],
  ["SQLITE_CONSTRAINT_COMMITHOOK", "commit hook"],
  ["SQLITE_CONSTRAINT_FUNCTION", "function"],
  ["SQLITE_CONSTRAINT_VTAB", "vtab"],
  ["SQLITE_CONSTRAINT_PINNED", "pinned"],
  ["SQLITE_MISMATCH", "datatype"],
]);

/** The kind by the opening words, for an engine that sends the primary code only. */
const OPENINGS: readonly (readonly [string, ConstraintKind])[] = [
  ["UNIQUE constraint failed", "unique"],
  ["NOT NULL constraint failed", "not null"],
  ["CHECK constraint failed", "check"],
  ["FOREIGN KEY constraint failed", "foreign key"],
];

/**
 * Says which constraint failed.
 * @param name - the result code by name, extended where the engine has it
 * @param message - SQLite's message
 * @returns the constraint, or undefined when the code is none of SQLITE_CONSTRAINT and SQLITE_MISMATCH
 */
export function constraintOf(name: string, message: string): Constraint | undefined {
  const known = KINDS.get(name);
  if (known === undefined && !name.startsWith("SQLITE_CONSTRAINT")) return undefined;
  const kind = known ?? OPENINGS.find(([opening]) => message.startsWith(opening))?.[1] ?? "other";
  return { kind, ...details(kind, message) };
}

function details(kind: ConstraintKind, message: string): Omit<Constraint, "kind"> {
  switch (kind) {
    case "unique":
    case "primary key":
    case "rowid":
      return keyDetails(after("UNIQUE constraint failed: ", message));
    case "not null":
      return columnDetails(after("NOT NULL constraint failed: ", message));
    case "datatype":
      return columnDetails(/^cannot store \w+ value in \w+ column (.+)$/s.exec(message)?.[1]);
    case "check": {
      const name = after("CHECK constraint failed: ", message);
      return name === undefined ? {} : { name };
    }
    default:
      return {};
  }
}

function after(opening: string, message: string): string | undefined {
  return message.startsWith(opening) ? message.slice(opening.length) : undefined;
}

/** `index 'i'` for an index on expressions, else `t.a, t.b`. */
function keyDetails(text: string | undefined): Omit<Constraint, "kind"> {
  if (text === undefined) return {};
  const index = /^index '((?:[^']|'')*)'$/.exec(text)?.[1];
  if (index !== undefined) return { name: index.replaceAll("''", "'") };
  const columns: string[] = [];
  let table: string | undefined;
  for (const part of text.split(", ")) {
    const [left, column] = splitOnce(part);
    if (left === undefined || column === undefined || (table !== undefined && table !== left)) return {};
    table = left;
    columns.push(column);
  }
  return table === undefined ? {} : { table, columns };
}

/** `t.c`. */
function columnDetails(text: string | undefined): Omit<Constraint, "kind"> {
  const [table, column] = splitOnce(text ?? "");
  return table === undefined || column === undefined ? {} : { table, columns: [column] };
}

/** Both sides of the only dot; nothing when there is none, or more than one. */
function splitOnce(text: string): readonly [string, string] | readonly [] {
  const dot = text.indexOf(".");
  if (dot < 0 || dot !== text.lastIndexOf(".")) return [];
  return [text.slice(0, dot), text.slice(dot + 1)];
}
