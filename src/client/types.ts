/**
 * The words of the libSQL client: what goes in and what comes out.
 * Declarations only. Tests: test/types/client.test-d.ts.
 * @see https://github.com/tursodatabase/libsql-client-ts
 */

/** How INTEGER is read: `"number"` refuses what a number cannot hold exactly. */
export type IntMode = "number" | "bigint" | "string";

/** What a transaction may do, and which BEGIN it starts with. */
export type TransactionMode = "write" | "read" | "deferred";

/** A value as it is read. */
export type Value = null | string | number | bigint | ArrayBuffer;

/** A value as it can be bound. */
export type InValue = Value | boolean | Uint8Array | Date;

/** Values for `?` in their order, or for `:name`, `@name`, `$name` by name, with the prefix or without. */
export type InArgs = readonly InValue[] | Readonly<Record<string, InValue>>;

/** A statement with its values. */
export type InStatement = { readonly sql: string; readonly args?: InArgs | undefined } | string;

/** The same as a pair. */
export type StatementPair = readonly [sql: string, args?: InArgs];

/** What a client is made of. */
export interface Config {
  /**
   * `file:` for a local database (`file:relative.db`, `file:/absolute.db`, `file:///absolute.db`), `":memory:"`, or a server:
   * `libsql:`, `http:`, `https:`, `ws:`, `wss:`. `?authToken=` and `?tls=` may stand in it.
   */
  readonly url: string | URL;
  /** The server's token, or a function that gets one for each connection. One in the URL comes first. */
  readonly authToken?: string | (() => string | Promise<string>) | undefined;
  /** Whether a `libsql:` URL means TLS. Default true. */
  readonly tls?: boolean | undefined;
  /** Default `"number"`. */
  readonly intMode?: IntMode | undefined;
  /** How many connections there may be for transactions, and to a server for all calls. Default 20; 0 is no limit. */
  readonly concurrency?: number | undefined;
  /**
   * How long to wait, in milliseconds, for a lock of another connection, or for a transaction that holds what a call needs.
   * Default 5000; 0 is not at all.
   */
  readonly timeout?: number | undefined;
  /** The server of which the file is a replica. */
  readonly syncUrl?: string | undefined;
  /** How often a replica is synchronised, in seconds. */
  readonly syncInterval?: number | undefined;
  /** Encrypts the local file. */
  readonly encryptionKey?: string | undefined;
  /** Refused: the driver speaks HTTP itself. */
  readonly fetch?: undefined;
  /** Cannot be switched off here: a client reads what it has written. */
  readonly readYourWrites?: boolean | undefined;
}

/** A row: `row.length`, `row[0]`, `row.name`. Only the names are enumerable. */
export interface Row {
  length: number;
  [index: number]: Value;
  [name: string]: Value;
}

/** What a synchronisation did; undefined where the server does not say. */
export type Replicated = { frame_no: number; frames_synced: number } | undefined;

/** What ends a call of the promised client before its time. */
export interface CallLimits {
  /** Ends the call when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** How long the call may take, its waiting included, in milliseconds: 1 to 2147483647. */
  readonly timeout?: number | undefined;
}
