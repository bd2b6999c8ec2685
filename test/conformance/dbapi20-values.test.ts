/**
 * PEP 249's own checklist, the other part: the 10 cases of dbapi20 on constructors and type objects.
 * @see https://peps.python.org/pep-0249/#type-objects-and-constructors
 */
import { expect, it } from "vitest";
import * as sqlite3 from "../../src/index.ts";
import { type AnyConnection, conformance } from "./quadrants.ts";

const BOOZE = "CREATE TABLE booze (name VARCHAR(20))";

conformance("dbapi20", (db) => {
  const connect = (): Promise<AnyConnection> => db.connect(db.file());

  it("None", async () => {
    const conn = await connect();
    await conn.execute(BOOZE);
    await conn.execute("INSERT INTO booze VALUES (NULL)");
    await conn.execute("INSERT INTO booze VALUES (?)", [null]);
    expect(await conn.fetchall("SELECT name FROM booze")).toEqual([[null], [null]]);
  });

  it("Date", () => {
    const date = sqlite3.Date(2002, 12, 25);
    expect(date).toBeInstanceOf(Date);
    expect(sqlite3.DateFromTicks(Date.UTC(2002, 11, 25, 13, 45) / 1000)).toEqual(date);
  });

  it("Time", () => {
    expect(sqlite3.Time(13, 45, 30)).toBe("13:45:30");
    expect(sqlite3.TimeFromTicks(Date.UTC(2001, 0, 1, 13, 45, 30) / 1000)).toBe(sqlite3.Time(13, 45, 30));
  });

  it("Timestamp", () => {
    const timestamp = sqlite3.Timestamp(2002, 12, 25, 13, 45, 30);
    expect(timestamp.toISOString()).toBe("2002-12-25T13:45:30.000Z");
    expect(sqlite3.TimestampFromTicks(Date.UTC(2002, 11, 25, 13, 45, 30) / 1000)).toEqual(timestamp);
  });

  it("Binary", async () => {
    const conn = await connect();
    for (const bytes of [sqlite3.Binary("Something"), sqlite3.Binary("")]) {
      expect(await conn.fetchone("SELECT typeof(?1), ?1", [bytes])).toEqual(["blob", bytes]);
    }
  });

  const types: Readonly<Record<string, readonly [sqlite3.DBAPITypeObject, string]>> = {
    STRING: [sqlite3.STRING, "VARCHAR(20)"],
    BINARY: [sqlite3.BINARY, "BLOB"],
    NUMBER: [sqlite3.NUMBER, "INTEGER"],
    DATETIME: [sqlite3.DATETIME, "TIMESTAMP"],
    ROWID: [sqlite3.ROWID, "ROWID"],
  };

  /** A column so declared is of this type, and of no other. */
  async function expectType(name: string): Promise<void> {
    const [type, declared] = types[name] ?? [];
    const conn = await connect();
    await conn.execute(`CREATE TABLE typed (a ${declared})`);
    const cursor = await conn.execute("SELECT a FROM typed");
    const code = cursor.description?.[0]?.[1] ?? null;
    expect(type?.equals(code)).toBe(true);
    for (const [other, [otherType]] of Object.entries(types)) {
      if (other !== name) expect(otherType.equals(code)).toBe(false);
    }
  }

  it("STRING", () => expectType("STRING"));

  it("BINARY", () => expectType("BINARY"));

  it("NUMBER", () => expectType("NUMBER"));

  it("DATETIME", () => expectType("DATETIME"));

  it("ROWID", () => expectType("ROWID"));
});
