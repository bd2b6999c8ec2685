/**
 * The members of a connection and a cursor as they are typed: options, modes, properties, functions, `using`.
 * Nothing here runs.
 */
import { describe, expectTypeOf, it } from "vitest";
import {
  type Autocommit,
  type ColumnDescription,
  type Connection,
  type ConnectOptions,
  type Cursor,
  connect,
  type Description,
  type IsolationLevel,
  LEGACY_TRANSACTION_CONTROL,
  PARSE_COLNAMES,
  PARSE_DECLTYPES,
} from "../../src/index.ts";

const conn = connect(":memory:");

class Step {
  count = 0;
  step(_: number): void {
    this.count++;
  }
}

class Count extends Step {
  finalize(): number {
    return this.count;
  }
}

describe("connect", () => {
  it("takes a name or a URL, and options", () => {
    expectTypeOf(connect).toBeCallableWith("a.db");
    expectTypeOf(connect).toBeCallableWith(new URL("file:///a.db"), {});
    connect("a.db", {
      timeout: 5,
      isolationLevel: "immediate",
      autocommit: LEGACY_TRANSACTION_CONTROL,
      detectTypes: PARSE_DECLTYPES | PARSE_COLNAMES,
      cachedStatements: 0,
      readonly: true,
      fileMustExist: false,
      integers: "bigint",
    });
    const options: ConnectOptions = { isolationLevel: null, autocommit: false };
    connect("a.db", options);
  });

  it("refuses wrong options and names", () => {
    // @ts-expect-error no name
    connect();
    // @ts-expect-error bytes are no name
    connect(Buffer.from("a.db"));
    // @ts-expect-error an option that there is not
    connect("a.db", { timeOut: 5 });
    // @ts-expect-error a string for a number
    connect("a.db", { timeout: "5" });
    // @ts-expect-error a level that there is not
    connect("a.db", { isolationLevel: "SERIALIZABLE" });
    // @ts-expect-error mixed case is for JavaScript only
    connect("a.db", { isolationLevel: "Immediate" });
    // @ts-expect-error a number that is no mode
    connect("a.db", { autocommit: 1 });
    // @ts-expect-error a mode that there is not
    connect("a.db", { integers: "string" });
    // @ts-expect-error null is no boolean
    connect("a.db", { readonly: null });
  });
});

