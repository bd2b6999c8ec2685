import { afterAll, describe, expect, it } from "vitest";
import { constraintOf } from "../../../src/errors/constraint.ts";
import type { Constraint } from "../../../src/errors/tree.ts";
import { failure, memory } from "../values/native.ts";

const database = memory();
database.exec(`
  CREATE TABLE t(a, b, UNIQUE (a, b));
  CREATE TABLE p(id INTEGER PRIMARY KEY, n NOT NULL DEFAULT 1, k CHECK (k > 0), m CONSTRAINT "pos, x: y" CHECK (m > 0));
  CREATE TABLE w(a, b, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE u(a);
  CREATE UNIQUE INDEX "i'x" ON u (lower(a));
  CREATE TABLE s(x INT, y TEXT) STRICT;
  CREATE TABLE "a.b"("c.d" UNIQUE, e NOT NULL DEFAULT 1);
  CREATE TABLE "we ird"("f, g" TEXT NOT NULL DEFAULT 1, "q""x" INT UNIQUE) STRICT;
  CREATE TABLE comma(a, "b, c", UNIQUE (a, "b, c"));
  CREATE TABLE parent(id PRIMARY KEY);
  CREATE TABLE child(p REFERENCES parent (id));
  CREATE TABLE g(a);
  CREATE TRIGGER refuse BEFORE INSERT ON g BEGIN SELECT raise(ABORT, 'UNIQUE constraint failed: t.a'); END;
  CREATE TABLE nr(a);
  CREATE VIRTUAL TABLE r USING rtree(id, x1, x2);
`);
afterAll(() => database.close());

const CASES: readonly (readonly [what: string, sql: string, expected: Constraint])[] = [
  [
    "a unique constraint",
    "INSERT INTO t VALUES (1, 2), (1, 2)",
    { kind: "unique", table: "t", columns: ["a", "b"] },
  ],
  [
    "a primary key",
    "INSERT INTO p(id) VALUES (1), (1)",
    { kind: "primary key", table: "p", columns: ["id"] },
  ],
  [
    "a primary key without a rowid",
    "INSERT INTO w VALUES (1, 2), (1, 2)",
    { kind: "primary key", table: "w", columns: ["a", "b"] },
  ],
  ["a unique index on an expression", "INSERT INTO u VALUES ('a'), ('A')", { kind: "unique", name: "i'x" }],
  ["a rowid", "INSERT INTO nr(rowid) VALUES (1), (1)", { kind: "rowid", table: "nr", columns: ["rowid"] }],
  ["NOT NULL", "INSERT INTO p(n) VALUES (NULL)", { kind: "not null", table: "p", columns: ["n"] }],
  ["a CHECK without a name", "INSERT INTO p(k) VALUES (-1)", { kind: "check", name: "k > 0" }],
  ["a CHECK with a name", "INSERT INTO p(m) VALUES (-1)", { kind: "check", name: "pos, x: y" }],
  ["a foreign key", "INSERT INTO child VALUES (4)", { kind: "foreign key" }],
  ["a trigger, whatever it says", "INSERT INTO g VALUES (1)", { kind: "trigger" }],
  ["a strict table", "INSERT INTO s(x) VALUES ('q')", { kind: "datatype", table: "s", columns: ["x"] }],
  [
    "a strict column of text",
    "INSERT INTO s(y) VALUES (x'00')",
    { kind: "datatype", table: "s", columns: ["y"] },
  ],
  ["a rowid that is no integer", "INSERT INTO p(id) VALUES ('x')", { kind: "datatype" }],
  [
    "a virtual table's own key",
    "INSERT INTO r VALUES (1,1,1), (1,1,1)",
    { kind: "unique", table: "r", columns: ["id"] },
  ],
  ["a virtual table's own rule", "INSERT INTO r VALUES (2, 3, 2)", { kind: "other" }],
  ["dots in names: the kind alone", `INSERT INTO "a.b"("c.d") VALUES (1), (1)`, { kind: "unique" }],
  ["a dot in the table: the kind alone", `INSERT INTO "a.b"(e) VALUES (NULL)`, { kind: "not null" }],
  ["a comma in a key column: the kind alone", "INSERT INTO comma VALUES (1, 2), (1, 2)", { kind: "unique" }],
  [
    "a comma where only one column can be",
    `INSERT INTO "we ird"("f, g") VALUES (NULL)`,
    { kind: "not null", table: "we ird", columns: ["f, g"] },
  ],
  [
    "spaces and quotes",
    `INSERT INTO "we ird"("q""x") VALUES ('no')`,
    { kind: "datatype", table: "we ird", columns: ['q"x'] },
  ],
];

describe("constraintOf", () => {
  for (const [what, sql, expected] of CASES) {
    it(`reads ${what}`, () => {
      const { code, message } = failure(database, sql);
      expect(constraintOf(code, message)).toEqual(expected);
    });
  }

  it("knows every extended code, whatever the message", () => {
    const kinds = [
      "CHECK",
      "COMMITHOOK",
      "FOREIGNKEY",
      "FUNCTION",
      "NOTNULL",
      "PRIMARYKEY",
      "TRIGGER",
      "UNIQUE",
      "VTAB",
    ];
    for (const kind of [...kinds, "ROWID", "PINNED", "DATATYPE"]) {
      for (const message of [
        "",
        "constraint failed",
        "UNIQUE constraint failed",
        "UNIQUE constraint failed: ",
      ]) {
        const constraint = constraintOf(`SQLITE_CONSTRAINT_${kind}`, message);
        expect(constraint?.kind).not.toBe("other");
        expect(Object.keys(constraint ?? {})).toEqual(["kind"]);
      }
    }
    expect(constraintOf("SQLITE_CONSTRAINT_NEW", "x")).toEqual({ kind: "other" });
  });

  it("goes by the opening words when only the primary code came", () => {
    expect(constraintOf("SQLITE_CONSTRAINT", "NOT NULL constraint failed: t.c")).toEqual({
      kind: "not null",
      table: "t",
      columns: ["c"],
    });
    expect(constraintOf("SQLITE_CONSTRAINT", "FOREIGN KEY constraint failed")).toEqual({
      kind: "foreign key",
    });
    expect(constraintOf("SQLITE_CONSTRAINT", "the word UNIQUE constraint failed: t.c")).toEqual({
      kind: "other",
    });
  });

  it("names no columns when two tables seem to be meant", () => {
    expect(constraintOf("SQLITE_CONSTRAINT_UNIQUE", "UNIQUE constraint failed: t.a, s.b")).toEqual({
      kind: "unique",
    });
  });

  it("is nothing for other codes", () => {
    expect(constraintOf("SQLITE_BUSY", "UNIQUE constraint failed: t.a")).toBeUndefined();
    expect(constraintOf("", "")).toBeUndefined();
  });
});
