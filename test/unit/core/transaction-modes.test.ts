/**
 * Tests `commit`, `rollback` and the change of modes of src/core/transaction.ts on a scripted engine: which statements run
 * in each mode, and what is left where one of them fails.
 */
import { describe, expect, it } from "vitest";
import { run } from "../../../src/core/run.ts";
import {
  commit,
  rollback,
  setAutocommit,
  setIsolationLevel,
  transaction,
} from "../../../src/core/transaction.ts";
import { OperationalError, ProgrammingError } from "../../../src/errors/tree.ts";
import { begin, connected, type Scripted, thrown } from "./scripted-engine.ts";

const LEGACY = undefined;
const ALWAYS = { autocommit: false };
const NEVER = { autocommit: true };
const BUSY = new OperationalError("database is locked", { code: "SQLITE_BUSY", retryable: true });

const scope = (script: Scripted, fn: () => unknown): unknown =>
  run(transaction(script.session, fn), script.engine);

describe("commit and rollback", () => {
  it.each([
    ["legacy", LEGACY, ["COMMIT"]],
    ["autocommit: false", ALWAYS, ["COMMIT", "BEGIN"]],
    ["autocommit: true", NEVER, []],
  ])("end what is open: %s", (_, options, steps) => {
    const script = connected(options);
    begin(script);
    run(commit(script.session), script.engine);
    expect(script.ran).toEqual(steps);
    script.ran.length = 0;
    begin(script);
    run(rollback(script.session), script.engine);
    expect(script.ran).toEqual(steps.map((sql) => sql.replace("COMMIT", "ROLLBACK")));
  });

  it("do nothing where nothing is open, and begin what should be", () => {
    const legacy = connected(LEGACY);
    run(commit(legacy.session), legacy.engine);
    run(rollback(legacy.session), legacy.engine);
    expect(legacy.ran).toEqual([]);
    const always = connected(ALWAYS);
    always.inTransaction = false;
    run(commit(always.session), always.engine);
    expect(always.ran).toEqual(["BEGIN"]);
  });

  it("leave the transaction open where COMMIT fails", () => {
    for (const options of [LEGACY, ALWAYS]) {
      const script = connected(options, { COMMIT: BUSY });
      begin(script);
      expect(thrown(() => run(commit(script.session), script.engine))).toBe(BUSY);
      expect([script.ran, script.inTransaction]).toEqual([["COMMIT"], true]);
    }
  });

  it("are refused inside transaction()", () => {
    for (const end of [commit, rollback]) {
      const script = connected(LEGACY);
      expect(thrown(() => scope(script, () => run(end(script.session), script.engine)))).toBeInstanceOf(
        ProgrammingError,
      );
      expect(script.ran).toEqual(["BEGIN IMMEDIATE", "ROLLBACK"]);
    }
  });
});

describe("changing the mode", () => {
  it.each<readonly [string, unknown, unknown, readonly string[]]>([
    ["to null commits, in legacy mode", LEGACY, null, ["COMMIT"]],
    ["to anything else does not", LEGACY, "IMMEDIATE", []],
    ["does not commit in autocommit: false", ALWAYS, null, []],
  ])("isolationLevel %s", (_, options, level, steps) => {
    const script = connected(options);
    begin(script);
    run(setIsolationLevel(script.session, level), script.engine);
    expect([script.ran, script.session.isolationLevel]).toEqual([steps, level]);
  });

  it.each<readonly [unknown, boolean, boolean | -1, readonly string[]]>([
    [LEGACY, true, true, ["COMMIT"]],
    [LEGACY, false, true, []],
    [LEGACY, true, false, []],
    [LEGACY, false, false, ["BEGIN"]],
    [ALWAYS, true, true, ["COMMIT"]],
    [ALWAYS, true, -1, []],
    [NEVER, false, false, ["BEGIN"]],
    [NEVER, true, -1, []],
  ])("autocommit from %j with a transaction (%s) to %s runs %j", (options, isOpen, mode, steps) => {
    const script = connected(options);
    if (isOpen) begin(script);
    run(setAutocommit(script.session, mode), script.engine);
    expect([script.ran, script.session.autocommit]).toEqual([steps, mode]);
  });

  it("leaves the mode as it was where the COMMIT fails", () => {
    const script = connected(LEGACY, { COMMIT: BUSY });
    begin(script);
    expect(thrown(() => run(setAutocommit(script.session, true), script.engine))).toBe(BUSY);
    expect(thrown(() => run(setIsolationLevel(script.session, null), script.engine))).toBe(BUSY);
    expect([script.session.autocommit, script.session.isolationLevel]).toEqual([-1, ""]);
  });

  it("is refused inside transaction(), and for a value that there is not", () => {
    const script = connected(LEGACY);
    expect(
      thrown(() => scope(script, () => run(setAutocommit(script.session, true), script.engine))),
    ).toBeInstanceOf(ProgrammingError);
    expect(thrown(() => run(setAutocommit(script.session, 1), script.engine))).toMatchObject({
      name: "InterfaceError",
    });
  });
});
