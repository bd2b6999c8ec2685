/**
 * What the bench knows of a driver: how to load it, where it works, and that it opens databases. What a trial may ask
 * of a database is each suite's own affair.
 */

/** A value as the trials use them. */
export type Value = number | string | null;

/** A row as an array. */
export type Row = readonly unknown[];

type Maybe<Result> = Result | Promise<Result>;

/** What every database can do, whether it answers or promises. */
export interface Opened {
  /** Runs several statements. */
  script(sql: string): Maybe<void>;
  /** Prepares a statement; what that gives finds its first row. */
  first(sql: string): Maybe<(...parameters: Value[]) => Maybe<Row | null | undefined>>;
  close(): Maybe<void>;
}

/** A driver, loaded. */
export interface Library<Database> {
  /** Its version and, where there is a choice, which build of it. */
  version(): string;
  open(path: string): Maybe<Database>;
}

/** Which thread SQLite runs on, hence whether a long query stops the event loop; or how its server is reached. */
export type RunsOn = "main thread" | "worker thread" | "thread pool" | "HTTP" | "WebSocket" | "no Node";

interface Named {
  readonly name: string;
  readonly runsOn: RunsOn;
  /** Whether the bench goes on without it where it is not installed. */
  readonly isOptional?: boolean;
  /** The trials that it cannot do, by name, and why. */
  readonly without?: Readonly<Record<string, string>>;
}

/** A driver by name. Nothing of it is loaded before `load`. */
export interface Driver<Database> extends Named {
  /** The package that it is, if it is one that npm installs. */
  readonly package?: string;
  load(): Promise<Library<Database>>;
}

/** A peer that is no JavaScript: a program that answers the bench's questions by lines. See program-handle.ts. */
export interface Program extends Named {
  /** By trial, the word that the program knows it by; it does no others. */
  readonly trials: Readonly<Record<string, string>>;
  /**
   * What to run.
   *
   * @param mayBuild whether it may take a minute to compile it
   * @throws {Error} where it cannot be run
   */
  command(mayBuild: boolean): Promise<readonly [file: string, ...args: string[]]>;
}
