/**
 * What a connection has whatever its face: PEP 249's exceptions as attributes, and the members of Python's Connection that
 * the engine at hand cannot provide, which say so.
 * Tests: test/conformance/not-supported.test.ts, test/conformance/dbapi20.test.ts.
 * @see https://peps.python.org/pep-0249/#optional-db-api-extensions
 */
import { EXCEPTIONS, NotSupportedError } from "../errors/tree.ts";

/** What every engine lacks, by the member that would need it. */
const LACKING = {
  setAuthorizer: "it has no authorizer",
  setProgressHandler: "it has no progress handler",
  createCollation: "it cannot define collations",
  blobopen: "it has no handles on single blobs: read them with SELECT substr(…)",
  getlimit: "it does not show SQLite's limits",
  setlimit: "it does not show SQLite's limits",
  getconfig: "it does not show SQLite's connection settings: use a PRAGMA where there is one",
  setconfig: "it does not show SQLite's connection settings: use a PRAGMA where there is one",
  interrupt: "it cannot stop a running statement",
} as const;

/** A member that the engine cannot provide. */
export type Lacking = keyof typeof LACKING;

/** The error of a member that the engine cannot provide. */
export function lacking(member: Lacking, engine: string): NotSupportedError {
  return new NotSupportedError(`${member}() is not supported by ${engine}: ${LACKING[member]}`);
}

/** `Refusal` is how a face refuses: it throws (`never`) or rejects (`Promise<never>`). */
export abstract class ConnectionBase<Refusal> {
  declare readonly Warning: typeof EXCEPTIONS.Warning;
  declare readonly Error: typeof EXCEPTIONS.Error;
  declare readonly InterfaceError: typeof EXCEPTIONS.InterfaceError;
  declare readonly DatabaseError: typeof EXCEPTIONS.DatabaseError;
  declare readonly DataError: typeof EXCEPTIONS.DataError;
  declare readonly OperationalError: typeof EXCEPTIONS.OperationalError;
  declare readonly IntegrityError: typeof EXCEPTIONS.IntegrityError;
  declare readonly InternalError: typeof EXCEPTIONS.InternalError;
  declare readonly ProgrammingError: typeof EXCEPTIONS.ProgrammingError;
  declare readonly NotSupportedError: typeof EXCEPTIONS.NotSupportedError;

  static {
    Object.assign(ConnectionBase.prototype, EXCEPTIONS);
  }

  /** @internal */
  protected abstract refuse(member: Lacking): Refusal;

  /** @throws {NotSupportedError} no engine has an authorizer */
  setAuthorizer(_callback: unknown): Refusal {
    return this.refuse("setAuthorizer");
  }

  /** @throws {NotSupportedError} no engine has a progress handler */
  setProgressHandler(_callback: unknown, _n?: unknown): Refusal {
    return this.refuse("setProgressHandler");
  }

  /** @throws {NotSupportedError} no engine has collations of one's own */
  createCollation(_name: unknown, _callback: unknown): Refusal {
    return this.refuse("createCollation");
  }

  /** @throws {NotSupportedError} no engine has handles on blobs */
  blobopen(..._args: readonly unknown[]): Refusal {
    return this.refuse("blobopen");
  }

  /** @throws {NotSupportedError} no engine shows limits */
  getlimit(_category: unknown): Refusal {
    return this.refuse("getlimit");
  }

  /** @throws {NotSupportedError} no engine shows limits */
  setlimit(_category: unknown, _limit: unknown): Refusal {
    return this.refuse("setlimit");
  }

  /** @throws {NotSupportedError} no engine shows connection settings */
  getconfig(_option: unknown): Refusal {
    return this.refuse("getconfig");
  }

  /** @throws {NotSupportedError} no engine shows connection settings */
  setconfig(_option: unknown, _enable?: unknown): Refusal {
    return this.refuse("setconfig");
  }

  /** @throws {NotSupportedError} no engine can stop a running statement from here */
  interrupt(): Refusal {
    return this.refuse("interrupt");
  }
}
