/**
 * Tests src/engine/replica/failure.ts: what libsql throws becomes an error of the tree that shows no secret.
 */
import { describe, expect, it } from "vitest";
import { runFailure, syncFailure } from "../../../../src/engine/replica/failure.ts";
import { DatabaseError, IntegrityError, OperationalError } from "../../../../src/errors/tree.ts";

const PATH = "/a/replica.db";
const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

describe("a query that fails while it runs", () => {
  it.each([
    ["integer overflow", "SQLITE_ERROR", OperationalError],
    ["database disk image is malformed", "SQLITE_CORRUPT", DatabaseError],
    ["datatype mismatch", "SQLITE_MISMATCH", IntegrityError],
  ])("has the class of its code: %s, %s", (message, code, Class) => {
    const error = runFailure(coded(message, code), "SELECT 1");
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ message, code, sql: "SELECT 1" });
  });

  it("does not repeat a bound value", () => {
    const error = runFailure(coded("malformed MATCH expression: [secret]", "SQLITE_ERROR"), "SELECT ?");
    expect(error.message).toBe("malformed MATCH expression: ?");
  });

  it("is an OperationalError where there is no code", () => {
    for (const thrown of [new Error("what"), "what"])
      expect(runFailure(thrown, "SELECT 1")).toEqual(
        new OperationalError("what", { sql: "SELECT 1", cause: thrown }),
      );
  });

  it("stays what it is when it is one of ours", () => {
    const error = new OperationalError("ours");
    expect(runFailure(error, "SELECT 1")).toBe(error);
  });
});

describe("a synchronisation that fails", () => {
  it.each([
    [
      "replication error: Injector error: SQLite error: file is not a database",
      DatabaseError,
      "SQLITE_NOTADB",
    ],
    [
      "Failed to connect: `Can not sync a database without a wal_index, please …`",
      OperationalError,
      "NOT_A_REPLICA",
    ],
    [
      "Failed to connect to database: `IO error: No such file or directory`",
      OperationalError,
      "SQLITE_CANTOPEN",
    ],
    ["Replication(PrimaryHandshakeTimeout)", OperationalError, "SYNC_FAILED"],
  ])("%s", (message, Class, code) => {
    const error = syncFailure(new Error(message), PATH, []);
    expect(error).toBeInstanceOf(Class);
    expect(error.code).toBe(code);
  });

  it("shows neither the token nor the key", () => {
    const { message } = syncFailure(new Error("bad token-1 and key-2, token-1"), PATH, [
      "token-1",
      "",
      "key-2",
    ]);
    expect(message).toBe("the replica cannot be brought up to date: bad *** and ***, ***");
  });
});
