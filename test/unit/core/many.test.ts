/**
 * Tests src/core/many.ts on a scripted engine: sets in bounded chunks, errors with the number of their set, and what code
 * that yields the sets may do meanwhile.
 */
import { describe, expect, it } from "vitest";
import { CursorState } from "../../../src/core/cursor-state.ts";
import { executemany, type ManyOptions } from "../../../src/core/many.ts";
import { run } from "../../../src/core/run.ts";
import type { ManyReply, ManyRequest } from "../../../src/engine/port.ts";
import { InterfaceError, OperationalError } from "../../../src/errors/tree.ts";
import type { BoundValue, Parameters } from "../../../src/values/types.ts";
import { executed, reply, scripted, thrown } from "./scripted-engine.ts";

const SQL = "INSERT INTO t VALUES (?)";

/** An engine that applies sets of one value until it meets one that it does not like. */
function applying(dislikes: BoundValue = "bad") {
  const applied: BoundValue[] = [];
  const sizes: number[] = [];
  const apply = ({ values, count }: ManyRequest): ManyReply => {
    sizes.push(count);
    for (const [index, value] of values.entries()) {
      if (value === dislikes) return { changes: index, error: new OperationalError("disliked"), index };
      // A copy, since what comes is the caller's to change.
      applied.push(value instanceof Uint8Array ? new Uint8Array(value) : value);
    }
    return { changes: values.length, error: null, index: -1 };
  };
  const script = scripted({ executemany: apply });
  return { ...script, applied, sizes, apply, state: new CursorState<unknown>(script.session, null, null) };
}

type Applying = ReturnType<typeof applying>;

const insert = (on: Applying, sets: unknown, options: ManyOptions = {}, sql = SQL) =>
  run(executemany(on.state, sql, sets as Iterable<Parameters>, options, on.apply), on.engine);

function* numbers(count: number): Generator<[number]> {
  for (let i = 0; i < count; i++) yield [i];
}

describe("executemany", () => {
  it("applies every set in order, in chunks, after an empty one that begins the transaction", () => {
    const on = applying();
    insert(on, numbers(600));
    expect(on.applied).toEqual(Array.from({ length: 600 }, (_, i) => i));
    const [first, ...chunks] = on.sizes;
    expect([first, chunks.reduce((sum, size) => sum + size, 0)]).toEqual([0, 600]);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.length).toBeLessThan(10);
    expect(on.state.rowcount).toBe(600);
    expect(on.calls[0]?.[1]).toMatchObject({ begin: "BEGIN", guard: false, width: 1, count: 0 });
  });

  it.each(["to a server", "to another thread"])("makes chunks grow where each is a round trip %s", (way) => {
    const on = applying();
    const isRemote = way === "to a server";
    if (isRemote) Object.assign(on.session, { settings: { ...on.session.settings, isRemote } });
    run(executemany(on.state, SQL, numbers(20_000), {}, isRemote ? on.apply : null), on.engine);
    const [first, ...chunks] = on.sizes;
    expect([first, on.state.rowcount]).toEqual([0, 20_000]);
    expect(chunks.length).toBeLessThan(10);
    expect(Math.max(...chunks)).toBeLessThan(5000);
    expect(chunks.slice(0, -1)).toEqual(chunks.slice(0, -1).sort((a, b) => a - b));
  });

  it("does no more than begin for no sets", () => {
    const on = applying();
    insert(on, []);
    expect([on.sizes, on.state.rowcount]).toEqual([[0], 0]);
  });

  it("sends large values off before there are many of them", () => {
    const on = applying();
    insert(on, Array(5).fill(["x".repeat(600_000)]));
    expect(on.sizes).toEqual([0, 2, 2, 1]);
    insert(on, [[Buffer.alloc(2_000_000)], ["small"]]);
    expect(on.sizes.slice(-2)).toEqual([1, 1]);
  });

  it.each([true, false])("tells how far it is, and of how many where that is known (%s)", (isKnown) => {
    const told: (readonly [number, number | null])[] = [];
    const onProgress = (done: number, total: number | null) => told.push([done, total]);
    insert(applying(), isKnown ? [...numbers(600)] : numbers(600), { onProgress });
    insert(applying(), [], { onProgress });
    const done = told.map(([count]) => count);
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(1);
    expect(told.at(-1)).toEqual([600, isKnown ? 600 : null]);
  });

  it("takes bytes as they are when their set is yielded, though the same buffer comes again", () => {
    const on = applying();
    const sets = function* () {
      const buffer = Buffer.alloc(1);
      for (let i = 0; i < 600; i++) {
        buffer[0] = i;
        yield [buffer];
      }
    };
    insert(on, sets());
    expect(on.applied.map((value) => (value as Uint8Array)[0])).toEqual(
      Array.from({ length: 600 }, (_, i) => i % 256),
    );
  });

  it("ends the result that the cursor had", () => {
    const on = applying();
    const state = executed(on, reply([[1]], { reader: 9 }));
    run(executemany(state, SQL, [[1]], {}, on.apply), on.engine);
    expect(on.calls[0]).toEqual(["discard", 9]);
  });

  it.each(["SELECT 1", "CREATE TABLE t(a)", "PRAGMA user_version", ""])("runs nothing but DML: %s", (sql) => {
    const on = applying();
    expect(() => insert(on, [], {}, sql)).toThrow("executemany() can only execute DML statements.");
    expect(on.calls).toEqual([]);
  });

  it.each([undefined, null, 5, "ab", {}, () => []])("takes nothing but an iterable of sets: %s", (sets) => {
    expect(() => insert(applying(), sets)).toThrow(InterfaceError);
  });
});

