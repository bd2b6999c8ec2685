/**
 * Answers that are wrong: whatever a server says in place of what the protocol knows, the rows are exact or there is an
 * OperationalError with code PROTOCOL, and nothing else is said on that stream. Each answer is a real one, changed.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openHrana } from "../../src/engine/hrana/open.ts";
import { type Answer, type FakeHrana, startFakeHrana } from "../servers/fake-hrana.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { ask, engineFor, operational, query, write } from "./hrana-support.ts";

let sqld: Sqld;
let server: FakeHrana;

beforeAll(async () => {
  sqld = await startSqld();
  server = await startFakeHrana(sqld.url);
  const engine = await openHrana({ url: sqld.url });
  await engine.script({
    parts: [
      { sql: "CREATE TABLE t(n INTEGER, r REAL, s TEXT, b BLOB)" },
      { sql: "INSERT INTO t VALUES (9007199254740993, 1.5, 'text', x'00ff00'), (7, 2.5, 'more', x'11')" },
    ],
    begin: null,
    guard: false,
  });
  await engine.close();
});

afterAll(async () => {
  await server.stop();
  await sqld.stop();
});

beforeEach(() => server.rules());

const ROWS = [
  [9007199254740993n, 1.5, "text", Buffer.from([0, 255, 0])],
  [7, 2.5, "more", Buffer.from([17])],
];

/** Changes the answers that carry the rows of `t`. */
function change(answer: Answer): Promise<void> {
  return server.rules({ when: { body: "FROM t" }, answer: { upstream: true, ...answer } });
}

describe("an answer that says it in another way", () => {
  it.each<[string, string, string]>([
    ["integers without quotes", '"value":"(\\d+)"', '"value":$1'],
    ["base64 without padding", '=+"', '"'],
    ["spaces around everything", "([:,{}\\[\\]])", " $1 "],
    ["members that nobody knows", '\\{"type":"(\\w+)"', '{"unheard":[{"of":null}],"type":"$1"'],
    ["no declared types", ',"decltype":"\\w+"', ""],
  ])("gives the same rows: %s", async (_, find, by) => {
    await change({ replace: [{ find, with: by }] });
    const engine = await engineFor(server.url);
    for (const rows of ["page", "all"] as const) {
      expect(await ask(engine, "SELECT * FROM t", { rows })).toEqual(ROWS);
    }
    expect(await ask(engine, "SELECT * FROM t", { rows: "first" })).toEqual(ROWS.slice(0, 1));
  });

  it("gives the same rows: entries of a cursor that nobody knows", async () => {
    await change({
      replace: [
        { find: '\\n\\{"type":"(row|step_end)"', with: '\n{"type":"weather","is":"fine"}\n{"type":"$1"' },
      ],
    });
    const engine = await engineFor(server.url);
    expect(await ask(engine, "SELECT * FROM t", { rows: "page" })).toEqual(ROWS);
  });
});

