/**
 * The two faces have the same members: the promised one is the synchronous one with its results promised, member by
 * member. What a member takes and gives is compared where it has one signature; generics and overloads by hand.
 * Nothing here runs.
 */
import { describe, expectTypeOf, it } from "vitest";
import type * as aio from "../../src/aio.ts";
import * as sync from "../../src/index.ts";

/** Members whose difference is said by hand below, because a mapped type loses overloads and type parameters. */
type ByHand =
  | "batch"
  | "cursor"
  | "execute"
  | "executemany"
  | "executescript"
  | "sql"
  | "fetchall"
  | "fetchone"
  | "transaction"
  | Limited;

/** Members that take a signal and a timeout on the promised face. */
type Limited =
  | "backup"
  | "close"
  | "commit"
  | "createAggregate"
  | "createFunction"
  | "createWindowFunction"
  | "deserialize"
  | "fetchmany"
  | "iterdump"
  | "loadExtension"
  | "rollback"
  | "serialize"
  | "sync"
  | "setTraceCallback";

/** Results that are no plain value: what is iterated, and what is a promise already. */
type Promised<R> = [R] extends [never]
  ? Promise<never>
  : R extends Promise<unknown>
    ? R
    : R extends Generator<infer Item, infer Return, infer Next>
      ? AsyncGenerator<Item, Return, Next>
      : Promise<R>;

type PromisedMember<Name, Member> = Name extends "totalChanges"
  ? Promise<Member>
  : Name extends "connection"
    ? aio.AsyncConnection<unknown>
    : Name extends keyof typeof sync
      ? Member
      : [Member] extends [(...args: infer Args) => infer Result]
        ? (...args: Args) => Promised<Result>
        : Member;

/** A face with its results promised, and its symbols those of asynchronous work. */
type Made<Members> = { [Name in keyof Members]: PromisedMember<Name, Members[Name]> };

type Named<Face> = Pick<Face, Exclude<keyof Face, symbol | ByHand>>;

describe("names", () => {
  it("of a connection's members are the same on both faces", () => {
    expectTypeOf<Exclude<keyof aio.AsyncConnection, symbol>>().toEqualTypeOf<
      Exclude<keyof sync.Connection, symbol>
    >();
    expectTypeOf<Extract<keyof sync.Connection, symbol>>().toEqualTypeOf<typeof Symbol.dispose>();
    expectTypeOf<Extract<keyof aio.AsyncConnection, symbol>>().toEqualTypeOf<typeof Symbol.asyncDispose>();
  });

  it("of a cursor's members are the same on both faces", () => {
    expectTypeOf<Exclude<keyof aio.AsyncCursor, symbol>>().toEqualTypeOf<
      Exclude<keyof sync.Cursor, symbol>
    >();
    expectTypeOf<Extract<keyof sync.Cursor, symbol>>().toEqualTypeOf<
      typeof Symbol.dispose | typeof Symbol.iterator
    >();
    expectTypeOf<Extract<keyof aio.AsyncCursor, symbol>>().toEqualTypeOf<
      typeof Symbol.asyncDispose | typeof Symbol.asyncIterator
    >();
  });

  it("of the modules differ by the classes of the faces, the pool, and what only loading SQLite tells", () => {
    type Pool = "createPool" | "Pool" | "PooledConnection";
    expectTypeOf<Exclude<keyof typeof aio, "AsyncConnection" | "AsyncCursor" | Pool>>().toEqualTypeOf<
      Exclude<keyof typeof sync, "Connection" | "Cursor" | "sqliteVersion" | "sqliteVersionInfo">
    >();
  });
});

describe("members", () => {
  it("of a connection are those of the synchronous one, promised", () => {
    expectTypeOf<Named<aio.AsyncConnection>>().toEqualTypeOf<Made<Named<sync.Connection>>>();
  });

  it("of a cursor are those of the synchronous one, promised", () => {
    expectTypeOf<Named<aio.AsyncCursor>>().toEqualTypeOf<Made<Named<sync.Cursor>>>();
  });
});

