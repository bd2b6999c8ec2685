/**
 * Connections that the tests of a group share where each would be a worker thread or two of its own, and where tests of many
 * cases ask nothing of a connection but that its database is empty. After each test its tables are dropped; a connection that
 * cannot be emptied, or is no longer set as it was, is closed, and the next test has a new one. Not a test file.
 */
import { quoteIdentifier } from "../../src/index.ts";
import type { AnyConnection } from "./ways.ts";

const LEFT =
  "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE '%libsql%' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'";
const TEMPORARY = "SELECT count(*) FROM sqlite_temp_schema";
const VERSIONS = "SELECT user_version + application_id FROM pragma_user_version, pragma_application_id";

/** What shows that a connection is not set as it was. A trace callback is taken away. */
const SETTINGS = ["rowFactory", "textFactory", "isolationLevel", "autocommit"] as const;

interface Shared {
  readonly connection: AnyConnection;
  readonly settings: readonly unknown[];
}

function settingsOf(connection: AnyConnection): unknown[] {
  return SETTINGS.map((name) => connection[name]);
}

export class SharedConnections {
  readonly #open: (options: object) => Promise<AnyConnection>;
  /** By what they were opened with. */
  readonly #kept = new Map<string, Shared>();
  readonly #used = new Set<string>();

  constructor(open: (options: object) => Promise<AnyConnection>) {
    this.#open = open;
  }

  /** @param options plain data */
  async connection(options: object): Promise<AnyConnection> {
    const key = JSON.stringify(options);
    let shared = this.#kept.get(key);
    if (shared === undefined) {
      const connection = await this.#open(options);
      shared = { connection, settings: settingsOf(connection) };
      this.#kept.set(key, shared);
    }
    this.#used.add(key);
    return shared.connection;
  }

  /**
   * After a test: empties what it has used.
   * @param isSpoilt whether the test may still be at work: nothing of it is kept
   */
  async empty(isSpoilt: boolean): Promise<void> {
    const used = [...this.#used];
    this.#used.clear();
    for (const key of used) {
      const shared = this.#kept.get(key);
      if (shared === undefined || (!isSpoilt && (await isEmptied(shared).catch(() => false)))) continue;
      this.#kept.delete(key);
      await shared.connection.close();
    }
  }

  /** After the last test of the group. */
  async close(): Promise<void> {
    for (const { connection } of this.#kept.values()) await connection.close();
    this.#kept.clear();
  }
}

async function isEmptied({ connection, settings }: Shared): Promise<boolean> {
  await connection.setTraceCallback(null);
  if (settingsOf(connection).some((value, i) => value !== settings[i])) return false;
  if (connection.inTransaction) await connection.rollback();
  const left = await connection.fetchall(LEFT);
  const drops = left
    .filter(([type]) => type === "table" || type === "view")
    .map(([type, name]) => `DROP ${type} IF EXISTS ${quoteIdentifier(String(name))};`);
  if (drops.length > 0) {
    await connection.executescript(drops.join("\n"));
    if ((await connection.fetchall(LEFT)).length > 0) return false;
  }
  const counts = [await connection.fetchone(TEMPORARY), await connection.fetchone(VERSIONS)];
  return counts.every((row) => Number(row?.[0]) === 0);
}
