/**
 * Tests `transaction` of src/core/transaction.ts on a scripted engine: which statements run, in which order, in each mode,
 * when all goes well and when any of them fails; nesting, joining and retries.
 */
import { describe, expect, it } from "vitest";
import { run } from "../../../src/core/run.ts";
import { type TransactionOptions, transaction } from "../../../src/core/transaction.ts";
import { OperationalError } from "../../../src/errors/tree.ts";
import { begin, connected, type Scripted, thrown } from "./scripted-engine.ts";

const LEGACY = undefined;
const ALWAYS = { autocommit: false };
const NEVER = { autocommit: true };
const BUSY = new OperationalError("database is locked", { code: "SQLITE_BUSY", retryable: true });
const FULL = new OperationalError("database or disk is full", { code: "SQLITE_FULL" });

const scope = <R>(script: Scripted, fn: () => R, options?: TransactionOptions): unknown =>
  run(transaction(script.session, fn, options), script.engine);

describe("transaction", () => {
  it.each<readonly [string, unknown, readonly string[], readonly string[]]>([
    ["legacy", LEGACY, ["BEGIN IMMEDIATE", "COMMIT"], ["BEGIN IMMEDIATE", "ROLLBACK"]],
    ["autocommit: true", NEVER, ["BEGIN IMMEDIATE", "COMMIT"], ["BEGIN IMMEDIATE", "ROLLBACK"]],
    [
      "autocommit: false",
      ALWAYS,
      ["ROLLBACK", "BEGIN IMMEDIATE", "COMMIT", "BEGIN"],
      ["ROLLBACK", "BEGIN IMMEDIATE", "ROLLBACK", "BEGIN"],
    ],
  ])(
    "begins, and commits what is returned or rolls back what is thrown: %s",
    (_, options, returned, failed) => {
      const good = connected(options);
      expect(scope(good, () => 5)).toBe(5);
      expect([good.ran, good.session.scopes]).toEqual([returned, 0]);
      const bad = connected(options);
      const mine = new RangeError("mine");
      const fail = () => {
        throw mine;
      };
      expect(thrown(() => scope(bad, fail))).toBe(mine);
      expect([bad.ran, bad.session.scopes]).toEqual([failed, 0]);
    },
  );

  it.each(["DEFERRED", "IMMEDIATE", "EXCLUSIVE", "exclusive"])("begins in mode %s", (mode) => {
    const script = connected(LEGACY);
    scope(script, () => null, { mode } as TransactionOptions);
    expect(script.ran[0]).toBe(`BEGIN ${mode.toUpperCase()}`);
  });

  it.each([
    { mode: "SERIAL" },
    { mode: 5 },
    { mode: null },
    { retries: -1 },
    { retries: 1.5 },
    { retries: "1" },
  ])("refuses the option %j before it begins", (options) => {
    const script = connected(LEGACY);
    expect(thrown(() => scope(script, () => 5, options as unknown as TransactionOptions))).toMatchObject({
      name: "InterfaceError",
    });
    expect(script.ran).toEqual([]);
  });

  it("joins a transaction that a statement has begun, and ends it", () => {
    for (const options of [LEGACY, ALWAYS]) {
      const script = connected(options);
      begin(script);
      scope(script, () => null);
      expect(script.ran).toEqual(options === ALWAYS ? ["COMMIT", "BEGIN"] : ["COMMIT"]);
    }
  });

  it("nests as savepoints, by depth", () => {
    const script = connected(LEGACY);
    scope(script, () => {
      scope(script, () => scope(script, () => null));
      thrown(() =>
        scope(script, () => {
          throw new RangeError("inner");
        }),
      );
    });
    expect(script.ran).toEqual([
      "BEGIN IMMEDIATE",
      "SAVEPOINT sqlite_dbapi_1",
      "SAVEPOINT sqlite_dbapi_2",
      "RELEASE sqlite_dbapi_2",
      "RELEASE sqlite_dbapi_1",
      "SAVEPOINT sqlite_dbapi_1",
      "ROLLBACK TO sqlite_dbapi_1",
      "RELEASE sqlite_dbapi_1",
      "COMMIT",
    ]);
  });

  it.each<readonly [string, unknown, readonly string[]]>([
    ["legacy", LEGACY, ["BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"]],
    ["autocommit: false", ALWAYS, ["ROLLBACK", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "BEGIN"]],
  ])("rolls back and raises where COMMIT fails: %s", (_, options, steps) => {
    const script = connected(options, { COMMIT: FULL });
    expect(thrown(() => scope(script, () => null))).toBe(FULL);
    expect(script.ran).toEqual(steps);
  });

  it("raises the failure that came first where ROLLBACK fails as well", () => {
    const mine = new RangeError("mine");
    const script = connected(LEGACY, { ROLLBACK: FULL });
    const fail = () => {
      throw mine;
    };
    expect(thrown(() => scope(script, fail))).toBe(mine);
    const second = connected(LEGACY, { COMMIT: BUSY, ROLLBACK: FULL });
    expect(thrown(() => scope(second, () => null))).toBe(BUSY);
  });

  it("does not run the function where BEGIN fails, and leaves autocommit: false in a transaction", () => {
    for (const options of [LEGACY, ALWAYS]) {
      const script = connected(options, { "BEGIN IMMEDIATE": BUSY });
      let calls = 0;
      expect(thrown(() => scope(script, () => calls++))).toBe(BUSY);
      expect([calls, script.inTransaction]).toEqual([0, options === ALWAYS]);
    }
  });

  it("says so when the transaction was ended inside, and commits nothing", () => {
    const script = connected(LEGACY);
    const lose = () => {
      script.inTransaction = false;
    };
    expect(thrown(() => scope(script, lose))).toMatchObject({
      outcome: "rolled-back",
      name: "OperationalError",
    });
    expect(script.ran).toEqual(["BEGIN IMMEDIATE"]);
    const nested = connected(LEGACY);
    const loseInside = () => {
      nested.inTransaction = false;
      scope(nested, () => null);
    };
    expect(thrown(() => scope(nested, loseInside))).toMatchObject({ outcome: "rolled-back" });
  });

  it("leaves a connection alone that was closed inside", () => {
    const script = connected(LEGACY);
    const close = () => {
      script.session.isClosed = true;
    };
    expect(thrown(() => scope(script, close))).toMatchObject({
      message: "Cannot operate on a closed database.",
    });
    expect(script.ran).toEqual(["BEGIN IMMEDIATE"]);
  });
});

