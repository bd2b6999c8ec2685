/**
 * Tests src/core/cursor-state.ts and cursor-operations.ts on a scripted engine: what a cursor asks for, and how rows, pages and failures come out of it.
 */
import { describe, expect, it } from "vitest";
import { close, discard, fetchall, fetchmany } from "../../../src/core/cursor-operations.ts";
import { ABSENT, CursorState } from "../../../src/core/cursor-state.ts";
import { run } from "../../../src/core/run.ts";
import { OperationalError, ProgrammingError } from "../../../src/errors/tree.ts";
import { objectRow } from "../../../src/values/rows.ts";
import type { SqlRow } from "../../../src/values/types.ts";
import { executed, fetchone, reply, request, scripted } from "./scripted-engine.ts";

const FAILURE = new OperationalError("behind the rows");
const rowsOf = (...values: readonly number[]): SqlRow[] => values.map((value) => [value]);

/** An engine with these pages to come, the last of which ends the result. */
function paging(...pages: readonly (readonly number[])[]) {
  let at = 0;
  return scripted({
    fetch: () => {
      const rows = rowsOf(...(pages[at++] ?? []));
      return { rows, reader: at < pages.length ? 9 : 0, error: null };
    },
    rest: () => ({ rows: rowsOf(...pages.slice(at).flat()), restarted: false, error: null }),
  });
}

/** A cursor whose last row in hand has a failure behind it. */
function failing(...values: readonly number[]) {
  const script = scripted();
  return { script, state: executed(script, reply(rowsOf(...values), { error: FAILURE })) };
}

describe("request", () => {
  it("asks for one call with everything in it", () => {
    const { session } = scripted();
    const state = new CursorState(session, null, null);
    expect(request(state, "INSERT INTO t VALUES (?)", [5])).toEqual({
      sql: "INSERT INTO t VALUES (?)",
      values: [5],
      rows: "page",
      discard: 0,
      begin: "BEGIN",
      guard: false,
      reading: { integers: "auto", text: "string" },
      reads: false,
    });
  });

  it("has the reader of the result before it ended in the same call", () => {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1), { reader: 9 }));
    expect(request(state, "SELECT 2", [])?.discard).toBe(9);
    expect(request(state, "SELECT 3", [])?.discard).toBe(0);
  });

  it("is none for a text without a statement", () => {
    const state = new CursorState(scripted().session, null, null);
    for (const sql of ["", "-- nothing", ";", "/* */ ;"]) expect(request(state, sql, [])).toBeNull();
    expect(state.description).toBeNull();
  });

  it("asks for a transaction that is still there inside transaction()", () => {
    const { session } = scripted();
    session.scopes = 1;
    const state = new CursorState(session, null, null);
    expect(request(state, "DELETE FROM t", [])).toMatchObject({ begin: null, guard: true });
  });

  it("keeps the result before it when the call itself is wrong", () => {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1, 2)));
    expect(() => request(state, "SELECT ?", [])).toThrow("Incorrect number of bindings");
    expect(fetchone(script, state)).toEqual([1]);
  });
});

describe("accept", () => {
  it("counts changes of DML only", () => {
    const script = scripted();
    expect(executed(script, reply([], { changes: 3 }), "UPDATE t SET a = 1").rowcount).toBe(3);
    expect(executed(script, reply([], { changes: 3 }), "CREATE TABLE t(a)").rowcount).toBe(-1);
    expect(executed(script, reply(rowsOf(1)), "SELECT 1").rowcount).toBe(-1);
  });

  it("takes the rowid of INSERT and REPLACE only, and keeps it", () => {
    const script = scripted();
    const state = executed(script, reply([], { changes: 1, lastrowid: 7 }), "INSERT INTO t VALUES (1)");
    expect(state.lastrowid).toBe(7);
    request(state, "UPDATE t SET a = 1", []);
    state.accept(reply([], { changes: 1, lastrowid: 99 }));
    expect(state.lastrowid).toBe(7);
    expect(executed(script, reply([], { lastrowid: 2n ** 60n }), "REPLACE INTO t VALUES (1)").lastrowid).toBe(
      2n ** 60n,
    );
    expect(executed(script, reply([], { lastrowid: 5n }), "INSERT INTO t VALUES (1)").lastrowid).toBe(5);
    expect(
      executed(scripted({}, { integers: "bigint" }), reply([], { lastrowid: 5 }), "INSERT INTO t VALUES (1)")
        .lastrowid,
    ).toBe(5n);
  });
});

