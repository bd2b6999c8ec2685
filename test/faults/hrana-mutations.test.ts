/**
 * A recorded conversation with a real server, answered again with one place of one answer changed, thousands of times: bits,
 * bytes, digits, pieces left out, doubled, swapped. What comes of it are the rows that the changed answer says, or an error of
 * the tree; never a hang, never another value, never an error of JavaScript's.
 */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openHrana } from "../../src/engine/hrana/open.ts";
import { Results } from "../../src/engine/hrana/results.ts";
import { Error as DbapiError } from "../../src/errors/tree.ts";
import type { SqlRow } from "../../src/values/types.ts";
import { type FakeHrana, type Rule, startFakeHrana } from "../servers/fake-hrana.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { query, rowsOf, rowsOfGroup, write } from "./hrana-support.ts";

/** How many mutations; more of them by hand: `SQLITE_DBAPI_MUTATIONS=100000`. */
const RUNS = Number(process.env.SQLITE_DBAPI_MUTATIONS ?? 2000);
/** Over WebSocket, where every mutation is a connection of its own. */
const SOCKET_RUNS = RUNS / 40;

const SQL = "SELECT * FROM t ORDER BY n";

interface Recorded {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: string;
}

let sqld: Sqld;
let server: FakeHrana;
let answers: Recorded[] = [];
let original: SqlRow[][] = [];

const INSERT = "INSERT INTO t VALUES (99, 0.5, 'new', x'99')";

/** What a program says and hears: a transaction with `first` in it, a whole result, one in pages, and one by the group. */
async function converse(url: string, first = INSERT): Promise<SqlRow[][]> {
  // A change may leave an answer without an end, and then its silence has to be waited out.
  const engine = await openHrana({ url, firstByteTimeout: 2000, idleTimeout: 2000, maxRetries: 0 });
  try {
    const results: SqlRow[][] = [];
    await engine.execute(write(first, { begin: "BEGIN" }));
    results.push(await rowsOf(engine, await engine.execute(query(SQL, { guard: true }))));
    results.push(await rowsOf(engine, await engine.execute(query(SQL, { guard: true, rows: "page" }))));
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    results.push(await rowsOf(engine, await engine.execute(query(SQL, { rows: "first" }))));
    results.push(await byGroups(async () => rowsOf(engine, await engine.execute(query(SQL)))));
    return results;
  } finally {
    await engine.close().catch(() => {});
  }
}

/** Results that are taken for long ones are asked for by the group. */
async function byGroups<T>(work: () => Promise<T>): Promise<T> {
  const size = vi.spyOn(Results.prototype, "bytes").mockReturnValue(Number.POSITIVE_INFINITY);
  try {
    return await work();
  } finally {
    size.mockRestore();
  }
}

beforeAll(async () => {
  const { note } = Results.prototype;
  vi.spyOn(Results.prototype, "note").mockImplementation(function (this: Results, sql, come) {
    note.call(this, sql, { ...come, rows: come.rows + 1000, time: 0 });
  });
  sqld = await startSqld();
  server = await startFakeHrana(sqld.url);
  const engine = await openHrana({ url: sqld.url });
  await engine.execute(write("CREATE TABLE t(n INTEGER, r REAL, s TEXT, b BLOB)"));
  await engine.execute(
    write(
      "INSERT INTO t VALUES (-5, 1.25, 'naïve \u{1f680} \"quoted\"', x'00ff00'), (9007199254740993, 1e300, '', x''), (7, 2.5, null, x'11')",
    ),
  );
  await engine.close();
  original = await converse(server.url);
  answers = (await server.seen()).flatMap(({ upstream }) => (upstream === undefined ? [] : [upstream]));
});

afterAll(async () => {
  await server.stop();
  await sqld.stop();
});

/** The recorded answers in order, whatever is asked. */
function replay(changed: readonly Recorded[]): Promise<void> {
  const rules = changed.map((answer, nth): Rule => ({ when: { nth }, answer }));
  return server.rules(...rules);
}

/** Every row of every result in an answer, as the bytes say, by a reader that knows only rows: for comparison. */
function rowsIn(bytes: Buffer): string[] {
  const rows: string[] = [];
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) {
      if (part.length >= 4 && part.every((value) => typeof value?.type === "string")) {
        if (part[5]?.type === "text") rows.push(...rowsOfGroup(part[5].value));
        else rows.push(JSON.stringify(part.slice(0, 4).map(plainValue)));
      }
      part.forEach(visit);
    } else if (typeof part === "object" && part !== null) Object.values(part).forEach(visit);
  };
  for (const line of bytes.toString().split("\n")) {
    try {
      visit(JSON.parse(line.replace(/(?<="value":)-?\d{16,}(?=[,}])/g, '"$&"')));
    } catch {
      // Not a line of JSON, so no rows.
    }
  }
  return rows;
}

function plainValue({ type, value, base64 }: Record<string, unknown>): string {
  if (type === "null") return "null";
  if (type === "blob") return `blob ${Buffer.from(String(base64), "base64").toString("hex")}`;
  if (type === "text") return `text ${value}`;
  const isInteger = type === "integer" && /^-?\d+$/.test(String(value));
  return `number ${isInteger ? BigInt(String(value)) : Number(value)}`;
}

