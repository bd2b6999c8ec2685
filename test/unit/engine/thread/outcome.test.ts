/**
 * Tests src/engine/thread/outcome.ts and lost-transaction.ts: what is said of a call whose worker is lost, and what may run
 * after a transaction was.
 */
import { describe, expect, it } from "vitest";
import { LostTransaction } from "../../../../src/engine/thread/lost-transaction.ts";
import type { Call } from "../../../../src/engine/thread/messages.ts";
import { holdsTransaction, isRead, mayCommit, outcomeOf } from "../../../../src/engine/thread/outcome.ts";

const call = (method: Call["method"], ...args: readonly unknown[]): Call => ({
  id: 1,
  method,
  args,
  isStoppable: true,
});
const step = (sql: string) => ({ sql, when: "open" });
const query = call("execute", { sql: "SELECT 1", reads: true, begin: null });
const write = call("execute", { sql: "INSERT INTO t VALUES (1)", reads: false, begin: null });
const beginning = call("execute", { sql: "INSERT INTO t VALUES (1)", reads: false, begin: "BEGIN" });
const readingInside = call("execute", { sql: "SELECT 1", reads: true, begin: "BEGIN" });
const many = call("executemany", { sql: "INSERT INTO t VALUES (?)", begin: null });
const script = call("script", { parts: [], begin: null });
const begin = call("control", [step("BEGIN IMMEDIATE")]);
const commit = call("control", [step("COMMIT")]);
const commitAndBegin = call("control", [step("COMMIT"), step("BEGIN")]);
const rollback = call("control", [step("ROLLBACK")]);
const extension = call("loadExtension", "x.so", null);

describe("a call whose worker is lost", () => {
  it.each([
    // The call; what became of it in autocommit, and where a transaction was open.
    ["a query", query, "not-executed", "rolled-back"],
    ["a page of one", call("fetch", 1, 256), "not-executed", "rolled-back"],
    ["the rest of one", call("rest", 1, true), "not-executed", "rolled-back"],
    ["a backup", call("backup", {}, null), "not-executed", "rolled-back"],
    ["a function's definition", call("defineFunction", {}, null), "not-executed", "rolled-back"],
    ["a copy", call("serialize", "main"), "not-executed", "rolled-back"],
    ["BEGIN", begin, "not-executed", "rolled-back"],
    ["ROLLBACK", rollback, "not-executed", "rolled-back"],
    // In autocommit it may have committed by itself; inside, a statement may be a COMMIT of the caller's own.
    ["a write", write, "unknown", "unknown"],
    ["a script", script, "unknown", "unknown"],
    ["COMMIT", commit, "unknown", "unknown"],
    ["COMMIT and BEGIN", commitAndBegin, "unknown", "unknown"],
    ["an extension", extension, "unknown", "unknown"],
    ["many writes", many, "unknown", "rolled-back"],
    // What begins a transaction is inside of one, whatever was before.
    ["a write that begins", beginning, "rolled-back", "rolled-back"],
    ["a query that begins", readingInside, "rolled-back", "rolled-back"],
  ] as const)("%s", (_name, lost, inAutocommit, inside) => {
    expect([outcomeOf(lost, false), outcomeOf(lost, true)]).toEqual([inAutocommit, inside]);
  });

  it("reads are those that change nothing that is stored", () => {
    const reads = [query, readingInside, call("fetch", 1, 1), call("totalChanges"), call("isReadonly", "")];
    expect(reads.map(isRead)).toEqual(reads.map(() => true));
    const others = [write, many, script, commit, begin, call("deserialize", new Uint8Array()), extension];
    expect(others.map(isRead)).toEqual(others.map(() => false));
  });

  it("holds a transaction when one was open, or when it begins one", () => {
    expect([query, write, many].map((one) => holdsTransaction(one, false))).toEqual([false, false, false]);
    expect([query, write, many].map((one) => holdsTransaction(one, true))).toEqual([true, true, true]);
    expect([beginning, readingInside].map((one) => holdsTransaction(one, false))).toEqual([true, true]);
  });

  it("may have committed only where it may hold a COMMIT", () => {
    expect([query, many, begin, rollback, beginning].map(mayCommit)).toEqual(Array(5).fill(false));
    expect([write, script, commit, commitAndBegin].map(mayCommit)).toEqual(Array(4).fill(true));
  });
});

describe("a transaction that was lost", () => {
  const refused = (lost: LostTransaction, { method, args }: Call) => lost.refuse(method, args) !== null;

  it("refuses every call until a rollback, which runs", () => {
    const lost = new LostTransaction(true);
    for (const one of [
      query,
      write,
      many,
      script,
      begin,
      call("backup", {}, null),
      call("serialize", "main"),
    ])
      expect(refused(lost, one)).toBe(true);
    expect(lost.isOpen).toBe(true);
    expect(lost.refuse("execute", [])).toMatchObject({ outcome: "rolled-back" });
    expect(refused(lost, rollback)).toBe(false);
    expect([lost.isOpen, refused(lost, query)]).toEqual([false, false]);
  });

  it("refuses a COMMIT, and nothing after it", () => {
    const lost = new LostTransaction(true);
    expect([refused(lost, commitAndBegin), refused(lost, query)]).toEqual([true, false]);
  });

  it("lets a rollback run that begins the next one, and no transaction() that does", () => {
    const lost = new LostTransaction(true);
    const next = call("control", [step("ROLLBACK"), step("BEGIN IMMEDIATE")]);
    expect([refused(lost, next), lost.isOpen]).toEqual([true, true]);
    expect(refused(lost, call("control", [step("ROLLBACK"), step("BEGIN")]))).toBe(false);
    expect(lost.isOpen).toBe(false);
  });

  it("refuses savepoints, and what undoes them", () => {
    const lost = new LostTransaction(true);
    const steps = ["SAVEPOINT a", "ROLLBACK TO a", "RELEASE a"].map((sql) => call("control", [step(sql)]));
    expect(steps.map((one) => refused(lost, one))).toEqual([true, true, true]);
    expect(lost.isOpen).toBe(true);
  });

  it("lets the connection be closed and cursors end", () => {
    const lost = new LostTransaction(true);
    expect([refused(lost, call("close")), refused(lost, call("discard", 1))]).toEqual([false, false]);
    expect(lost.isOpen).toBe(true);
  });

  it("that was none refuses nothing", () => {
    const lost = new LostTransaction(false);
    expect([query, write, commit, begin].map((one) => refused(lost, one))).toEqual(Array(4).fill(false));
  });
});