describe("fetching", () => {
  it("gives rows in hand without a call, and reads on when they are used up", () => {
    const script = paging([3, 4], [], [5]);
    const state = executed(script, reply(rowsOf(1, 2), { reader: 9 }));
    const seen: unknown[] = [];
    for (let row = fetchone(script, state); row !== ABSENT; row = fetchone(script, state)) seen.push(row);
    expect(seen).toEqual(rowsOf(1, 2, 3, 4, 5));
    expect(script.calls.map(([method]) => method)).toEqual(["fetch", "fetch", "fetch"]);
    expect(fetchone(script, state)).toBe(ABSENT);
  });

  it("gives what is there of many, over pages", () => {
    const script = paging([3, 4], [5]);
    const state = executed(script, reply(rowsOf(1, 2), { reader: 9 }));
    expect(run(fetchmany(state, 3), script.engine)).toEqual(rowsOf(1, 2, 3));
    expect(run(fetchmany(state, 0), script.engine)).toEqual([]);
    expect(run(fetchmany(state, 9), script.engine)).toEqual(rowsOf(4, 5));
    expect(run(fetchmany(state, 9), script.engine)).toEqual([]);
  });

  it("gives all that is left, in one call", () => {
    const script = paging([3, 4], [5]);
    const state = executed(script, reply(rowsOf(1, 2), { reader: 9 }));
    fetchone(script, state);
    expect(run(fetchall(state), script.engine)).toEqual(rowsOf(2, 3, 4, 5));
    expect(script.calls).toEqual([["rest", 9, false]]);
    expect(run(fetchall(state), script.engine)).toEqual([]);
  });

  it("lets the engine begin again where nothing has been used", () => {
    const script = scripted({ rest: () => ({ rows: rowsOf(1, 2, 3), restarted: true, error: null }) });
    const state = executed(script, reply(rowsOf(1), { reader: 9 }));
    expect(run(fetchall(state), script.engine)).toEqual(rowsOf(1, 2, 3));
    expect(script.calls).toEqual([["rest", 9, true]]);
  });

  it.each([-1, 1.5, Number.NaN, "5", null, 5n])("refuses a size of %s", (size) => {
    const { script, state } = failing(1);
    expect(() => run(fetchmany(state, size), script.engine)).toThrow("size must be a whole number");
  });

  it("uses arraysize where no size is given", () => {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1, 2, 3)));
    expect(run(fetchmany(state), script.engine)).toEqual(rowsOf(1));
    state.arraysize = 2;
    expect(run(fetchmany(state), script.engine)).toEqual(rowsOf(2, 3));
    expect(() => {
      state.arraysize = 0;
    }).toThrow("arraysize must be");
  });
});

describe("a failure behind rows", () => {
  it("comes after them, once, with fetchone", () => {
    const { script, state } = failing(1, 2);
    expect([fetchone(script, state), fetchone(script, state)]).toEqual(rowsOf(1, 2));
    expect(() => fetchone(script, state)).toThrow(FAILURE);
    expect(fetchone(script, state)).toBe(ABSENT);
  });

  it("waits for the next fetchmany when there are rows to give", () => {
    const { script, state } = failing(1, 2);
    expect(run(fetchmany(state, 10), script.engine)).toEqual(rowsOf(1, 2));
    expect(() => run(fetchmany(state, 10), script.engine)).toThrow(FAILURE);
    expect(run(fetchmany(state, 10), script.engine)).toEqual([]);
  });

  it("waits also when it came with an empty page", () => {
    const script = scripted({ fetch: () => ({ rows: [], reader: 0, error: FAILURE }) });
    const state = executed(script, reply(rowsOf(1), { reader: 9 }));
    expect(run(fetchmany(state, 10), script.engine)).toEqual(rowsOf(1));
    expect(() => run(fetchmany(state, 10), script.engine)).toThrow(FAILURE);
  });

  it("is raised by fetchall", () => {
    const { script, state } = failing(1, 2);
    expect(() => run(fetchall(state), script.engine)).toThrow(FAILURE);
    expect(run(fetchall(state), script.engine)).toEqual([]);
  });
});

