/**
 * One body of tests for both forms of the client and both kinds of local database: bodies await every result (await takes
 * plain values) and open clients through the fixture, which gives each test its own directory and closes what it opened.
 */
import { mkdtempSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect } from "vitest";
import {
  type Client,
  type Config,
  createClient,
  createClientSync,
  LibsqlError,
  type Transaction,
} from "../../src/client.ts";

/** A client of either form, typed as the promised one, so that the linter sees where a body forgot to await. */
export type AnyClient = Client;
/** A transaction of either form. */
export type AnyTransaction = Transaction;

interface Form {
  readonly name: string;
  readonly isSynchronous: boolean;
  readonly isFile: boolean;
}

/** What a body of tests opens clients with. */
export interface Fixture extends Form {
  /** The test's own directory. */
  readonly directory: string;
  /** The URL of this form's database: the same file for the same name, or an own database in memory. */
  url(name?: string): string;
  create(config?: Partial<Config>): AnyClient;
  /**
   * A client of an empty database that the tests of a group share, for cases that leave nothing behind, which is looked at. It
   * is a new one where that takes no worker.
   */
  shared(): AnyClient;
}

class TestFixture implements Fixture {
  readonly name: string;
  readonly isSynchronous: boolean;
  readonly isFile: boolean;
  directory = "";
  readonly #clients: { close(): unknown }[] = [];
  #shared: AnyClient | null = null;
  #isSharedUsed = false;
  /** The directory of what tests share. */
  #lasting: string | null = null;

  constructor({ name, isSynchronous, isFile }: Form) {
    this.name = name;
    this.isSynchronous = isSynchronous;
    this.isFile = isFile;
  }

  async start(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), "sqlite-dbapi-client-"));
  }

  async end(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    await rm(this.directory, { recursive: true, force: true });
    if (this.#shared === null || !this.#isSharedUsed) return;
    this.#isSharedUsed = false;
    expect(await valueOf(this.#shared, "SELECT count(*) FROM sqlite_schema")).toBe(0);
  }

  /** After the last test of the group. */
  async stop(): Promise<void> {
    await this.#shared?.close();
    this.#shared = null;
    if (this.#lasting !== null) await rm(this.#lasting, { recursive: true, force: true });
    this.#lasting = null;
  }

  url(name = "test.db"): string {
    return this.isFile ? `file:${join(this.directory, name)}` : ":memory:";
  }

  create(config: Partial<Config> = {}): AnyClient {
    // Long, since a busy machine takes its time to start a worker; a test that waits for the end of it says how long.
    const whole = { url: this.url(), timeout: 30_000, ...config };
    const client = this.isSynchronous
      ? (createClientSync(whole) as unknown as AnyClient)
      : createClient(whole);
    this.#clients.push(client);
    return client;
  }

  shared(): AnyClient {
    if (this.isSynchronous) return this.create();
    this.#isSharedUsed = true;
    if (this.isFile) this.#lasting ??= mkdtempSync(join(tmpdir(), "sqlite-dbapi-clients-"));
    const url = this.isFile ? `file:${join(this.#lasting ?? "", "test.db")}` : ":memory:";
    this.#shared ??= createClient({ url, timeout: 30_000 });
    return this.#shared;
  }
}

const FORMS: readonly Form[] = [
  { name: "promised, file", isSynchronous: false, isFile: true },
  { name: "promised, memory", isSynchronous: false, isFile: false },
  { name: "synchronous, file", isSynchronous: true, isFile: true },
  { name: "synchronous, memory", isSynchronous: true, isFile: false },
];

/** Declares a group of tests for every form that fits. */
export function everyForm(
  title: string,
  body: (db: Fixture) => void,
  fits: (form: Form) => boolean = () => true,
) {
  describe.each(FORMS.filter(fits))(`${title} ($name)`, (form) => {
    const fixture = new TestFixture(form);
    beforeEach(() => fixture.start());
    afterEach(() => fixture.end());
    afterAll(() => fixture.stop());
    body(fixture);
  });
}

export const promisedOnly = ({ isSynchronous }: Form): boolean => !isSynchronous;
export const filesOnly = ({ isFile }: Form): boolean => isFile;
export const promisedFile = (form: Form): boolean => promisedOnly(form) && filesOnly(form);

/** What a piece of work throws or rejects with; fails the test when it does neither, or with another class. */
export async function raised<E extends Error>(
  Class: abstract new (...args: never[]) => E,
  work: () => unknown,
): Promise<E> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "nothing was thrown").toBeDefined();
  expect(error).toBeInstanceOf(Class);
  return error as E;
}

/** The code of the LibsqlError that a piece of work fails with. */
export async function codeOf(work: () => unknown): Promise<string> {
  return (await raised(LibsqlError, work)).code;
}

/** The only value of the only row of a query. */
export async function valueOf(client: AnyClient | AnyTransaction, sql: string): Promise<unknown> {
  return (await client.execute(sql)).rows[0]?.[0];
}
