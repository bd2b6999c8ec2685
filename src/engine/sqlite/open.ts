/**
 * Opening a database with better-sqlite3, and what holds on it from the first statement.
 * It must not parse names or options: core does. Tests: test/conformance/connect.test.ts.
 */
import { NotSupportedError } from "../../errors/tree.ts";
import { loadDriver, type NativeDatabase } from "./driver.ts";
import { translate } from "./failure.ts";

export interface OpenOptions {
  /** A path, `":memory:"`, or `""` for a private temporary file. */
  readonly path: string;
  readonly readonly: boolean;
  readonly fileMustExist: boolean;
  /** Busy timeout in milliseconds. */
  readonly timeout: number;
  readonly cachedStatements: number;
  /**
   * Whole results are read row by row too, at half the speed: where the heap has a limit, V8 can end JavaScript that comes to
   * it, but aborts the process when native code does.
   */
  readonly stepwise?: boolean;
}

/** Whether nobody else can reach the database. */
export function isPrivate({ path }: OpenOptions): boolean {
  return path === ":memory:" || path === "";
}

/**
 * @throws {OperationalError} when the file cannot be opened
 * @throws {NotSupportedError} on a Node too old for better-sqlite3
 */
export function openNative(options: OpenOptions): NativeDatabase {
  const Database = loadDriver();
  const { path, timeout, fileMustExist } = options;
  if (path !== path.trim()) {
    throw new NotSupportedError(
      "better-sqlite3 cannot open a file whose name begins or ends with white space",
    );
  }
  try {
    return new Database(path, { readonly: options.readonly && !isPrivate(options), fileMustExist, timeout });
  } catch (error) {
    throw translate(error, "open");
  }
}

/** Where the header of a file says that it is in WAL mode, which a database in memory cannot be. */
const VERSIONS = [18, 19] as const;
const WAL = 2;
const ROLLBACK_JOURNAL = 1;

/**
 * An in-memory database made of a serialized one.
 * @throws {DatabaseError} when the bytes are no database
 */
export function openMemory(bytes: Uint8Array, timeout: number): NativeDatabase {
  const Database = loadDriver();
  let image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (VERSIONS.some((at) => image[at] === WAL)) {
    image = Buffer.from(image);
    for (const at of VERSIONS) image[at] = ROLLBACK_JOURNAL;
  }
  let db: NativeDatabase | undefined;
  try {
    db = new Database(image, { timeout });
    // SQLite looks at the bytes when they are first read.
    db.exec("SELECT 1 FROM sqlite_schema");
    return db;
  } catch (error) {
    db?.close();
    throw translate(error, "open");
  }
}

/**
 * Settings that better-sqlite3 was compiled without. `synchronous` is FULL by SQLite's documentation, and NORMAL here
 * once a file is in WAL mode. Reading a database that is locked or none at all can fail, so this waits for the first
 * statement, which then fails in the caller's hands.
 */
export function configure(db: NativeDatabase, options: OpenOptions): void {
  if (!isPrivate(options)) db.exec("PRAGMA synchronous = FULL");
  else if (options.readonly) db.exec("PRAGMA query_only = ON");
}
