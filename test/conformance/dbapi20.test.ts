/**
 * PEP 249's own checklist: the 35 cases of Stuart Bishop's public-domain dbapi20 test suite, by its names, written anew
 * for this API; 25 on the module, connections and cursors here, and 10 on values in dbapi20-values.test.ts. Where PEP 249
 * leaves a choice, the comment says which one is taken.
 * @see https://peps.python.org/pep-0249/
 */
import { expect, it } from "vitest";
import * as aio from "../../src/aio.ts";
import * as sqlite3 from "../../src/index.ts";
import { type AnyConnection, type AnyCursor, collect, conformance, raised } from "./quadrants.ts";

const BOOZE = "CREATE TABLE booze (name VARCHAR(20))";
const BARFLYS = "CREATE TABLE barflys (name VARCHAR(20), drink VARCHAR(30))";
const SAMPLES = ["Carlton Cold", "Carlton Draft", "Mountain Goat", "Redback", "Victoria Bitter", "XXXX"];
const ALL = "SELECT name FROM booze ORDER BY name";

conformance("dbapi20", (db) => {
  const connect = (): Promise<AnyConnection> => db.connect(db.file());

  /** A connection whose table `booze` holds the six samples. */
  async function stocked(): Promise<AnyConnection> {
    const conn = await connect();
    await conn.execute(BOOZE);
    for (const name of SAMPLES) await conn.execute("INSERT INTO booze VALUES (?)", [name]);
    return conn;
  }

  const names = (rows: readonly (readonly unknown[])[]) => rows.map(([name]) => name);

  it("connect", async () => {
    const conn = await connect();
    expect(conn).toBeInstanceOf(db.isSynchronous ? sqlite3.Connection : aio.AsyncConnection);
  });

  it("apilevel", () => {
    expect(sqlite3.apilevel).toBe("2.0");
  });

  it("threadsafety", () => {
    expect([0, 1, 2, 3]).toContain(sqlite3.threadsafety);
  });

  it("paramstyle", () => {
    expect(["qmark", "numeric", "named", "format", "pyformat"]).toContain(sqlite3.paramstyle);
  });

  it("Exceptions", () => {
    const below = (Class: object, Base: { readonly prototype: object }) =>
      expect(Object.prototype.isPrototypeOf.call(Base.prototype, Reflect.get(Class, "prototype"))).toBe(true);
    below(sqlite3.Warning, Error);
    below(sqlite3.Error, Error);
    below(sqlite3.InterfaceError, sqlite3.Error);
    below(sqlite3.DatabaseError, sqlite3.Error);
    below(sqlite3.OperationalError, sqlite3.DatabaseError);
    below(sqlite3.IntegrityError, sqlite3.DatabaseError);
    below(sqlite3.InternalError, sqlite3.DatabaseError);
    below(sqlite3.ProgrammingError, sqlite3.DatabaseError);
    below(sqlite3.NotSupportedError, sqlite3.DatabaseError);
    below(sqlite3.DataError, sqlite3.DatabaseError);
  });

  it("ExceptionsAsConnectionAttributes", async () => {
    const conn = await connect();
    expect(conn.Warning).toBe(sqlite3.Warning);
    expect(conn.Error).toBe(sqlite3.Error);
    expect(conn.InterfaceError).toBe(sqlite3.InterfaceError);
    expect(conn.DatabaseError).toBe(sqlite3.DatabaseError);
    expect(conn.OperationalError).toBe(sqlite3.OperationalError);
    expect(conn.IntegrityError).toBe(sqlite3.IntegrityError);
    expect(conn.InternalError).toBe(sqlite3.InternalError);
    expect(conn.ProgrammingError).toBe(sqlite3.ProgrammingError);
    expect(conn.NotSupportedError).toBe(sqlite3.NotSupportedError);
    expect(conn.DataError).toBe(sqlite3.DataError);
  });

  it("commit", async () => {
    const conn = await connect();
    await conn.commit();
    await conn.execute(BOOZE);
    await conn.execute("INSERT INTO booze VALUES ('Victoria Bitter')");
    await conn.commit();
    const other = await connect();
    expect(await other.fetchall(ALL)).toEqual([["Victoria Bitter"]]);
  });

  it("rollback", async () => {
    const conn = await stocked();
    await conn.rollback();
    expect(await conn.fetchall(ALL)).toEqual([]);
  });

  it("cursor", async () => {
    const conn = await connect();
    const cursor = conn.cursor();
    expect(cursor).toBeInstanceOf(db.isSynchronous ? sqlite3.Cursor : aio.AsyncCursor);
    expect(cursor.connection).toBe(conn);
  });

  it("cursor_isolation", async () => {
    // Cursors of one connection see each other's work at once.
    const conn = await connect();
    const [one, two] = [conn.cursor(), conn.cursor()];
    await one.execute(BOOZE);
    await one.execute("INSERT INTO booze VALUES ('Victoria Bitter')");
    await two.execute("SELECT name FROM booze");
    expect(await two.fetchall()).toEqual([["Victoria Bitter"]]);
  });

  it("description", async () => {
    const conn = await connect();
    const cursor = conn.cursor();
    await cursor.execute(BOOZE);
    expect(cursor.description).toBe(null);
    await cursor.execute("SELECT name FROM booze");
    expect(cursor.description).toHaveLength(1);
    const [column] = cursor.description ?? [];
    expect(column).toHaveLength(7);
    expect(column?.[0]).toBe("name");
    expect(sqlite3.STRING.equals(column?.[1] ?? null)).toBe(true);
    await cursor.execute(BARFLYS);
    expect(cursor.description).toBe(null);
  });

  it("rowcount", async () => {
    const conn = await connect();
    const cursor = conn.cursor();
    expect(cursor.rowcount).toBe(-1);
    await cursor.execute(BOOZE);
    expect(cursor.rowcount).toBe(-1);
    await cursor.execute("INSERT INTO booze VALUES ('Victoria Bitter')");
    expect(cursor.rowcount).toBe(1);
    // SQLite does not know how many rows a SELECT has.
    await cursor.execute("SELECT name FROM booze");
    expect(cursor.rowcount).toBe(-1);
    await cursor.execute(BARFLYS);
    expect(cursor.rowcount).toBe(-1);
  });

  it("callproc", async () => {
    // Optional, and SQLite has no stored procedures: the method does not exist.
    expect("callproc" in (await connect()).cursor()).toBe(false);
  });

  it("close", async () => {
    const conn = await connect();
    const cursor = conn.cursor();
    await conn.close();
    await raised(sqlite3.Error, () => cursor.execute(BOOZE));
    await raised(sqlite3.Error, () => conn.commit());
    await raised(sqlite3.Error, () => conn.rollback());
    await raised(sqlite3.Error, () => conn.cursor());
    // PEP 249 lets a second close fail; here, as in Python, it does nothing.
    await conn.close();
  });

  it("execute", async () => {
    const conn = await connect();
    const cursor = conn.cursor();
    await cursor.execute(BOOZE);
    await cursor.execute("INSERT INTO booze VALUES ('Victoria Bitter')");
    expect(cursor.rowcount).toBe(1);
    await cursor.execute("INSERT INTO booze VALUES (?)", ["Cooper's"]);
    await cursor.execute("INSERT INTO booze VALUES (:beer)", { beer: "Redback" });
    expect(cursor.rowcount).toBe(1);
    await cursor.execute(ALL);
    expect(names(await cursor.fetchall())).toEqual(["Cooper's", "Redback", "Victoria Bitter"]);
  });

  it("executemany", async () => {
    const conn = await connect();
    const cursor = conn.cursor();
    await cursor.execute(BOOZE);
    await cursor.executemany("INSERT INTO booze VALUES (?)", [["Cooper's"], ["Boag's"]]);
    expect(cursor.rowcount).toBe(2);
    await cursor.executemany("INSERT INTO booze VALUES (:beer)", [{ beer: "Redback" }]);
    expect(cursor.rowcount).toBe(1);
    await cursor.execute(ALL);
    expect(names(await cursor.fetchall())).toEqual(["Boag's", "Cooper's", "Redback"]);
  });

  it("fetchone", async () => {
    const conn = await connect();
    const cursor = conn.cursor();
    // PEP 249 wants an error before any execute and after a statement without rows; here, as in Python, it is null.
    expect(await cursor.fetchone()).toBe(null);
    await cursor.execute(BOOZE);
    expect(await cursor.fetchone()).toBe(null);
    await cursor.execute("SELECT name FROM booze");
    expect(await cursor.fetchone()).toBe(null);
    await cursor.execute("INSERT INTO booze VALUES ('Victoria Bitter')");
    expect(await cursor.fetchone()).toBe(null);
    await cursor.execute("SELECT name FROM booze");
    expect(await cursor.fetchone()).toEqual(["Victoria Bitter"]);
    expect(await cursor.fetchone()).toBe(null);
  });

  it("fetchmany", async () => {
    const conn = await stocked();
    const cursor = conn.cursor();
    expect(await cursor.fetchmany(4)).toEqual([]);
    await cursor.execute(ALL);
    expect(await cursor.fetchmany()).toHaveLength(1);
    expect(await cursor.fetchmany(10)).toHaveLength(5);
    expect(await cursor.fetchmany(4)).toEqual([]);
    cursor.arraysize = 4;
    await cursor.execute(ALL);
    const sizes = [await cursor.fetchmany(), await cursor.fetchmany(), await cursor.fetchmany()];
    expect(sizes.map(({ length }) => length)).toEqual([4, 2, 0]);
    cursor.arraysize = 6;
    await cursor.execute(ALL);
    expect(names(await cursor.fetchmany())).toEqual(SAMPLES);
    await cursor.execute(BARFLYS);
    expect(await cursor.fetchmany()).toEqual([]);
  });

  it("fetchall", async () => {
    const conn = await stocked();
    const cursor = conn.cursor();
    expect(await cursor.fetchall()).toEqual([]);
    await cursor.execute(ALL);
    expect(names(await cursor.fetchall())).toEqual(SAMPLES);
    expect(await cursor.fetchall()).toEqual([]);
    await cursor.execute(BARFLYS);
    await cursor.execute("SELECT name FROM barflys");
    expect(await cursor.fetchall()).toEqual([]);
  });

  it("mixedfetch", async () => {
    const conn = await stocked();
    const cursor = await conn.execute(ALL);
    const one = await cursor.fetchone();
    const [two, three] = await cursor.fetchmany(2);
    const four = await cursor.fetchone();
    const rest = await cursor.fetchall();
    expect(rest).toHaveLength(2);
    expect([one, two, three, four, ...rest].map((row) => row?.[0])).toEqual(SAMPLES);
    const iterated = await conn.execute(ALL);
    await iterated.fetchone();
    expect(names(await collect(iterated))).toEqual(SAMPLES.slice(1));
  });

  it("nextset", async () => {
    // A statement has one result in SQLite, so there is never a next one.
    const conn = await stocked();
    const cursor = await conn.execute(ALL);
    expect(await cursor.nextset()).toBe(null);
  });

  it("arraysize", async () => {
    const cursor = (await connect()).cursor();
    expect(cursor.arraysize).toBe(1);
    cursor.arraysize = 10;
    expect(cursor.arraysize).toBe(10);
  });

  it("setinputsizes", async () => {
    const cursor = (await connect()).cursor();
    await cursor.setinputsizes([25]);
    await expectUsable(cursor);
  });

  it("setoutputsize_basic", async () => {
    const cursor = (await connect()).cursor();
    await cursor.setoutputsize(1000);
    await cursor.setoutputsize(2000, 0);
    await expectUsable(cursor);
  });

  it("setoutputsize", async () => {
    // Values come whole, whatever size was asked for.
    const conn = await connect();
    const cursor = conn.cursor();
    await cursor.setoutputsize(1, 0);
    const long = "x".repeat(100_000);
    await cursor.execute("SELECT ?", [long]);
    expect(await cursor.fetchone()).toEqual([long]);
  });

  /** A hint that is ignored leaves the cursor as it was. */
  async function expectUsable(cursor: AnyCursor): Promise<void> {
    await cursor.execute(BOOZE);
    await cursor.execute("INSERT INTO booze VALUES (?)", ["Victoria Bitter"]);
    await cursor.execute("SELECT name FROM booze");
    expect(await cursor.fetchone()).toEqual(["Victoria Bitter"]);
  }
});
