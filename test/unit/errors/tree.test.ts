import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as tree from "../../../src/errors/tree.ts";

const PARENTS = {
  Warning: globalThis.Error,
  Error: globalThis.Error,
  InterfaceError: tree.Error,
  DatabaseError: tree.Error,
  DataError: tree.DatabaseError,
  OperationalError: tree.DatabaseError,
  IntegrityError: tree.DatabaseError,
  InternalError: tree.DatabaseError,
  ProgrammingError: tree.DatabaseError,
  NotSupportedError: tree.DatabaseError,
} as const;

describe("the exception tree", () => {
  for (const [name, Class] of Object.entries(tree.EXCEPTIONS)) {
    it(`has ${name} where PEP 249 puts it`, () => {
      const error = new Class("words");
      expect(error).toBeInstanceOf(PARENTS[name as keyof typeof PARENTS]);
      expect(error).toBeInstanceOf(globalThis.Error);
      expect(error.name).toBe(name);
      expect(Class.name).toBe(name);
      expect(String(error)).toBe(`${name}: words`);
      expect(error.stack?.split("\n")[0]).toBe(`${name}: words`);
      expect(inspect(error).split("\n")[0]).toBe(`${name}: words`);
      expect(error instanceof tree.Error).toBe(name !== "Warning");
    });
  }

  it("keeps DataError and OperationalError apart", () => {
    expect(new tree.DataError("x")).not.toBeInstanceOf(tree.OperationalError);
    expect(new tree.InterfaceError("x")).not.toBeInstanceOf(tree.DatabaseError);
  });

  it("shows only the fields it was given", () => {
    expect(Object.keys(new tree.Error("x"))).toEqual([]);
    const error = new tree.OperationalError("x", { code: "SQLITE_BUSY", sql: undefined, retryable: true });
    expect(Object.keys(error)).toEqual(["code", "retryable"]);
    expect("cause" in error).toBe(false);
  });

  it("is not retryable unless it says so", () => {
    expect(new tree.Error("x").retryable).toBe(false);
    expect(new tree.Error("x", { retryable: true }).retryable).toBe(true);
    expect(new tree.Error("x", { retryable: false }).retryable).toBe(false);
  });

  it("keeps a cause as JavaScript does: there, and not enumerable", () => {
    const cause = new TypeError("first");
    const error = new tree.Error("x", { cause });
    expect(error.cause).toBe(cause);
    expect(Object.keys(error)).not.toContain("cause");
    expect(new tree.Error("x", { cause: null }).cause).toBeNull();
  });

  it("lets a caller's subclass keep the name of its parent until it has its own", () => {
    class Mine extends tree.DataError {}
    expect(new Mine("x").name).toBe("DataError");
    expect(new Mine("x")).toBeInstanceOf(tree.DatabaseError);
  });
});

describe("annotate", () => {
  it("adds what is missing and leaves what is there", () => {
    const error = new tree.DataError("x", { sql: "SELECT 1" });
    expect(tree.annotate(error, { sql: "SELECT 2", index: 3, outcome: undefined })).toBe(error);
    expect({ ...error }).toEqual({ sql: "SELECT 1", index: 3 });
  });
});
