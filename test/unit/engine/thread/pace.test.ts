import { describe, expect, it } from "vitest";
import type { Method } from "../../../../src/engine/port.ts";
import type { Call } from "../../../../src/engine/thread/messages.ts";
import { isAlike, Pace } from "../../../../src/engine/thread/pace.ts";

const call = (method: Method, ...args: readonly unknown[]): Call => ({
  id: 1,
  method,
  args,
  isStoppable: false,
});
const select = (sql: string) => call("execute", { sql, reads: true });
const insert = call("execute", { sql: "INSERT", reads: false });

describe("Pace", () => {
  it("takes a call for quick when the latest like it was", () => {
    const pace = new Pace(() => false);
    expect(pace.isQuick(select("SELECT 1"))).toBe(false);
    pace.note(select("SELECT 1"), 0.01);
    expect([pace.isQuick(select("SELECT 1")), pace.isQuick(select("SELECT 2"))]).toEqual([true, false]);
    pace.note(select("SELECT 1"), 3);
    expect(pace.isQuick(select("SELECT 1"))).toBe(false);
  });

  it("takes a write for quick only inside of a transaction, and nothing that ends one", () => {
    let inTransaction = false;
    const pace = new Pace(() => inTransaction);
    const [commit, fetch] = [call("control", [{ sql: "COMMIT", when: "open" }]), call("fetch", 1, 10)];
    for (const each of [insert, commit, fetch]) pace.note(each, 0.01);
    expect([insert, commit, fetch].map((each) => pace.isQuick(each))).toEqual([false, false, true]);
    inTransaction = true;
    expect([insert, commit].map((each) => pace.isQuick(each))).toEqual([true, false]);
  });

  it("takes calls of one statement, or of one method, for alike", () => {
    const [one, other, fetch] = [select("SELECT 1"), select("SELECT 2"), call("fetch", 1, 10)];
    expect([isAlike(one, select("SELECT 1")), isAlike(fetch, call("fetch", 2, 5))]).toEqual([true, true]);
    expect([isAlike(one, other), isAlike(one, fetch), isAlike(one, undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("forgets what it knows when there are too many statements to remember", () => {
    const pace = new Pace(() => false);
    for (let i = 0; i < 513; i++) pace.note(select(`SELECT ${i}`), 0.01);
    expect([pace.isQuick(select("SELECT 0")), pace.isQuick(select("SELECT 512"))]).toEqual([false, true]);
  });
});
