import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BINARY,
  DATETIME,
  DBAPITypeObject,
  NUMBER,
  ROWID,
  STRING,
} from "../../../src/values/type-objects.ts";

const ALL = [STRING, BINARY, NUMBER, DATETIME, ROWID];

const DECLARED: readonly (readonly [type: string, expected: DBAPITypeObject | null])[] = [
  ["TEXT", STRING],
  ["varchar(20)", STRING],
  ["NATIVE CHARACTER(70)", STRING],
  ["clob", STRING],
  ["BLOB", BINARY],
  ["VARBINARY(8)", BINARY],
  ["INTEGER", NUMBER],
  ["int", NUMBER],
  ["UNSIGNED BIG INT", NUMBER],
  ["CHARINT", NUMBER],
  ["REAL", NUMBER],
  ["DOUBLE PRECISION", NUMBER],
  ["FLOAT", NUMBER],
  ["NUMERIC(10, 2)", NUMBER],
  ["DECIMAL", NUMBER],
  ["boolean", NUMBER],
  ["DATE", DATETIME],
  ["datetime", DATETIME],
  ["TIMESTAMP WITH TIME ZONE", DATETIME],
  ["time", DATETIME],
  ["ROWID", ROWID],
  ["JSON", null],
  ["UUID", null],
  ["ANY", null],
  ["DATEBOOK", null],
  ["", null],
];

describe("the type objects", () => {
  for (const [type, expected] of DECLARED) {
    it(`take ${JSON.stringify(type)} for ${expected ?? "none of them"}`, () => {
      expect(ALL.filter((object) => object.equals(type))).toEqual(expected === null ? [] : [expected]);
    });
  }

  it("do not equal an expression", () => {
    expect(ALL.some((object) => object.equals(null))).toBe(false);
  });

  it("never agree on a type", () => {
    const words = fc.constantFrom(
      "INT",
      "CHAR",
      "TEXT",
      "BLOB",
      "REAL",
      "DATE",
      "TIME",
      "ROWID",
      "NUM",
      " ",
      "(5)",
      "X",
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), (parts) => {
        expect(ALL.filter((object) => object.equals(parts.join(""))).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("have a name and cannot be changed", () => {
    expect(ALL.map(String)).toEqual(["STRING", "BINARY", "NUMBER", "DATETIME", "ROWID"]);
    expect(ALL.every((object) => object instanceof DBAPITypeObject && Object.isFrozen(object))).toBe(true);
  });
});
