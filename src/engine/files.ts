/**
 * Which engine has which file, by device and inode, so that one file never has two copies of SQLite in one process: closing it in
 * one would drop the locks of the other. It asks about files and must not open one, since that would do the same.
 * Tests: test/unit/engine/files.test.ts, test/faults/replica.test.ts.
 * @see https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
 */
import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { OperationalError } from "../errors/tree.ts";

/** What can have a file: any number of better-sqlite3's connections, or a single one of libsql's. */
export type FileEngine = "better-sqlite3" | "libsql";

/** Links from one to the next that are followed, as Linux does. */
const MOST_LINKS = 40;

const claims = new Set<FileClaim>();

/** A file that an engine has, or is about to have. */
export class FileClaim {
  readonly #path: string;
  readonly #engine: FileEngine;
  readonly #isAlive: () => boolean;
  /** The file, or the place where it will be. */
  #key: string | null;
  #isOpen = false;

  private constructor(path: string, engine: FileEngine, isAlive: () => boolean) {
    this.#path = path;
    this.#engine = engine;
    this.#isAlive = isAlive;
    this.#key = keyOf(path);
  }

  /**
   * Claims a file before it is opened.
   * @param path a file's, or one of SQLite's names for what is none
   * @param isAlive whether the engine still has it: one that has died has not said so
   * @throws {OperationalError} where another engine has the file
   */
  static take(path: string, engine: FileEngine, isAlive: () => boolean = () => true): FileClaim {
    const claim = new FileClaim(path === ":memory:" || path === "" ? "" : resolve(path), engine, isAlive);
    claim.#check();
    claims.add(claim);
    return claim;
  }

  /** To be called when the file is open, which may have made it. @throws {OperationalError} as {@link FileClaim.take} */
  settle(): void {
    this.#key = keyOf(this.#path);
    this.#isOpen = true;
    this.#check();
  }

  #check(): void {
    if (this.#key === null) return;
    for (const other of claims) {
      if (other === this) continue;
      // Whoever is opening it may have made it by now.
      if (!other.#isOpen) other.#key = keyOf(other.#path);
      if (other.#key !== this.#key) continue;
      if (!other.#isAlive()) claims.delete(other);
      else if (this.#engine === "libsql" || other.#engine === "libsql") throw this.#refusal(other);
    }
  }

  #refusal(other: FileClaim): OperationalError {
    const file = JSON.stringify(this.#path);
    const why =
      this.#engine === other.#engine
        ? "it can have one connection, so close that or share it"
        : "two copies of SQLite would break each other's locks, so close the other first";
    const what = other.#engine === "libsql" ? "as an embedded replica" : "with better-sqlite3";
    return new OperationalError(`already open in this process, ${what}: ${file}; ${why}`, {
      code: "FILE_IN_USE",
      outcome: "not-executed",
    });
  }

  /** To be called when the file is closed. A second call does nothing. */
  release(): void {
    claims.delete(this);
  }
}

/** Claims the target of a copy. @returns what ends the claim @throws {OperationalError} where an embedded replica has the file */
export function claimForCopy(path: string): () => void {
  const claim = FileClaim.take(path, "better-sqlite3");
  return () => claim.release();
}

/** What a path leads to, whatever it is called; null for what is no file. */
function keyOf(path: string): string | null {
  if (path === "") return null;
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return placeOf(path, 0);
  }
}

/** Where a file that is not there yet will be: its name in the directory, behind links that lead nowhere yet. */
function placeOf(path: string, links: number): string | null {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
      return links === MOST_LINKS ? null : placeOf(resolve(dirname(path), readlinkSync(path)), links + 1);
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    // Whoever opens it says what is wrong with it.
    return null;
  }
}
