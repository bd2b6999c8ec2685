/**
 * Reads a server's words: SQLite's own message out of them, the extended result code, the place in the statement.
 * It must not ask the server anything. Tests: test/unit/engine/http/messages.test.ts.
 */
import { nameOf } from "../../errors/codes.ts";
import type { SyntaxPosition } from "../../errors/tree.ts";
import { firstIllegal, lineColumn, occurrences } from "../../sql/locate.ts";

/** An error as a server tells it. */
export interface WireError {
  readonly message: string;
  readonly code: string | null;
  /** SQLite's extended result code, where the server knows it. */
  readonly extendedCode: number | null;
}

/** What servers write before and behind SQLite's words. */
const PREFIX = /^(?:SQLite error|SQL input error|SQL string could not be parsed|SQLite input error): /;
const OFFSET = / \(at offset (\d+)\)$/;

/** SQLite's message, and the byte of the statement that it speaks of, or -1. */
export interface Told {
  readonly message: string;
  readonly offset: number;
}

export function readMessage(message: string): Told {
  const bare = message.replace(PREFIX, "");
  const offset = OFFSET.exec(bare)?.[1];
  return offset === undefined
    ? { message: bare, offset: -1 }
    : { message: bare.replace(OFFSET, ""), offset: Number(offset) };
}

/** The opening words of a broken constraint, for servers that send the primary code only. */
const CONSTRAINTS: readonly (readonly [opening: RegExp, name: string])[] = [
  [/^UNIQUE constraint failed/, "SQLITE_CONSTRAINT_UNIQUE"],
  [/^NOT NULL constraint failed/, "SQLITE_CONSTRAINT_NOTNULL"],
  [/^CHECK constraint failed/, "SQLITE_CONSTRAINT_CHECK"],
  [/^FOREIGN KEY constraint failed/, "SQLITE_CONSTRAINT_FOREIGNKEY"],
  [/^cannot store \w+ value in \w+ column /, "SQLITE_CONSTRAINT_DATATYPE"],
  [/^(?:constraint failed|\w+ constraint failed)/, "SQLITE_CONSTRAINT"],
  // A trigger's RAISE says what its author wants.
  [/^/, "SQLITE_CONSTRAINT_TRIGGER"],
];

/** The result code by name as SQLite has it; null for a code that is not SQLite's. */
export function codeName({ code, extendedCode }: WireError, message: string): string | null {
  const extended = extendedCode === null ? undefined : nameOf(extendedCode);
  if (extended !== undefined) return extended;
  if (code === null || code === "SQLITE_UNKNOWN" || code === "SQL_INPUT_ERROR") return "SQLITE_ERROR";
  if (code === "SQLITE_CONSTRAINT")
    return CONSTRAINTS.find(([opening]) => opening.test(message))?.[1] ?? code;
  return code.startsWith("SQLITE_") ? code : null;
}

/** The place of a syntax error, as SQLite's messages name it. */
export function syntaxOf({ message, offset }: Told, sql: string): SyntaxPosition | undefined {
  const at = (near: string, position: number) => ({ near, offset: position, ...lineColumn(sql, position) });
  if (message === "incomplete input") return at("", sql.length);
  const illegal = /^unrecognized token: "(.*)"$/s.exec(message)?.[1];
  if (illegal !== undefined) {
    const position = firstIllegal(sql);
    return position === null ? undefined : at(illegal, position);
  }
  const near = /^near "(.*)": syntax error$/s.exec(message)?.[1];
  if (near === undefined) return undefined;
  const candidates = occurrences(sql, near);
  // The server counts bytes; without a count the token has to be the only one of its kind.
  const told = offset < 0 ? null : Buffer.from(sql).subarray(0, offset).toString().length;
  if (told !== null && candidates.includes(told)) return at(near, told);
  return told === null && candidates.length === 1 ? at(near, candidates[0] as number) : undefined;
}