function plainRow(row: SqlRow): string {
  return JSON.stringify(
    row.map((value) => {
      if (value === null) return "null";
      if (Buffer.isBuffer(value)) return `blob ${value.toString("hex")}`;
      return typeof value === "string" ? `text ${value}` : `number ${value}`;
    }),
  );
}

const TOKENS = [
  "0",
  "-",
  "9",
  "1e999",
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\n",
  "null",
  "true",
  "\u0000",
  '"type":"row"',
  "integer",
];

/** Changes bytes in one of many ways. */
const mutation = fc.record({
  answer: fc.nat(),
  place: fc.nat(),
  aim: fc.constantFrom("anywhere", "at a value"),
  length: fc.integer({ min: 1, max: 40 }),
  way: fc.constantFrom(
    "bit",
    "byte",
    "leave out",
    "double",
    "swap",
    "cut",
    "token",
    "digit",
  ) as fc.Arbitrary<string>,
  byte: fc.nat(255),
  token: fc.constantFrom(...TOKENS),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer M> ? M : never;

/** Where values are in an answer: where something can go wrong without a sign. */
function placesOfValues(bytes: Buffer): number[] {
  return [...bytes.toString("latin1").matchAll(/"(?:value|base64)":"?/g)].map(
    ({ index, 0: { length } }) => index + length,
  );
}

function mutate(bytes: Buffer, { place, aim, length, way, byte, token }: Mutation): Buffer {
  if (bytes.length === 0) return Buffer.from(token);
  const values = aim === "anywhere" ? [] : placesOfValues(bytes);
  const at =
    ((values[place % values.length] ?? place) + (values.length > 0 ? length % 12 : 0)) % bytes.length;
  const [before, piece, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  const one = bytes.subarray(at + 1);
  switch (way) {
    case "bit":
      return Buffer.concat([before, Buffer.from([(bytes[at] ?? 0) ^ (1 << (byte % 8))]), one]);
    case "byte":
      return Buffer.concat([before, Buffer.from([byte]), one]);
    case "leave out":
      return Buffer.concat([before, after]);
    case "double":
      return Buffer.concat([before, piece, piece, after]);
    case "swap":
      return Buffer.concat([before, after.subarray(0, length), piece, after.subarray(length)]);
    case "cut":
      return Buffer.from(before);
    case "digit":
      return Buffer.concat([before, Buffer.from(String(byte % 10)), one]);
    default:
      return Buffer.concat([before, Buffer.from(token), bytes.subarray(at)]);
  }
}

/** Every row that differs is one that was said, in the order in which it was said, and no more than one result differs. */
function expectSaid(results: readonly SqlRow[][], expected: readonly SqlRow[][], bytes: Buffer): void {
  const different = results.filter((rows, i) => !isDeepStrictEqual(rows, expected[i]));
  expect(different.length).toBeLessThan(2);
  const said = rowsIn(bytes);
  for (const row of different.flat().map(plainRow)) {
    const at = said.indexOf(row);
    expect(at, `${row} is not what the server said next`).not.toBe(-1);
    said.splice(0, at + 1);
  }
}

/** What comes of a conversation; null for an error of the tree. */
async function outcomeOf(url: string, first?: string): Promise<SqlRow[][] | null> {
  try {
    return await converse(url, first);
  } catch (error) {
    expect(error).toBeInstanceOf(DbapiError);
    return null;
  }
}

describe("a recorded conversation", () => {
  it("is heard again as it was", async () => {
    await replay(answers);
    expect(await converse(server.url)).toEqual(original);
    expect(original.map(({ length }) => length)).toEqual([4, 4, 1, 3]);
  });

  it(`gives the rows that it says, or an error of the tree, changed in one of ${RUNS} ways`, async () => {
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async (one) => {
        const which = one.answer % answers.length;
        const bytes = mutate(Buffer.from(answers[which]?.bytes ?? "", "base64"), one);
        await replay(
          answers.map((answer, i) => (i === which ? { ...answer, bytes: bytes.toString("base64") } : answer)),
        );
        const results = await outcomeOf(server.url);
        if (results === null) failed++;
        else expectSaid(results, original, bytes);
      }),
      { numRuns: RUNS },
    );
    // Most changes break something; a test in which none does would test nothing.
    expect(failed).toBeGreaterThan(RUNS / 10);
  }, 900_000);
});

describe("a conversation over WebSocket", () => {
  it(`gives the rows that it says, or an error of the tree, changed in one of ${SOCKET_RUNS} ways`, async () => {
    const url = server.url.replace("http", "ws");
    await server.rules();
    // The real server is there, and would keep the lock of a writer whose end it has not heard of.
    const first = "SELECT 1";
    const expected = await converse(url, first);
    const replies = (await server.seen()).filter(({ method }) => method === "REPLY").map(({ body }) => body);
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(mutation, async (one) => {
        const nth = one.answer % replies.length;
        const before = Buffer.from(replies[nth] ?? "");
        const bytes = mutate(before, one);
        const splice = { at: 0, remove: 1 << 20, insert: bytes.toString("base64") };
        await server.rules({ when: { on: "reply", nth }, answer: { splice } });
        const results = await outcomeOf(url, first);
        if (results === null) failed++;
        else expectSaid(results, expected, bytes);
      }),
      { numRuns: SOCKET_RUNS },
    );
    expect(failed).toBeGreaterThan(SOCKET_RUNS / 10);
  }, 900_000);
});