describe("retries", () => {
  /** Runs a function that fails so often, and tells how often it ran. */
  function attempt(
    failures: number,
    error: Error,
    options: TransactionOptions,
    on: Scripted = connected(LEGACY),
  ) {
    let runs = 0;
    const fn = () => {
      if (++runs <= failures) throw error;
      return runs;
    };
    return { error: thrown(() => scope(on, fn, options)), runs, ran: on.ran };
  }

  it("run the whole again after a failure that can pass", () => {
    expect(attempt(2, BUSY, { retries: 3 })).toEqual({
      error: undefined,
      runs: 3,
      ran: ["BEGIN IMMEDIATE", "ROLLBACK", "BEGIN IMMEDIATE", "ROLLBACK", "BEGIN IMMEDIATE", "COMMIT"],
    });
  });

  it("come to an end", () => {
    expect(attempt(9, BUSY, { retries: 2 })).toMatchObject({ error: BUSY, runs: 3 });
    expect(attempt(9, BUSY, {})).toMatchObject({ error: BUSY, runs: 1 });
  });

  it("are not made for a failure that will not pass, nor for anybody else's", () => {
    expect(attempt(1, FULL, { retries: 5 }).runs).toBe(1);
    expect(attempt(1, new RangeError("mine"), { retries: 5 }).runs).toBe(1);
    expect(attempt(1, Object.assign(new Error("foreign"), { retryable: true }), { retries: 5 }).runs).toBe(1);
  });

  it("are made for a COMMIT that fails", () => {
    const script = connected(LEGACY, { COMMIT: BUSY });
    expect(attempt(0, BUSY, { retries: 2 }, script)).toMatchObject({ error: BUSY, runs: 3 });
  });

  it("are made in autocommit: false too, where nothing was done before", () => {
    expect(attempt(1, BUSY, { retries: 1 }, connected(ALWAYS))).toMatchObject({ error: undefined, runs: 2 });
  });

  it("are not made by one that joins a transaction, nor by a nested one", () => {
    const joined = connected(LEGACY);
    begin(joined);
    expect(attempt(1, BUSY, { retries: 5 }, joined)).toMatchObject({ error: BUSY, runs: 1 });
    const outer = connected(LEGACY);
    let runs = 0;
    const nest = () => {
      runs = attempt(1, BUSY, { retries: 5 }, outer).runs;
    };
    scope(outer, nest);
    expect(runs).toBe(1);
  });
});
