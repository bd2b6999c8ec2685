/**
 * The exception tree of PEP 249, with what SQLite and the connection know about a failure as typed fields.
 * This room must not know SQL, values or engines: it only carries what it is given. Which class a result code
 * belongs to is said in from-sqlite.ts. Tests: test/unit/errors/tree.test.ts.
 */

/** What kind of rule a statement broke. */
export type ConstraintKind =
  | "unique"
  | "primary key"
  | "not null"
  | "check"
  | "foreign key"
  | "trigger"
  | "rowid"
  | "datatype"
  | "commit hook"
  | "function"
  | "vtab"
  | "pinned"
  | "other";

/** The rule that a statement broke. A field is there only where SQLite's message names it beyond doubt. */
export interface Constraint {
  readonly kind: ConstraintKind;
  readonly table?: string;
  readonly columns?: readonly string[];
  /** The name of an index or of a CHECK (its expression where it has no name). */
  readonly name?: string;
}

/** Where a statement does not parse. */
export interface SyntaxPosition {
  /** The token at which the parser stopped; `""` at the end of the text. */
  readonly near: string;
  /** Position in the text in UTF-16 units, from 0. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** What became of the work when a connection failed. */
export type Outcome = "not-executed" | "rolled-back" | "unknown";

/** Everything an error may carry besides its message. */
export interface ErrorDetails {
  /** SQLite's extended result code. */
  readonly sqliteErrorcode?: number | undefined;
  /** The name of that code: `"SQLITE_CONSTRAINT_UNIQUE"`. */
  readonly sqliteErrorname?: string | undefined;
  /** The same name, or a code of our own such as `"PROTOCOL"`. */
  readonly code?: string | undefined;
  /** The statement, without its values. */
  readonly sql?: string | undefined;
  readonly constraint?: Constraint | undefined;
  readonly syntax?: SyntaxPosition | undefined;
  /** Whether running the whole transaction again can help. Default false. */
  readonly retryable?: boolean | undefined;
  readonly outcome?: Outcome | undefined;
  /** Which parameter set of `executemany`, or which part of a script, from 0. */
  readonly index?: number | undefined;
  readonly cause?: unknown;
}

/** The fields of {@link ErrorDetails} that become own, enumerable properties, `cause` aside. */
const DETAIL_FIELDS = [
  "sqliteErrorcode",
  "sqliteErrorname",
  "code",
  "sql",
  "constraint",
  "syntax",
  "retryable",
  "outcome",
  "index",
] as const satisfies readonly (keyof ErrorDetails)[];

/**
 * Adds to an error what was not known where it was made. A field that the error has already stays as it is.
 * @returns the same error
 */
export function annotate<E extends Detailed>(error: E, details: Omit<ErrorDetails, "cause">): E {
  for (const field of DETAIL_FIELDS) {
    const value = details[field];
    if (value === undefined || Object.hasOwn(error, field)) continue;
    Object.defineProperty(error, field, { value, enumerable: true, configurable: true, writable: true });
  }
  return error;
}

/** Puts a class's name where V8 looks for it when it writes the first line of a stack trace. */
function named(prototype: object, name: string): void {
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
}

/**
 * What {@link Warning} and {@link Error} have in common. PEP 249 keeps the two apart, so this is no class of the tree.
 * Only the fields that were given are own properties: an inspected error shows nothing that it does not know.
 */
export abstract class Detailed extends globalThis.Error {
  declare readonly sqliteErrorcode?: number;
  declare readonly sqliteErrorname?: string;
  declare readonly code?: string;
  declare readonly sql?: string;
  declare readonly constraint?: Constraint;
  declare readonly syntax?: SyntaxPosition;
  declare readonly retryable: boolean;
  declare readonly outcome?: Outcome;
  declare readonly index?: number;

  static {
    Object.defineProperty(Detailed.prototype, "retryable", {
      value: false,
      configurable: true,
      writable: true,
    });
  }

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    annotate(this, details);
  }
}

/**
 * Something important that is not a failure, such as data truncated while inserting.
 * @see https://peps.python.org/pep-0249/#exceptions
 */
export class Warning extends Detailed {
  static {
    named(Warning.prototype, "Warning");
  }
}

/**
 * The base of every error of this library: catching it catches them all. It extends JavaScript's own Error.
 * @see https://peps.python.org/pep-0249/#exceptions
 */
export class Error extends Detailed {
  static {
    named(Error.prototype, "Error");
  }
}

/** Misuse of the API: a wrong number, name or kind of parameters, a value that cannot be bound, a wrong option. */
export class InterfaceError extends Error {
  static {
    named(InterfaceError.prototype, "InterfaceError");
  }
}

/** The base of what goes wrong in the database: a damaged file, a refusal, and the classes below. */
export class DatabaseError extends Error {
  static {
    named(DatabaseError.prototype, "DatabaseError");
  }
}

/** A value that is too large, out of range or not well-formed. */
export class DataError extends DatabaseError {
  static {
    named(DataError.prototype, "DataError");
  }
}

/** What happens while working and need not be the programmer's fault: a lock, a full disk, a lost connection. */
export class OperationalError extends DatabaseError {
  static {
    named(OperationalError.prototype, "OperationalError");
  }
}

/** A constraint said no. What it was is in `constraint`. */
export class IntegrityError extends DatabaseError {
  static {
    named(IntegrityError.prototype, "IntegrityError");
  }
}

/** SQLite met a state that it should never be in. */
export class InternalError extends DatabaseError {
  static {
    named(InternalError.prototype, "InternalError");
  }
}

/** SQL that does not compile, more than one statement, a closed connection or cursor. */
export class ProgrammingError extends DatabaseError {
  static {
    named(ProgrammingError.prototype, "ProgrammingError");
  }
}

/** A feature that the engine at hand, or the Node it runs on, does not have. The message names both. */
export class NotSupportedError extends DatabaseError {
  static {
    named(NotSupportedError.prototype, "NotSupportedError");
  }
}

/** The whole tree by name: PEP 249's optional "exceptions as connection attributes", and what plain.ts rebuilds from. */
export const EXCEPTIONS = Object.freeze({
  Warning,
  Error,
  InterfaceError,
  DatabaseError,
  DataError,
  OperationalError,
  IntegrityError,
  InternalError,
  ProgrammingError,
  NotSupportedError,
});
