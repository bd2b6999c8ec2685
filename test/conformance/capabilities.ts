/**
 * What a quadrant may lack, as flags for `it.skipIf(!db.can.userFunctions)("… (needs user functions)", …)`. Not a test file.
 */

/** What a quadrant may lack. */
export interface Capabilities {
  /** The database is a file that other processes can open. */
  readonly files: boolean;
  /** Functions, aggregates and window functions of the caller's. */
  readonly userFunctions: boolean;
  /** better-sqlite3 runs in the test's own process, where its prototypes can be watched. */
  readonly inProcess: boolean;
  /** `serialize`, `deserialize`, `backup`, `loadExtension`. */
  readonly wholeDatabase: boolean;
  /** TEMP tables, views and triggers, and ATTACH. */
  readonly temporary: boolean;
  /** VACUUM, ANALYZE, checkpoints, and PRAGMAs that set a journal mode or a limit. */
  readonly maintenance: boolean;
  /** `timeout`: how long a statement waits for a lock is the caller's to say. */
  readonly busyTimeout: boolean;
  /** Infinities, as values. */
  readonly infinity: boolean;
  /** TEXT that is not UTF-8: told apart when it is read, and handed out as bytes where that is wanted. */
  readonly anyText: boolean;
  /** What other connections have committed is there at once. */
  readonly othersWrites: boolean;
}

/** What there is where SQLite runs in this very process. */
export const ALL: Capabilities = {
  files: true,
  userFunctions: true,
  inProcess: true,
  wholeDatabase: true,
  temporary: true,
  maintenance: true,
  busyTimeout: true,
  infinity: true,
  anyText: true,
  othersWrites: true,
};

/** What is left on a server: docs/reference/remote.md, and remote-differences.test.ts. */
export const ON_A_SERVER: Capabilities = {
  files: false,
  userFunctions: false,
  inProcess: false,
  wholeDatabase: false,
  temporary: false,
  maintenance: false,
  busyTimeout: false,
  infinity: false,
  anyText: false,
  othersWrites: true,
};

/** What is left on an embedded replica; what it has more than a server is tested by itself, in replica.test.ts. */
export const ON_A_REPLICA: Capabilities = { ...ON_A_SERVER, othersWrites: false };