describe("an answer that breaks the protocol", () => {
  const faults: readonly (readonly [string, Answer["replace"] & object])[] = [
    ["an integer with a fraction", [{ find: '"value":"7"', with: '"value":"7.5"' }]],
    ["an integer with an exponent", [{ find: '"value":"7"', with: '"value":"7e2"' }]],
    ["an integer that is no number", [{ find: '"value":"7"', with: '"value":"seven"' }]],
    ["an integer that is empty", [{ find: '"value":"7"', with: '"value":""' }]],
    ["an integer past 64 bits", [{ find: '"value":"7"', with: '"value":"9223372036854775808"' }]],
    [
      "a bare integer that was rounded",
      [{ find: '"value":"9007199254740993"', with: '"value":9007199254740993.0' }],
    ],
    ["an integer without a value", [{ find: '"type":"integer","value":"7"', with: '"type":"integer"' }]],
    ["a float in words", [{ find: '"value":2.5', with: '"value":"2.5"' }]],
    ["a text that is a number", [{ find: '"value":"more"', with: '"value":5' }]],
    ["a text with a bare line break", [{ find: '"value":"more"', with: '"value":"mo\nre"' }]],
    ["a text with half a character", [{ find: '"value":"more"', with: '"value":"\\ud800"' }]],
    ["a blob that is no base64", [{ find: '"base64":"EQ=*"', with: '"base64":"E!"' }]],
    ["a blob of one digit", [{ find: '"base64":"EQ=*"', with: '"base64":"E"' }]],
    [
      "a type that nobody knows",
      [{ find: '"type":"integer","value":"7"', with: '"type":"decimal","value":"7"' }],
    ],
    ["a value that is no object", [{ find: '\\{"type":"float","value":2.5\\}', with: "2.5" }]],
    ["a value that is null", [{ find: '\\{"type":"float","value":2.5\\}', with: "null" }]],
    ["a row that is too short", [{ find: '\\{"type":"float","value":2.5\\},', with: "" }]],
    [
      "a row that is too long",
      [{ find: '\\{"type":"float","value":2.5\\}', with: '{"type":"null"},{"type":"null"}' }],
    ],
    ["a row that is no list", [{ find: '\\[(\\{"type":"integer","value":"7"[^\\]]*)\\]', with: '{"0":$1}' }]],
    ["columns that are not there", [{ find: '"cols":\\[[^\\]]*\\]', with: '"cols":null' }]],
    ["a column without a name", [{ find: '"name":"r"', with: '"name":5' }]],
    ["a count of changes below zero", [{ find: '"affected_row_count":0', with: '"affected_row_count":-1' }]],
    ["no count of changes", [{ find: '"affected_row_count":0', with: '"x":0' }]],
    ["an error without a message", [{ find: "(?s).*", with: "" }]],
    ["no JSON", [{ find: '"type":"row"|"rows"', with: '"type":"row' }]],
  ];

  it.each(faults.filter(([name]) => name !== "an error without a message"))(
    "is an OperationalError: %s",
    async (_, replace) => {
      const engine = await engineFor(server.url);
      expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
      for (const rows of ["page", "all"] as const) {
        await change({ replace });
        // A page may end before the fault: then the rows up to there are right, and the next word is the error.
        const error = await operational(ask(engine, "SELECT * FROM t", { rows }));
        expect(error.code).toBe("PROTOCOL");
        await server.rules();
        expect(await ask(engine, "SELECT * FROM t"), "the engine goes on with a new stream").toEqual(ROWS);
      }
    },
  );

  it.each<[string, Answer]>([
    ["nothing", { body: "" }],
    ["a page for people", { body: "<html>Welcome!</html>", headers: { "content-type": "text/html" } }],
    ["null", { body: "null" }],
    ["a list", { body: "[]" }],
    ["an empty object", { body: "{}" }],
    ["bytes that are not UTF-8", { bytes: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString("base64") }],
    ["no results", { body: '{"baton":null,"base_url":null,"results":[]}' }],
    [
      "too many results",
      { body: `{"baton":null,"base_url":null,"results":[${'{"type":"ok"},'.repeat(50)}{}]}` },
    ],
    [
      "a baton that is a number",
      { replace: [{ find: '"baton":("[^"]*"|null)', with: '"baton":5' }], upstream: true },
    ],
    ["a word that is not HTTP", { raw: "220 mail.test ESMTP\r\n\r\n" }],
    ["a JSON text of great depth", { body: "[".repeat(100_000) }],
    ["a name that pollutes", { body: '{"__proto__":{"results":[]},"constructor":null}' }],
  ])("is an OperationalError: %s", async (_, answer) => {
    const engine = await engineFor(server.url, { maxRetries: 0 });
    expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
    for (const rows of ["page", "all"] as const) {
      await server.rules({ when: { body: "FROM t" }, answer });
      await operational(ask(engine, "SELECT * FROM t", { rows }));
      await server.rules();
      expect(await ask(engine, "SELECT * FROM t")).toEqual(ROWS);
    }
  });

  it("is an OperationalError: a result that ends before its end, in good HTTP", async () => {
    const engine = await engineFor(server.url, { maxRetries: 0 });
    for (const rows of ["page", "all"] as const) {
      await server.rules();
      await ask(engine, `SELECT * FROM t -- ${rows}`, { rows });
      const carrying = (await server.seen()).find(({ body }) => body.includes("FROM t"));
      const whole = Buffer.from(carrying?.upstream?.bytes ?? "", "base64");
      const last = whole.lastIndexOf("step_end");
      const end = last < 0 ? whole.length : whole.indexOf("\n", last);
      // Every place would take long.
      for (let at = 0; at < end; at += 5) {
        await change({ splice: { at, remove: whole.length, insert: "" } });
        // A text that is known comes as a whole.
        await operational(ask(engine, `SELECT * FROM t -- ${at}`, { rows }));
      }
    }
    await server.rules();
    expect(await ask(engine, "SELECT * FROM t")).toEqual(ROWS);
  });

  it("ends the transaction that it happens in, and says so until it is heard", async () => {
    const engine = await engineFor(server.url);
    await engine.execute(write("INSERT INTO t VALUES (1, 1, 1, 1)", { begin: "BEGIN" }));
    await change({ replace: [{ find: '"type":"integer"', with: '"type":"decimal"' }] });
    const error = await operational(ask(engine, "SELECT * FROM t", { guard: true }));
    expect([error.code, error.outcome]).toEqual(["PROTOCOL", "rolled-back"]);
    await server.rules();
    await operational(engine.execute(write("INSERT INTO t VALUES (2, 2, 2, 2)", { guard: true })));
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(engine.inTransaction).toBe(false);
    expect(await ask(engine, "SELECT * FROM t")).toEqual(ROWS);
  });

  it("an infinity, which a server writes as a float null, is no silent null", async () => {
    const engine = await engineFor(server.url);
    const work = ask(engine, "SELECT 9e999, -9e999");
    await expect(work).rejects.toThrow(/infinity/i);
    expect(await ask(engine, "SELECT NULL")).toEqual([[null]]);
  });

  it("leaves no rows of a page that is wrong in its middle", async () => {
    await change({ replace: [{ find: '"value":"7"', with: '"value":"x"' }] });
    const engine = await engineFor(server.url);
    const reply = await engine
      .execute(query("SELECT * FROM t", { rows: "page" }))
      .catch((error: unknown) => error);
    if (reply instanceof Error) return;
    const { rows, error } = reply as { rows: unknown[]; error: Error | null };
    expect(rows).toEqual(ROWS.slice(0, rows.length));
    expect(error).not.toBeNull();
  });
});