describe("a row that cannot be made", () => {
  function picky() {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1, 2, 3)));
    state.rowFactory = (_, [value]) => {
      if (value === 2) throw new RangeError("two");
      return value;
    };
    return { script, state };
  }

  it("does not swallow the rows before it, nor those behind it", () => {
    const { script, state } = picky();
    expect(run(fetchmany(state, 10), script.engine)).toEqual([1]);
    expect(() => run(fetchmany(state, 10), script.engine)).toThrow("two");
    expect(run(fetchmany(state, 10), script.engine)).toEqual([3]);
  });

  it("is where it is, too, when it is the first of a page", () => {
    const script = paging([3, 4]);
    const state = executed(script, reply(rowsOf(1, 2), { reader: 9 }));
    state.rowFactory = (_, [value]) => {
      if (value === 3) throw new RangeError("three");
      return value;
    };
    expect(run(fetchmany(state, 10), script.engine)).toEqual([1, 2]);
    expect(() => run(fetchmany(state, 10), script.engine)).toThrow("three");
    expect(run(fetchmany(state, 10), script.engine)).toEqual([4]);
  });

  it("is passed over by the next fetchone", () => {
    const { script, state } = picky();
    expect(fetchone(script, state)).toBe(1);
    expect(() => fetchone(script, state)).toThrow("two");
    expect(fetchone(script, state)).toBe(3);
  });
});

describe("row factories", () => {
  it("see the cursor that they work for, and may give null", () => {
    const script = scripted();
    const seen: unknown[] = [];
    const owner = { description: null };
    const state = new CursorState<null>(script.session, owner, (cursor) => {
      seen.push(cursor);
      return null;
    });
    request(state, "SELECT 1", []);
    state.accept(reply(rowsOf(1, 2)));
    expect(run(fetchall(state), script.engine)).toEqual([null, null]);
    expect(seen).toEqual([owner, owner]);
  });

  it("can change in the middle of a result", () => {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1, 2, 3)));
    expect(fetchone(script, state)).toEqual([1]);
    state.rowFactory = objectRow;
    expect(fetchone(script, state)).toEqual({ c0: 2 });
    state.rowFactory = null;
    expect(fetchone(script, state)).toEqual([3]);
  });
});

describe("the end of a result", () => {
  it("gives its reader up, once, and keeps the count", () => {
    const script = scripted();
    const state = executed(
      script,
      reply(rowsOf(1), { reader: 9, changes: 1 }),
      "INSERT INTO t VALUES (1) RETURNING a",
    );
    run(discard(state), script.engine);
    run(discard(state), script.engine);
    expect(script.calls).toEqual([["discard", 9]]);
    expect([state.rowcount, fetchone(script, state)]).toEqual([1, ABSENT]);
  });

  it("comes with close, after which nothing works but close", () => {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1), { reader: 9 }));
    run(close(state), script.engine);
    run(close(state), script.engine);
    expect(script.calls).toEqual([["discard", 9]]);
    expect(() => state.check()).toThrow(new ProgrammingError("Cannot operate on a closed cursor."));
  });

  it("asks nothing of a connection that is closed", () => {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1), { reader: 9 }));
    script.session.isClosed = true;
    run(close(state), script.engine);
    expect(script.calls).toEqual([]);
    expect(() => new CursorState(script.session, null, null).check()).toThrow(
      "Cannot operate on a closed database.",
    );
  });

  it("waits while the connection runs a user function", () => {
    const script = scripted();
    const state = executed(script, reply(rowsOf(1), { reader: 9 }));
    script.session.callbacks++;
    expect(() => run(close(state), script.engine)).toThrow("Recursive use of cursors not allowed.");
    script.session.callbacks--;
    expect([script.calls, state.isClosed]).toEqual([[], false]);
  });
});

describe("lock", () => {
  it("keeps everybody off the cursor until it is unlocked", () => {
    const state = new CursorState(scripted().session, null, null);
    state.lock();
    expect(() => state.check()).toThrow("Recursive use of cursors not allowed.");
    state.unlock();
    state.check();
  });
});
