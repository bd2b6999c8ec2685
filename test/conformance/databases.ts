/**
 * Where remote quadrants have their databases: a real server for every name that a test opens, as a file has one database for
 * each path. Servers are kept for the test after, which finds them empty. Not a test file.
 */
import { quoteIdentifier } from "../../src/index.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";

/** What is left in a database that was used: all but what a server has of itself. */
const LEFT = "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE '%libsql%'";
const VERSIONS = "SELECT user_version + application_id FROM pragma_user_version, pragma_application_id";

/** How long emptying may take, milliseconds: where a test has left a lock behind, a new server is ready sooner. */
const PATIENCE = 1000;

interface Result {
  readonly response?: { readonly result: { readonly rows: readonly { readonly value: string }[][] } };
}

export class Databases {
  /** Servers whose database is empty. */
  readonly #ready: Sqld[] = [];
  /** Those that the test at hand has opened, by name. */
  readonly #used = new Map<string, Promise<Sqld>>();
  #numbered = 0;

  /** A name for a database that nobody shares. */
  privately(): string {
    return `#${++this.#numbered}`;
  }

  /** The server for a name. */
  async server(key: string): Promise<Sqld> {
    const known = this.#used.get(key);
    if (known !== undefined) return known;
    const ready = this.#ready.pop();
    const server = ready === undefined ? startSqld() : Promise.resolve(ready);
    this.#used.set(key, server);
    return server;
  }

  /**
   * Nobody needs the database of that name any more.
   * @param isSpoilt whether somebody may still be at work in it: it is not kept
   */
  async release(key: string, isSpoilt = false): Promise<void> {
    const server = await this.#used.get(key);
    if (server === undefined) return;
    this.#used.delete(key);
    if (!isSpoilt && (await empty(server).catch(() => false))) this.#ready.push(server);
    else await server.stop();
  }

  /** After a test: empties what it has used. */
  async empty(isSpoilt = false): Promise<void> {
    for (const key of [...this.#used.keys()]) await this.release(key, isSpoilt);
  }

  /** After the last test. */
  async stop(): Promise<void> {
    await this.empty();
    for (const server of this.#ready.splice(0)) await server.stop();
  }
}

/** Whether the server's database is empty now. What only SQLite itself may remove, such as `sqlite_sequence`, stays. */
async function empty(server: Sqld): Promise<boolean> {
  const [left, versions] = await ask(server, [LEFT, VERSIONS]);
  if (left === undefined || String(versions?.[0]) !== "0") return false;
  if (left.length === 0) return true;
  const drops = left
    .filter(([type]) => type === "table" || type === "view")
    .map(([type, name = ""]) => `DROP ${type} IF EXISTS ${quoteIdentifier(name)}`);
  const answers = await ask(server, ["PRAGMA foreign_keys = OFF", "BEGIN", ...drops, "COMMIT", LEFT]);
  return answers.at(-1)?.length === 0;
}

/** Asks past the library: the rows of each statement, as text; undefined for one that failed. */
async function ask(
  { url }: Sqld,
  statements: readonly string[],
): Promise<readonly (readonly string[][] | undefined)[]> {
  const requests = statements.map((sql) => ({ type: "execute", stmt: { sql } }));
  const body = JSON.stringify({ requests: [...requests, { type: "close" }] });
  const answer = await fetch(`${url}/v2/pipeline`, {
    method: "POST",
    body,
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) return [];
  const { results } = (await answer.json()) as { readonly results: readonly Result[] };
  return results
    .slice(0, -1)
    .map(({ response }) => response?.result.rows.map((row) => row.map(({ value }) => value)));
}
