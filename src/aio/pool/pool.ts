/**
 * The pool: finds each call a connection, and has the connection do it. What a connection is and how it is opened stands in
 * member.ts and create.ts, who waits for one in stock.ts. Tests: test/conformance/pool-*.test.ts.
 */
import type { BatchStatement } from "../../core/batch.ts";
import type { CallOptions } from "../../core/limits.ts";
import type { ManyOptions } from "../../core/many.ts";
import { checkCallOptions, checkFunction, keyword, wholeNumber } from "../../core/options.ts";
import { type Route, Router } from "../../core/route.ts";
import { ProgrammingError } from "../../errors/tree.ts";
import type { Parameters, SqlValue } from "../../values/types.ts";
import type { AsyncConnection } from "../connection.ts";
import { withCallersStack } from "../shared.ts";
import { retrying } from "./backoff.ts";
import type { PoolStats } from "./counters.ts";
import { callersStack } from "./hold.ts";
import { Limits } from "./limits.ts";
import type { Kind, Member } from "./member.ts";
import {
  checkReadonly,
  type PoolBatchOptions,
  type PoolConnectionOptions,
  type PoolTransactionOptions,
} from "./options.ts";
import { copyParameters, copyStatements } from "./parameters.ts";
import { PooledConnection } from "./pooled-connection.ts";
import { type PoolResult, resultOf } from "./result.ts";
import { currentScope, within } from "./scope.ts";
import { type Parts, Stocks, type Use } from "./stocks.ts";

const MODES = ["DEFERRED", "IMMEDIATE", "EXCLUSIVE"] as const;
const RETRIES = 3;
const MOST_RETRIES = 1_000_000;
const MOST_MILLISECONDS = 0x7fff_ffff;

/** One connection that writes and a few that read, for many tasks. `T` is what a row is. */
export class Pool<T = SqlValue[]> {
  readonly #parts: Parts<T>;
  readonly #stocks: Stocks<T>;
  readonly #router = new Router();
  #closing: Promise<void> | null = null;

  /** @internal Use `createPool`. */
  constructor(parts: Parts<T>) {
    this.#parts = parts;
    this.#stocks = new Stocks(parts);
  }