describe("a connection", () => {
  it("has properties of these types", () => {
    expectTypeOf(conn.inTransaction).toEqualTypeOf<boolean>();
    expectTypeOf(conn.totalChanges).toEqualTypeOf<number>();
    expectTypeOf(conn.isolationLevel).toEqualTypeOf<IsolationLevel>();
    expectTypeOf(conn.autocommit).toEqualTypeOf<Autocommit>();
    expectTypeOf(conn.textFactory).toEqualTypeOf<"string" | "buffer">();
    expectTypeOf<Autocommit>().toEqualTypeOf<boolean | -1>();
    conn.isolationLevel = "exclusive";
    conn.autocommit = true;
    // @ts-expect-error SQLite's own word cannot be set
    conn.inTransaction = true;
    // @ts-expect-error not a mode
    conn.textFactory = "bytes";
  });

  it("gives back what a transaction's function gives", () => {
    expectTypeOf(conn.transaction(() => 5)).toEqualTypeOf<number>();
    expectTypeOf(conn.transaction((same) => same)).toEqualTypeOf(conn);
    expectTypeOf(conn.transaction(() => {})).toEqualTypeOf<void>();
    conn.transaction(() => 5, { mode: "EXCLUSIVE", retries: 3 });
    // @ts-expect-error a mode that there is not
    conn.transaction(() => 5, { mode: "SERIAL" });
    // @ts-expect-error not a function
    conn.transaction(5);
  });

  it("takes functions and classes of any types", () => {
    conn.createFunction("f", 2, (a: number, b: string) => a + b.length, {
      deterministic: true,
      directOnly: true,
    });
    conn.createFunction("g", -1, (...args: (string | null)[]) => args.length);
    conn.createAggregate(
      "sum2",
      1,
      class {
        total = 0;
        step(value: number): void {
          this.total += value;
        }
        finalize(): number {
          return this.total;
        }
      },
    );
    // @ts-expect-error an aggregate has a finalize
    conn.createAggregate("bad", 1, Step);
    // @ts-expect-error a window function has inverse and value too
    conn.createWindowFunction("bad", 1, Count);
    conn.createAggregate("good", 1, Count);
    // @ts-expect-error not a function
    conn.createFunction("f", 0, 5);
    // @ts-expect-error an option that there is not
    conn.createFunction("f", 0, () => 1, { pure: true });
    // @ts-expect-error a class, not an instance
    conn.createAggregate("bad", 1, { step: () => {}, finalize: () => 1 });
  });

  it("reads whole and dumps with these types", () => {
    expectTypeOf(conn.serialize()).toEqualTypeOf<Buffer>();
    expectTypeOf(conn.iterdump({ filter: "a%" })).toExtend<Iterable<string>>();
    expectTypeOf(
      conn.backup("b.db", {
        pages: 5,
        progress: (status, remaining, total) => void (status + remaining + total),
      }),
    ).toEqualTypeOf<Promise<void>>();
    expectTypeOf(conn.backup(connect("b.db"))).toEqualTypeOf<Promise<void>>();
    conn.deserialize(new Uint8Array(1));
    conn.deserialize(new ArrayBuffer(1));
    // @ts-expect-error a name is no bytes
    conn.deserialize("b.db");
  });

  it("says by its type that what better-sqlite3 cannot do never returns", () => {
    expectTypeOf(conn.interrupt).returns.toEqualTypeOf<never>();
    expectTypeOf(conn.setAuthorizer).returns.toEqualTypeOf<never>();
    expectTypeOf(conn.blobopen).returns.toEqualTypeOf<never>();
  });
});

describe("a cursor", () => {
  const cursor = conn.execute("SELECT 1");

  it("has properties of these types", () => {
    expectTypeOf(cursor.description).toEqualTypeOf<Description | null>();
    expectTypeOf<ColumnDescription[0]>().toEqualTypeOf<string>();
    expectTypeOf<ColumnDescription[1]>().toEqualTypeOf<string | null>();
    expectTypeOf<ColumnDescription["length"]>().toEqualTypeOf<7>();
    expectTypeOf(cursor.rowcount).toEqualTypeOf<number>();
    expectTypeOf(cursor.lastrowid).toEqualTypeOf<number | bigint | null>();
    expectTypeOf(cursor.arraysize).toEqualTypeOf<number>();
    expectTypeOf(cursor.connection).toEqualTypeOf<Connection<unknown>>();
    expectTypeOf(cursor.nextset()).toEqualTypeOf<null>();
    cursor.arraysize = 5;
    // @ts-expect-error a result, not a setting
    cursor.rowcount = 5;
    // @ts-expect-error a result, not a setting
    cursor.description = null;
  });

  it("is made by a connection only in JavaScript's eyes, and is a cursor of its rows in TypeScript's", () => {
    expectTypeOf(cursor).toExtend<Cursor<unknown>>();
    expectTypeOf<Cursor<number>>().not.toExtend<Cursor<string>>();
  });
});

describe("using", () => {
  it("closes connections and cursors", () => {
    expectTypeOf(conn).toExtend<Disposable>();
    expectTypeOf(conn.cursor()).toExtend<Disposable>();
    using own = connect(":memory:");
    using cursor = own.cursor();
    expectTypeOf(cursor).toEqualTypeOf<Cursor>();
  });

  it("is not for the asynchronous kind", () => {
    expectTypeOf(conn).not.toExtend<AsyncDisposable>();
  });
});
