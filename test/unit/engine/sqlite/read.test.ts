/**
 * Tests src/engine/sqlite/read.ts: results read whole, in every form that can be asked for, and where a row cannot have it.
 */
import { describe, expect, it } from "vitest";
import { Prepared } from "../../../../src/engine/sqlite/prepared.ts";
import { type Rows, readWhole } from "../../../../src/engine/sqlite/read.ts";
import { DataError, NotSupportedError, OperationalError } from "../../../../src/errors/tree.ts";
import type { Reading } from "../../../../src/values/types.ts";
import { memory, PLAIN } from "./support.ts";

const SCHEMA = `
  CREATE TABLE t(id INTEGER PRIMARY KEY, big INTEGER, name TEXT);
  INSERT INTO t VALUES (1, 1, 'one'), (2, 9007199254740993, 'two'), (3, -9223372036854775808, 'three');
  CREATE TABLE bad(id INTEGER PRIMARY KEY, name);
  INSERT INTO bad VALUES (1, 'fine'), (2, '\uFFFD'), (3, CAST(x'66ff' AS TEXT)), (4, 'after');
`;

function read(sql: string, reading: Partial<Reading> = {}, firstOnly = false): Rows {
  const prepared = new Prepared(memory(SCHEMA), sql, 0);
  const rows = () => readWhole(prepared, [], { ...PLAIN, ...reading }, firstOnly);
  const first = rows();
  // A second reading knows more of the statement than the first, and must give the same.
  if (prepared.isQuery) expect(rows()).toEqual(first);
  return first;
}

describe("readWhole", () => {
  it("reads integers as numbers where they are safe, and as bigints past 2^53", () => {
    expect(read("SELECT big FROM t").rows).toEqual([[1], [9007199254740993n], [-9223372036854775808n]]);
    expect(read("SELECT id, 1.5, 1e300, 2.0 FROM t").rows[0]).toEqual([1, 1.5, 1e300, 2]);
    expect(read("SELECT 1e999, -1e999").rows).toEqual([[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]]);
  });

  it("reads every integer as bigint where that is asked for, and no real", () => {
    expect(read("SELECT id, 2.0, 1e300, '1' FROM t", { integers: "bigint" }).rows[0]).toEqual([
      1n,
      2,
      1e300,
      "1",
    ]);
  });

  it("gives the rows before one that cannot be a number, and then the error", () => {
    const { rows, error } = read("SELECT big FROM t", { integers: "number" });
    expect(rows).toEqual([[1]]);
    expect(error).toBeInstanceOf(DataError);
  });

  it("gives a stored replacement character, and the rows before text that is not UTF-8", () => {
    const { rows, error } = read("SELECT name, id FROM bad ORDER BY id");
    expect(rows).toEqual([
      ["fine", 1],
      ["\uFFFD", 2],
    ]);
    expect(error).toBeInstanceOf(OperationalError);
    expect(error?.message).toContain("column 'name'");
  });

  it("gives bytes for text where buffers are asked for, valid or not", () => {
    expect(read("SELECT name FROM bad ORDER BY id", { text: "buffer" })).toEqual({
      rows: [
        [Buffer.from("fine")],
        [Buffer.from("\uFFFD")],
        [Buffer.from([0x66, 0xff])],
        [Buffer.from("after")],
      ],
      error: null,
    });
    expect(read("SELECT name FROM t", { text: "buffer" }).rows[0]).toEqual([Buffer.from("one")]);
  });

  it("keeps large integers in a row with doubtful text", () => {
    expect(read("SELECT 9007199254740993, '\uFFFD'").rows).toEqual([[9007199254740993n, "\uFFFD"]]);
  });

  it("reads the first row alone where that is asked for", () => {
    expect(read("SELECT id FROM t", {}, true).rows).toEqual([[1]]);
    expect(read("SELECT id FROM t WHERE id > 9", {}, true).rows).toEqual([]);
    expect(read("SELECT name FROM bad WHERE id = 2", {}, true).rows).toEqual([["\uFFFD"]]);
    expect(read("SELECT big FROM t WHERE id = 2", {}, true).rows).toEqual([[9007199254740993n]]);
  });

  it("runs a statement that writes to its end, and once, though only its first row is wanted", () => {
    const db = memory(SCHEMA);
    const insert = new Prepared(db, "INSERT INTO t(name) VALUES ('a'), ('b') RETURNING name", 0);
    expect(readWhole(insert, [], PLAIN, true)).toEqual({ rows: [["a"]], error: null });
    expect(db.prepare("SELECT count(*) FROM t").raw().get()).toEqual([5]);
  });

  it("reads large integers from RETURNING and PRAGMA exactly", () => {
    expect(read("UPDATE t SET id = id WHERE id = 2 RETURNING big").rows).toEqual([[9007199254740993n]]);
    expect(read("PRAGMA user_version").rows).toEqual([[0]]);
  });

  it("says that bytes from RETURNING cannot be had where better-sqlite3 has lost them", () => {
    const lost = read("UPDATE bad SET id = id WHERE id = 3 RETURNING name", { text: "buffer" });
    expect(lost.rows).toEqual([]);
    expect(lost.error).toBeInstanceOf(NotSupportedError);
    expect(read("UPDATE bad SET id = id WHERE id = 1 RETURNING name", { text: "buffer" }).rows).toEqual([
      [Buffer.from("fine")],
    ]);
  });

  it("throws what SQLite throws", () => {
    expect(() => read("SELECT abs(-9223372036854775808)")).toThrow("integer overflow");
  });
});
