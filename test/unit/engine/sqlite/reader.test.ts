/**
 * Tests src/engine/sqlite/reader.ts: a result read page by page, moved to memory, read to its end, or given up.
 */
import { describe, expect, it } from "vitest";
import { Prepared } from "../../../../src/engine/sqlite/prepared.ts";
import { Reader } from "../../../../src/engine/sqlite/reader.ts";
import { OperationalError, ProgrammingError } from "../../../../src/errors/tree.ts";
import { LONG, memory, PLAIN } from "./support.ts";

const PATIENT = Number.POSITIVE_INFINITY;
const BAD = `
  CREATE TABLE bad(id INTEGER PRIMARY KEY, name);
  INSERT INTO bad VALUES (1, 'fine'), (2, '\uFFFD'), (3, 'between'), (4, CAST(x'66ff' AS TEXT)), (5, 'after');
`;

/** @param isRepeatable as EXPLAIN says at the second use: then integers are read plainly, and looked at */
function open(sql: string, script = "", isRepeatable = false) {
  const db = memory(script);
  const connection = { db, writes: 0, isStill: true };
  const prepared = new Prepared(db, sql, 0);
  prepared.isRepeatable = isRepeatable;
  return { reader: new Reader(prepared, [], PLAIN, connection), prepared, connection };
}

describe("Reader", () => {
  it("hands out page after page and lets go of the statement at the end", () => {
    const { reader, prepared } = open(LONG);
    expect(prepared.busy).toBe(true);
    const seen: unknown[] = [];
    while (reader.hasMore) seen.push(...reader.page(700, PATIENT).rows.map(([x]) => x));
    expect(seen).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
    expect([reader.isOpen, reader.hasMore, prepared.busy]).toEqual([false, false, false]);
    expect(reader.page(10)).toEqual({ rows: [], error: null });
  });

  it("can be given up, more than once", () => {
    const { reader, prepared } = open(LONG);
    reader.page(1);
    reader.close();
    reader.close();
    expect([reader.isOpen, reader.hasMore, prepared.busy]).toEqual([false, false, false]);
  });

  it("moves what is left to memory, in order", () => {
    const { reader, prepared } = open(LONG);
    reader.page(10, PATIENT);
    reader.keep();
    expect([reader.isOpen, reader.hasMore, prepared.busy]).toEqual([false, true, false]);
    reader.keep();
    expect(reader.page(2).rows).toEqual([[11], [12]]);
    expect(reader.rest(false).rows.length).toBe(2988);
    expect(reader.hasMore).toBe(false);
  });

  it("keeps order and loses nothing when there are too many rows to move to memory", () => {
    const { reader } = open(
      "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 1000400) SELECT x FROM r",
    );
    reader.page(100, PATIENT);
    expect(() => reader.keep()).toThrow(OperationalError);
    expect(reader.isOpen).toBe(true);
    expect(reader.page(2).rows).toEqual([[101], [102]]);
    expect(() => reader.keep()).toThrow(OperationalError);
    let [next, isInOrder] = [103, true];
    while (reader.hasMore) for (const [x] of reader.page(5000, PATIENT).rows) isInOrder &&= x === next++;
    expect([next, isInOrder]).toEqual([1_000_401, true]);
  });

  it("tells a failure behind the rows before it, once", () => {
    const { reader } = open("SELECT abs(column1) FROM (VALUES (1), (2), (-9223372036854775807 - 1), (4))");
    expect(reader.page(2).rows).toEqual([[1], [2]]);
    const { rows, error } = reader.page(2);
    expect(rows).toEqual([]);
    expect(error).toBeInstanceOf(OperationalError);
    expect(reader.hasMore).toBe(false);
  });

  it("keeps a failure for after the rows that were moved to memory", () => {
    const { reader } = open("SELECT abs(column1) FROM (VALUES (1), (2), (-9223372036854775807 - 1), (4))");
    reader.keep();
    expect(reader.page(1)).toEqual({ rows: [[1]], error: null });
    const { rows, error } = reader.page(5);
    expect(rows).toEqual([[2]]);
    expect(error).toBeInstanceOf(OperationalError);
    expect(reader.hasMore).toBe(false);
  });

  it("goes on exactly where a replacement character leaves a doubt", () => {
    const { reader } = open("SELECT name FROM bad ORDER BY id", BAD);
    const { rows, error } = reader.page(10, PATIENT);
    expect(rows).toEqual([["fine"], ["\uFFFD"], ["between"]]);
    expect(error).toBeInstanceOf(OperationalError);
    expect(reader.isOpen).toBe(false);
  });

  it.each([
    { who: "others may", isStill: false },
    { who: "nobody may", isStill: true },
  ])("finds what is doubtful on the last page, when $who change what is read", ({ isStill }) => {
    const { reader, connection } = open(
      "SELECT id, n FROM big ORDER BY id",
      `CREATE TABLE big(id INTEGER PRIMARY KEY, n);
       INSERT INTO big VALUES (1, 1), (2, 2), (3, 3), (4, 9007199254740993), (5, 5), (6, 9007199254740995)`,
      true,
    );
    connection.isStill = isStill;
    expect(reader.page(2, PATIENT).rows).toHaveLength(2);
    expect(reader.page(9, PATIENT).rows).toEqual([
      [3, 3],
      [4, 9007199254740993n],
      [5, 5],
      [6, 9007199254740995n],
    ]);
    expect([reader.isOpen, reader.hasMore]).toEqual([false, false]);
  });

  it("reads what is doubtful exactly, before a row of the same page that fails", () => {
    const { reader } = open(
      "SELECT abs(column1), column2 FROM (VALUES (1, 1), (2, 9007199254740993), (-9223372036854775807 - 1, 3))",
      "",
      true,
    );
    const { rows, error } = reader.page(9, PATIENT);
    expect(rows).toEqual([
      [1, 1],
      [2, 9007199254740993n],
    ]);
    expect(error?.message).toContain("integer overflow");
  });

  it("refuses to guess when the connection has written in between", () => {
    const { reader, connection } = open("SELECT name FROM bad ORDER BY id", BAD);
    expect(reader.page(1, PATIENT).rows).toEqual([["fine"]]);
    connection.writes++;
    const { rows, error } = reader.page(5, PATIENT);
    expect(rows).toEqual([]);
    expect(error?.message).toContain("has written since");
  });

  it("reads a long result that nobody has used again from its first row", () => {
    const { reader, prepared } = open(LONG);
    reader.page(64, PATIENT);
    const { rows, restarted, error } = reader.rest(true);
    expect([restarted, error, rows.length]).toEqual([true, null, 3000]);
    expect([rows[0], rows.at(-1)]).toEqual([[1], [3000]]);
    expect(prepared.busy).toBe(false);
  });

  it.each(["used", "written"])("reads on, and not again, when it has been %s", (why) => {
    const { reader, connection } = open(LONG);
    reader.page(64, PATIENT);
    if (why === "written") connection.writes++;
    const { rows, restarted } = reader.rest(why !== "used");
    expect([restarted, rows.length, rows[0]]).toEqual([false, 2936, [65]]);
  });

  it("calls a statement that no longer compiles what it is", () => {
    const db = memory("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    const prepared = new Prepared(db, "SELECT a FROM t", 0);
    db.exec("ALTER TABLE t RENAME COLUMN a TO b");
    const { rows, error } = new Reader(prepared, [], PLAIN, { db, writes: 0, isStill: true }).page(1);
    expect(rows).toEqual([]);
    expect(error).toBeInstanceOf(ProgrammingError);
  });
});