describe("a failure", () => {
  it.each([0, 5, 255, 256, 300, 599])(
    "of set %i has its number, and the sets before it are applied",
    (at) => {
      const on = applying(at);
      expect(thrown(() => insert(on, numbers(600)))).toMatchObject({ message: "disliked", index: at });
      expect(on.applied.length).toBe(at);
    },
  );

  it("of a set that does not fit has its number, and the sets before it are applied", () => {
    const on = applying();
    const sets = [...numbers(300), [1, 2], [3]];
    expect(thrown(() => insert(on, sets))).toMatchObject({ index: 300, name: "InterfaceError" });
    expect(on.applied.length).toBe(300);
  });

  it("of the code that yields them comes through as it is, and the sets before it are applied", () => {
    const on = applying();
    const mine = new RangeError("mine");
    const sets = function* () {
      yield* numbers(5);
      throw mine;
    };
    expect(thrown(() => insert(on, sets()))).toBe(mine);
    expect(on.applied.length).toBe(5);
  });

  it("of a set before the one where the code failed is the one that is raised", () => {
    const on = applying(3);
    const sets = function* () {
      yield* numbers(5);
      throw new RangeError("later");
    };
    expect(thrown(() => insert(on, sets()))).toMatchObject({ message: "disliked", index: 3 });
  });

  it("lets the code that yields them clean up, and the cursor work again", () => {
    const on = applying(1);
    let isCleaned = false;
    const sets = function* () {
      try {
        yield* numbers(300);
      } finally {
        isCleaned = true;
      }
    };
    expect(thrown(() => insert(on, sets()))).toMatchObject({ index: 1 });
    expect(isCleaned).toBe(true);
    on.state.check();
    expect(on.session.flush).toBeNull();
  });

  it("of onProgress ends it, with what came before applied", () => {
    const on = applying();
    const onProgress = () => {
      throw new RangeError("enough");
    };
    expect(thrown(() => insert(on, numbers(600), { onProgress }))).toMatchObject({ message: "enough" });
    expect(on.applied.length).toBe(on.sizes[1]);
  });
});

describe("code that yields sets and uses the connection", () => {
  it("finds the sets before it in place", () => {
    const on = applying();
    const seen: number[] = [];
    const sets = function* () {
      for (const set of numbers(5)) {
        on.session.check();
        seen.push(on.applied.length);
        yield set;
      }
    };
    insert(on, sets());
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    expect(on.applied.length).toBe(5);
  });

  it("finds them in place in the middle of a set as well, and the set stays whole", () => {
    const on = applying();
    const seen: number[] = [];
    const sets = Array.from({ length: 4 }, (_, i) =>
      Object.defineProperty([i, 0], 1, {
        get: () => {
          on.session.check();
          seen.push(on.applied.length);
          return `${i}b`;
        },
      }),
    );
    insert(on, sets, {}, "INSERT INTO t VALUES (?, ?)");
    expect(seen).toEqual([0, 2, 4, 6]);
    expect(on.applied).toEqual([0, "0b", 1, "1b", 2, "2b", 3, "3b"]);
  });

  it("meets the failure of a set before it there, and cannot make it undone", () => {
    const on = applying(1);
    const met: unknown[] = [];
    const sets = function* () {
      yield* numbers(3);
      met.push(thrown(() => on.session.check()));
      yield [5];
      yield [6];
    };
    expect(thrown(() => insert(on, sets()))).toMatchObject({ message: "disliked", index: 1 });
    expect(met).toEqual([expect.objectContaining({ index: 1 })]);
    expect(on.applied).toEqual([0]);
  });

  it("may run another executemany in between, after which the first goes on as before", () => {
    const on = applying();
    const other = new CursorState<unknown>(on.session, null, null);
    const seen: number[] = [];
    const sets = function* () {
      yield [1];
      run(executemany(other, SQL, [[10]], {}, on.apply), on.engine);
      yield [2];
      on.session.check();
      seen.push(on.applied.length);
      yield [3];
    };
    insert(on, sets());
    expect(seen).toEqual([3]);
    expect(on.applied).toEqual([1, 10, 2, 3]);
    expect(on.session.flush).toBeNull();
  });

  it("may not use the same cursor", () => {
    const on = applying();
    const sets = function* () {
      yield [1];
      on.state.check();
    };
    expect(() => insert(on, sets())).toThrow("Recursive use of cursors not allowed.");
    expect(on.applied).toEqual([1]);
  });
});
