/**
 * The promised face: calls run in the order in which they are made, awaited or not, with their arguments as they were
 * then; a statement and its rows are one crossing, and calls of one tick share a message.
 */
import { Worker } from "node:worker_threads";
import { afterEach, expect, it, vi } from "vitest";
import { IntegrityError, ProgrammingError } from "../../src/aio.ts";
import { collect, promised, raised } from "./quadrants.ts";

promised("the order of calls", (db) => {
  const table = async (sql = "CREATE TABLE t (a UNIQUE, b)") => {
    const conn = await db.connect();
    await conn.executescript(sql);
    return conn;
  };
  const INSERT = "INSERT INTO t VALUES (?, ?)";
  const COUNT = "SELECT count(*) FROM t";

  it("is that in which they are made, of every kind, on several cursors, un-awaited", async () => {
    const conn = await table();
    const [one, two] = [conn.cursor(), conn.cursor()];
    const answers = await Promise.all([
      one.execute(INSERT, [1, "x"]).fetchall(),
      conn.fetchone(COUNT),
      two.executemany(INSERT, [
        [2, "y"],
        [3, "z"],
      ]),
      conn.fetchone(COUNT),
      conn.rollback(),
      conn.fetchone(COUNT),
      conn.executescript("INSERT INTO t VALUES (4, 'w')"),
      one.execute("SELECT a FROM t").fetchone(),
      one.fetchone(),
      conn.transaction(async (tx) => {
        await tx.execute(INSERT, [5, "v"]);
        return tx.fetchone(COUNT);
      }),
      conn.fetchone(COUNT),
      two.execute("DELETE FROM t").fetchall(),
      conn.commit(),
      conn.fetchone(COUNT),
    ]);
    expect(answers.filter(Array.isArray)).toEqual([[], [1], [3], [0], [4], [2], [2], [], [0]]);
    expect(conn.inTransaction).toBe(false);
  });

  it("is that of five hundred random calls", async () => {
    const conn = await table("CREATE TABLE t (i)");
    const seen: Promise<unknown>[] = [];
    const expected: number[] = [];
    let rows = 0;
    let seed = 7;
    for (let i = 0; i < 500; i++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      const kind = (seed >> 8) % 5;
      if (kind === 0) void conn.execute("INSERT INTO t VALUES (?)", [i]).then(() => rows);
      else if (kind === 1) void conn.executemany("INSERT INTO t VALUES (?)", [[i], [i]]);
      else if (kind === 2) void conn.commit();
      else {
        seen.push(kind === 3 ? conn.fetchone(COUNT) : conn.execute(COUNT).fetchone());
        expected.push(rows);
      }
      rows += kind === 0 ? 1 : kind === 1 ? 2 : 0;
    }
    expect(await Promise.all(seen)).toEqual(expected.map((count) => [count]));
  });

  it("is kept by what is chained to an execution, on one cursor too", async () => {
    const conn = await table("CREATE TABLE t (a, b)");
    const cursor = conn.cursor();
    const long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT i FROM n";
    const [one, two, many, all, next] = await Promise.all([
      cursor.execute("SELECT 1").fetchone(),
      cursor.execute("VALUES (2), (3)").fetchone(),
      cursor.execute(long).fetchmany(500),
      cursor.execute(long).fetchall(),
      cursor.execute("SELECT 4").fetchall(),
    ]);
    expect([one, two, many.length, all.length, next]).toEqual([[1], [2], 500, 1000, [[4]]]);
  });

  it("a call that fails does not hold up those behind it, nor is its error theirs", async () => {
    const conn = await table();
    const settled = await Promise.allSettled([
      conn.execute("SELECT * FROM nowhere"),
      conn.execute(INSERT, [1, 1]),
      conn.execute(INSERT, [1, 1]),
      conn.fetchone(COUNT),
      conn.commit(),
    ]);
    expect(settled.map(({ status }) => status)).toEqual([
      ...["rejected", "fulfilled", "rejected", "fulfilled", "fulfilled"],
    ]);
  });

  it("an execution may be fetched from, awaited and chained, and tells of a failure nobody else", async () => {
    const conn = await table();
    const unhandled: unknown[] = [];
    const listen = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", listen);
    try {
      const BAD = "SELECT * FROM nowhere";
      await raised(ProgrammingError, () => conn.execute(BAD).fetchone());
      await raised(ProgrammingError, () => Promise.all([conn.execute(BAD).fetchall()]));
      expect(await conn.execute(BAD).then(null, () => "told")).toBe("told");
      expect(await conn.execute(BAD).catch(() => "caught")).toBe("caught");
      const execution = conn.execute("VALUES (1), (2)");
      const [cursor, one, many] = await Promise.all([
        execution,
        execution.fetchone(),
        execution.fetchmany(5),
      ]);
      expect([one, many, await execution]).toEqual([[1], [[2]], cursor]);
      expect(await execution.finally(() => {})).toBe(cursor);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", listen);
    }
  });

  it("arguments are copied when the call is made", async () => {
    const conn = await table("CREATE TABLE t (a, b)");
    const parameters: [unknown, unknown] = ["before", Buffer.from("before")];
    const words = new Uint16Array(Buffer.from("..AABB..").buffer.slice(0)).fill(0x4141);
    const view = words.subarray(1, 3);
    const named = { a: "before", b: view };
    const calls = [
      conn.execute(INSERT, parameters as never),
      conn.execute("INSERT INTO t VALUES (:a, :b)", named),
      conn.fetchone("SELECT ?, ?", ["x", new DataView(words.buffer, 2, 2)]),
    ];
    (parameters[1] as Buffer).fill("!");
    parameters[0] = "after";
    words.fill(0);
    named.a = "after";
    const [, , fetched] = await Promise.all(calls);
    expect(fetched).toEqual(["x", Buffer.from("AA")]);
    expect(await conn.fetchall("SELECT a, b FROM t")).toEqual([
      ["before", Buffer.from("before")],
      ["before", Buffer.from("AAAA")],
    ]);
  });

  it("a small view of a large buffer sends its own bytes only", async () => {
    const conn = await db.connect();
    const post = vi.spyOn(Worker.prototype, "postMessage");
    try {
      await conn.fetchone("SELECT ?", [Buffer.alloc(1 << 20).subarray(5, 9)]);
      const sent: number[] = [];
      JSON.stringify(post.mock.calls, (_key, value: unknown) => {
        if (!ArrayBuffer.isView(value)) return value;
        sent.push(value.buffer.byteLength);
        return null;
      });
      expect(sent).toEqual([4]);
    } finally {
      post.mockRestore();
    }
  });

  it("a generator of sets, and onProgress, may call: what they call has its turn after the run", async () => {
    const conn = await table();
    const cursor = conn.cursor();
    const calls: Promise<unknown>[] = [];
    function* sets() {
      for (let i = 0; i < 600; i++) {
        if (i % 100 === 0) calls.push(conn.fetchone(COUNT), cursor.execute(COUNT).fetchone());
        yield [i, "x"];
      }
    }
    const onProgress = () => void calls.push(conn.fetchone(COUNT));
    expect((await cursor.executemany(INSERT, sets(), { onProgress })).rowcount).toBe(600);
    const answers = await Promise.all(calls);
    expect(answers.length).toBeGreaterThan(12);
    for (const answer of answers) expect(answer).toEqual([600]);
  });

  it("an async iterable of sets may wait for other connections, and not for its own", async () => {
    const conn = await table();
    const other = await db.connect();
    const refused: Error[] = [];
    async function* sets() {
      for (let i = 0; i < 3; i++) {
        const [doubled] = (await other.fetchone("SELECT ? * 2", [i])) as [number];
        refused.push(await raised(ProgrammingError, () => conn.fetchone("SELECT 1")));
        yield [i, doubled];
      }
    }
    expect((await conn.executemany(INSERT, sets())).rowcount).toBe(3);
    expect(refused).toHaveLength(3);
    expect(refused[0]?.message).toContain("executemany() is running");
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([
      ...[[0, 0] as const, [1, 2] as const, [2, 4] as const],
    ]);
  });

  it("while an async iterable is waited for, other tasks' calls wait, on the same cursor too", async () => {
    const conn = await table();
    const cursor = conn.cursor();
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* sets() {
      yield [1, 1];
      await gate;
      yield [2, 2];
    }
    const many = cursor.executemany(INSERT, sets());
    await new Promise((resolve) => setTimeout(resolve, 20));
    const waiting = [conn.fetchone(COUNT), cursor.execute(COUNT).fetchone()];
    goOn();
    await many;
    expect(await Promise.all(waiting)).toEqual([[2], [2]]);
  });

  it("an async iterable that fails, or has a wrong set, is ended, and the sets before stay", async () => {
    const conn = await table();
    let ended = 0;
    const oops = new RangeError("mine");
    async function* failing(last: unknown[] | null) {
      try {
        yield [1, 1];
        if (last === null) throw oops;
        yield last;
      } finally {
        ended++;
      }
    }
    expect(await raised(RangeError, () => conn.executemany(INSERT, failing(null) as never))).toBe(oops);
    expect(await conn.fetchone(COUNT)).toEqual([1]);
    const error = await raised(IntegrityError, () => conn.executemany(INSERT, failing([1, 1]) as never));
    expect(error.index).toBe(0);
    await conn.rollback();
    await raised(conn.InterfaceError, () => conn.executemany(INSERT, failing([1]) as never));
    expect(ended).toBe(3);
  });
});