  /**
   * Runs `fn` with a connection that only reads, in a transaction of its own: all its queries see the database as it was at the
   * first of them. Inside of `transaction()` or `read()` it takes part in that.
   */
  async read<R>(fn: (conn: AsyncConnection<T>) => R, options?: CallOptions): Promise<Awaited<R>> {
    const limits = new Limits(options);
    checkFunction("fn", fn);
    const scope = currentScope(this);
    if (scope !== null) return within(this, scope.kind, scope.connection as AsyncConnection<T>, fn);
    return this.#use("reader", limits, this.#stack(this.read), async (member): Promise<Awaited<R>> => {
      await member.forReading();
      const work = (tx: AsyncConnection<T>) => within(this, "read", tx, fn);
      return member.connection.transaction(work, { mode: "DEFERRED", ...limits.rest });
    });
  }

  /**
   * Runs `fn` in a transaction on the connection that writes: commits what it resolves to, rolls back when it rejects. One such
   * transaction runs at a time, in the order of the calls. Inside of another one it is a savepoint.
   * @param fn gets the connection; whatever it asks of the pool itself takes part too
   * @throws {ProgrammingError} inside of `read()`, whose snapshot it could not write to
   */
  async transaction<R>(
    fn: (tx: AsyncConnection<T>) => R,
    options?: PoolTransactionOptions,
  ): Promise<Awaited<R>> {
    const { mode: asked = "IMMEDIATE", retries: most = RETRIES } = checkCallOptions(options);
    const mode = keyword("mode", asked, MODES);
    const retries = wholeNumber("retries", most, MOST_RETRIES);
    const limits = new Limits(options);
    checkFunction("fn", fn);
    const work = (tx: AsyncConnection<T>) => within(this, "transaction", tx, fn);
    const scope = currentScope(this);
    if (scope?.kind === "read") throw inside("pool.transaction()", "begin with pool.transaction()");
    if (scope !== null) return (scope.connection as AsyncConnection<T>).transaction(work, limits.rest);
    return this.#use("writer", limits, this.#stack(this.transaction), ({ connection }) => {
      const run = () => connection.transaction(work, { mode, ...limits.rest });
      return this.#retrying(run, (failures) => failures < retries, limits);
    });
  }

  /**
   * Lends a connection until it is released: the one that writes, or one that only reads. It is in the transaction mode that
   * the pool's options say; what is uncommitted when it comes back is rolled back.
   * @throws {ProgrammingError} inside of `transaction()` or `read()`, which have one
   */
  async connection(options?: PoolConnectionOptions): Promise<PooledConnection<T>> {
    const readonly = checkReadonly(checkCallOptions(options).readonly);
    const limits = new Limits(options);
    if (currentScope(this) !== null)
      throw inside("pool.connection()", "use the one that the function is given");
    const use = await this.#take(readonly ? "reader" : "writer", limits, this.#stack(this.connection));
    try {
      const loan = await use.member.lend(readonly, async () => use.end());
      return new PooledConnection(loan, use.member.connection.rowFactory);
    } catch (error) {
      await use.end();
      throw error;
    }
  }

  /**
   * Runs one statement and reads its whole result. What writes is a transaction of its own, committed at once; what only reads,
   * by SQLite's own word, goes to a reader.
   * @throws {ProgrammingError} for what would change one connection: BEGIN and its like, ATTACH, PRAGMAs that set something
   */
  async execute<R = T>(sql: string, parameters?: Parameters, options?: CallOptions): Promise<PoolResult<R>> {
    return this.#run(sql, parameters, options, this.execute, false, async (connection, values, limits) => {
      const cursor = connection.cursor();
      const rows = await cursor.execute(sql, values, limits.rest).fetchall();
      return resultOf(cursor, rows as unknown[] as R[]);
    });
  }

  /** Runs one statement and gives its rows. @see {@link Pool.execute} */
  async fetchall<R = T>(sql: string, parameters?: Parameters, options?: CallOptions): Promise<R[]> {
    return this.#run(sql, parameters, options, this.fetchall, true, (connection, values, limits) =>
      connection.fetchall<R>(sql, values, limits.rest),
    );
  }

  /** Runs one statement and gives its first row, or `null`. @see {@link Pool.execute} */
  async fetchone<R = T>(sql: string, parameters?: Parameters, options?: CallOptions): Promise<R | null> {
    return this.#run(sql, parameters, options, this.fetchone, true, (connection, values, limits) =>
      connection.fetchone<R>(sql, values, limits.rest),
    );
  }

  /** Runs one INSERT, UPDATE, DELETE or REPLACE for every set of an iterable, all of them in one transaction or none. */
  async executemany(
    sql: string,
    rows: Iterable<Parameters> | AsyncIterable<Parameters>,
    options?: ManyOptions & CallOptions,
  ): Promise<PoolResult<T>> {
    this.#router.route(sql);
    let hasBegun = false;
    const { signal: _signal, timeout: _timeout, ...many } = checkCallOptions(options);
    const work = async (tx: AsyncConnection<T>) => {
      hasBegun = true;
      return resultOf<T>(await tx.executemany(sql, rows, many), []);
    };
    const limits = new Limits(options);
    const scope = currentScope(this);
    if (scope !== null) return (scope.connection as AsyncConnection<T>).transaction(work, limits.rest);
    return this.#use("writer", limits, this.#stack(this.executemany), ({ connection }) => {
      const run = () => connection.transaction((tx) => within(this, "transaction", tx, work), limits.rest);
      // The sets may be there only once.
      return this.#retrying(run, (failures) => !hasBegun && failures < RETRIES, limits);
    });
  }

  /**
   * Runs statements as one transaction on the connection that writes, all of them or none: on a server in one round trip. Inside
   * of `transaction()` or `read()` they are a part of that.
   * @returns what each of them gives
   * @throws the error of the first statement that fails, with its number as `index`
   */
  async batch<R = T>(
    statements: Iterable<BatchStatement>,
    options?: PoolBatchOptions,
  ): Promise<PoolResult<R>[]> {
    const { mode } = checkCallOptions(options);
    const limits = new Limits(options);
    const copied = copyStatements(statements, (sql) => this.#router.route(sql));
    const run = async (connection: AsyncConnection<T>) => {
      const cursors = await connection.batch<R>(copied, { ...(mode && { mode }), ...limits.rest });
      return Promise.all(cursors.map(async (cursor) => resultOf(cursor, await cursor.fetchall())));
    };
    const scope = currentScope(this);
    if (scope !== null) return run(scope.connection as AsyncConnection<T>);
    return this.#use("writer", limits, this.#stack(this.batch), ({ connection }) =>
      this.#retrying(
        () => run(connection),
        (failures) => failures < RETRIES,
        limits,
      ),
    );
  }

  /** What the pool has and has done. */
  stats(): PoolStats {
    return this.#stocks.stats;
  }

  /**
   * Closes the pool: nobody new gets a connection, those who have one, or wait for one, are waited for. A second call joins the
   * first.
   * @param options `timeout`: how long to wait, in milliseconds, 0 to 2147483647; what is still going on then is ended, and
   * its calls reject. Default: as long as it takes
   */
  async close(options?: { readonly timeout?: number }): Promise<void> {
    const { timeout } = checkCallOptions(options);
    if (timeout !== undefined) wholeNumber("timeout", timeout, MOST_MILLISECONDS);
    if (currentScope(this) !== null) throw inside("pool.close()", "call it from outside");
    this.#closing ??= this.#stocks.close(timeout);
    await this.#closing;
  }

  /** The same as {@link Pool.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Runs a statement where it belongs. @param isOne whether that is one call, with nothing left behind */
  async #run<R>(
    sql: string,
    parameters: Parameters | undefined,
    options: CallOptions | undefined,
    entrance: (...args: never[]) => unknown,
    isOne: boolean,
    work: (connection: AsyncConnection<T>, values: Parameters | undefined, limits: Limits) => Promise<R>,
  ): Promise<R> {
    const limits = new Limits(options);
    const route = this.#router.route(sql);
    const values = copyParameters(parameters);
    const scope = currentScope(this);
    if (scope !== null) return work(scope.connection as AsyncConnection<T>, values, limits);
    const stack = this.#stack(entrance);
    const run = ({ connection }: Member<T>) =>
      this.#retrying(
        () => work(connection, values, limits),
        (failures) => failures < RETRIES,
        limits,
      );
    const known: Route | null = this.#parts.isOne ? "writer" : route;
    if (known === "reader" && isOne && options === undefined) return this.#stocks.read(limits, stack, run);
    if (known !== null) return this.#use(known, limits, stack, run);
    const read = await this.#use("reader", limits, stack, async (member) => {
      const asked = this.#router.learn(sql, await member.isReadonly(sql));
      return asked === "reader" ? { value: await run(member) } : null;
    });
    return read === null ? this.#use("writer", limits, stack, run) : read.value;
  }

  #retrying<R>(work: () => Promise<R>, again: (failures: number) => boolean, limits: Limits): Promise<R> {
    return retrying(work, again, limits, () => {
      this.#parts.counters.retried++;
    });
  }

  /** Where the caller is, if somebody may want to know. */
  #stack(entrance: (...args: never[]) => unknown): string {
    return this.#parts.settings.maxHold === 0 ? "" : callersStack(entrance);
  }

  async #use<R>(
    kind: Kind,
    limits: Limits,
    stack: string,
    work: (member: Member<T>) => Promise<R>,
  ): Promise<R> {
    const { member, end } = await this.#take(kind, limits, stack);
    let result: R;
    try {
      result = await work(member);
    } catch (error) {
      member.suspect(error);
      // The caller learns of it at once, the next one waits until the connection is itself again.
      void end();
      throw error;
    }
    await end();
    return result;
  }

  async #take(kind: Kind, limits: Limits, stack: string): Promise<Use<T>> {
    try {
      return await this.#stocks.take(kind, limits, stack);
    } catch (error) {
      throw withCallersStack(error);
    }
  }
}

function inside(what: string, instead: string): ProgrammingError {
  return new ProgrammingError(
    `${what} inside of pool.transaction() or pool.read() would wait for itself: ${instead}`,
  );
}