describe("by hand", () => {
  const [conn, plain] = [{} as aio.AsyncConnection, {} as sync.Connection];
  const cursor = conn.cursor();
  type Row = [id: number, name: string];
  type Limits = sync.CallOptions;

  it("cursor() promises nothing", () => {
    expectTypeOf(cursor).toEqualTypeOf<aio.AsyncCursor>();
    expectTypeOf(conn.cursor(sync.scalarRow)).toEqualTypeOf<aio.AsyncCursor<sync.SqlValue>>();
    expectTypeOf(plain.cursor(sync.scalarRow)).toEqualTypeOf<sync.Cursor<sync.SqlValue>>();
    expectTypeOf(conn.cursor(null)).toEqualTypeOf<aio.AsyncCursor>();
  });

  it("execute gives an execution: a promise of the cursor, and what a cursor is fetched from by", () => {
    expectTypeOf(conn.execute<Row>("")).toEqualTypeOf<aio.Execution<Row>>();
    expectTypeOf(conn.sql<Row>``).toEqualTypeOf<aio.Execution<Row>>();
    expectTypeOf(cursor.execute("")).toEqualTypeOf<aio.Execution<sync.SqlValue[]>>();
    expectTypeOf<Awaited<aio.Execution<Row>>>().toEqualTypeOf<aio.AsyncCursor<Row>>();
    type Fetches = "fetchone" | "fetchmany" | "fetchall" | typeof Symbol.asyncIterator;
    expectTypeOf<Pick<aio.Execution<Row>, Fetches>>().toEqualTypeOf<Pick<aio.AsyncCursor<Row>, Fetches>>();
    expectTypeOf<Parameters<typeof conn.execute>>().toEqualTypeOf<
      [...Parameters<typeof plain.execute>, options?: Limits | undefined]
    >();
  });

  it("executemany and executescript promise the cursor; the sets may come with time", () => {
    type Sets = Parameters<sync.Connection["executemany"]>[1] | AsyncIterable<sync.Parameters>;
    expectTypeOf<Parameters<typeof conn.executemany>>().toEqualTypeOf<
      [sql: string, rows: Sets, options?: (sync.ManyOptions & Limits) | undefined]
    >();
    expectTypeOf(conn.executemany("", [])).toEqualTypeOf<Promise<aio.AsyncCursor>>();
    expectTypeOf(conn.executescript("")).toEqualTypeOf<Promise<aio.AsyncCursor>>();
    expectTypeOf(cursor.executemany("", [])).toEqualTypeOf<Promise<aio.AsyncCursor>>();
    expectTypeOf(cursor.executescript("")).toEqualTypeOf<Promise<aio.AsyncCursor>>();
  });

  it("batch gives a cursor for each statement", () => {
    expectTypeOf(plain.batch<Row>([])).toEqualTypeOf<sync.Cursor<Row>[]>();
    expectTypeOf(conn.batch<Row>([])).toEqualTypeOf<Promise<aio.AsyncCursor<Row>[]>>();
    expectTypeOf<Parameters<typeof plain.batch>>().toEqualTypeOf<
      [statements: Iterable<sync.BatchStatement>, options?: sync.BatchOptions | undefined]
    >();
    expectTypeOf<Parameters<typeof conn.batch>>().toEqualTypeOf<
      [statements: Iterable<aio.BatchStatement>, options?: (aio.BatchOptions & Limits) | undefined]
    >();
  });

  it("every call takes limits as its last argument, with its other options or alone", () => {
    expectTypeOf(conn.commit).toEqualTypeOf<(options?: Limits) => Promise<void>>();
    expectTypeOf(conn.rollback).toEqualTypeOf<(options?: Limits) => Promise<void>>();
    expectTypeOf(conn.close).toEqualTypeOf<(options?: Limits) => Promise<void>>();
    expectTypeOf(cursor.close).toEqualTypeOf<(options?: Limits) => Promise<void>>();
    expectTypeOf(cursor.fetchmany).toEqualTypeOf<
      (size?: number, options?: Limits) => Promise<sync.SqlValue[][]>
    >();
    expectTypeOf<Parameters<typeof conn.deserialize>[1]>().toEqualTypeOf<Limits | undefined>();
    expectTypeOf<Options<"sync", 0>>().toEqualTypeOf<Limits | undefined>();
    expectTypeOf<Parameters<typeof conn.setTraceCallback>[1]>().toEqualTypeOf<Limits | undefined>();
    expectTypeOf<Parameters<typeof conn.fetchall>[2]>().toEqualTypeOf<Limits | undefined>();
    expectTypeOf<Parameters<typeof conn.executescript>[1]>().toEqualTypeOf<Limits | undefined>();
    expectTypeOf<Parameters<typeof conn.transaction>[1]>().toEqualTypeOf<
      (sync.TransactionOptions & Limits) | undefined
    >();
    type Options<Name extends Limited, At extends number> = Parameters<
      aio.AsyncConnection[Name & keyof aio.AsyncConnection]
    >[At];
    expectTypeOf<Options<"backup", 1>>().toEqualTypeOf<(sync.BackupOptions & Limits) | undefined>();
    expectTypeOf<Options<"serialize", 0>>().toEqualTypeOf<(sync.SerializeOptions & Limits) | undefined>();
    expectTypeOf<Options<"iterdump", 0>>().toEqualTypeOf<(sync.DumpOptions & Limits) | undefined>();
    expectTypeOf<Options<"loadExtension", 1>>().toEqualTypeOf<(sync.ExtensionOptions & Limits) | undefined>();
    expectTypeOf<Options<"createFunction", 3>>().toEqualTypeOf<(sync.FunctionOptions & Limits) | undefined>();
    expectTypeOf<Options<"createFunction", 2>>().toEqualTypeOf<sync.SqlFunction | sync.ModuleFunction>();
    expectTypeOf<Options<"createAggregate", 2>>().toEqualTypeOf<sync.AggregateClass | sync.ModuleFunction>();
    expectTypeOf<Options<"createWindowFunction", 2>>().toEqualTypeOf<
      sync.WindowClass | sync.ModuleFunction
    >();
  });

  it("what reads promises rows", () => {
    expectTypeOf(conn.fetchall<Row>("")).toEqualTypeOf<Promise<Row[]>>();
    expectTypeOf(conn.fetchone<Row>("")).toEqualTypeOf<Promise<Row | null>>();
    expectTypeOf(cursor.fetchone()).toEqualTypeOf<Promise<sync.SqlValue[] | null>>();
    expectTypeOf(cursor.fetchall()).toEqualTypeOf<Promise<sync.SqlValue[][]>>();
    expectTypeOf(cursor[Symbol.asyncIterator]()).toEqualTypeOf<
      AsyncGenerator<sync.SqlValue[], void, undefined>
    >();
  });

  it("transaction() gives what its function resolves to", () => {
    expectTypeOf(conn.transaction(async (tx) => tx.execute<Row>("").fetchone())).toEqualTypeOf<
      Promise<Row | null>
    >();
    expectTypeOf(conn.transaction(() => 1, { retries: 1 })).toEqualTypeOf<Promise<number>>();
    expectTypeOf(plain.transaction(() => 1, { retries: 1 })).toEqualTypeOf<number>();
  });
});