promised("crossings", (db) => {
  afterEach(() => vi.restoreAllMocks());

  /** Counts the messages to workers that some work takes. */
  async function messages(work: () => unknown): Promise<number> {
    const post = vi.spyOn(Worker.prototype, "postMessage");
    await work();
    return post.mock.calls.length;
  }

  const LONG = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n";

  it("a statement and its rows are one", async () => {
    const conn = await db.connect();
    const cursor = conn.cursor();
    const uses: readonly (() => unknown)[] = [
      () => conn.execute(LONG).fetchall(),
      () => conn.execute("SELECT 1").fetchone(),
      () => conn.execute("SELECT 1").fetchmany(5),
      () => collect(conn.execute("SELECT 1")),
      () => cursor.execute(LONG).fetchall(),
      () => conn.fetchall(LONG),
      () => conn.fetchone(LONG),
      () => conn.sql`SELECT ${1}`.fetchall(),
    ];
    for (const use of uses) {
      vi.restoreAllMocks();
      expect(await messages(use), String(use)).toBe(1);
    }
  });

  it("an execution is awaited, chained, or both", async () => {
    const conn = await db.connect();
    expect(await (await conn.execute(LONG)).fetchone()).toEqual([1]);
    const execution = conn.execute("VALUES (1), (2), (3)");
    expect(await execution.fetchone()).toEqual([1]);
    expect(await execution.fetchmany(1)).toEqual([[2]]);
    expect(await (await execution).fetchall()).toEqual([[3]]);
    expect(await collect(conn.execute(LONG))).toHaveLength(5000);
    await raised(ProgrammingError, () => conn.execute("SELECT * FROM nowhere").fetchall());
    expect(await conn.execute("SELECT 1").then((made) => made.fetchall())).toEqual([[1]]);
  });

  it("calls of one tick share messages, and none of these is long, so that the worker can begin", async () => {
    const conn = await db.connect();
    const many = (count: number) =>
      messages(() => Promise.all(Array.from({ length: count }, (_, i) => conn.fetchone("SELECT ?", [i]))));
    expect(await many(7)).toBe(1);
    expect(await many(100)).toBeLessThan(8);
    expect(await many(1000)).toBeLessThan(30);
  });
});
