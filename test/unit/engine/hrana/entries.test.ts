/**
 * Tests src/engine/hrana/entries.ts and entry-lines.ts: rows out of entries, wherever these are cut, and nothing out of a
 * stream that is cut short.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Entries } from "../../../../src/engine/hrana/entries.ts";
import { EntryLines } from "../../../../src/engine/hrana/entry-lines.ts";
import type { Cursor, Incoming } from "../../../../src/engine/hrana/stream.ts";
import { Call } from "../../../../src/engine/http/call.ts";
import { LinkFailure } from "../../../../src/engine/http/link-failure.ts";
import { DataError } from "../../../../src/errors/tree.ts";

const AUTO = { integers: "auto", text: "string" } as const;
const begin = (step: number) => ({ type: "step_begin", step, cols: [{ name: "a", decltype: "INT" }] });
const end = { type: "step_end", affected_row_count: 2, last_insert_rowid: 7 };
const row = (value: number) => ({ type: "row", row: [{ type: "integer", value: String(value) }] });

class ListedCursor implements Cursor {
  readonly received = 0;
  hasBeenEnded = false;
  readonly #pages: (readonly unknown[])[];
  readonly #asText: boolean;

  /** @param asText whether the entries come as lines of text, or parsed */
  constructor(pages: (readonly unknown[])[], asText = false) {
    this.#pages = pages;
    this.#asText = asText;
  }

  async next(): Promise<Incoming | null> {
    const page = this.#pages.shift();
    if (page === undefined) return null;
    if (!this.#asText) return { parsed: page, lines: null };
    return { parsed: null, lines: [page.map((entry) => `${JSON.stringify(entry)}\n`).join("")] };
  }

  end(): void {
    this.hasBeenEnded = true;
  }
}

describe.each([
  ["parsed", false],
  ["as lines", true],
])("Entries that come %s", (_, asText) => {
  async function read(entries: readonly unknown[], target = 0): Promise<Entries> {
    const pages = entries.map((entry) => [entry]);
    const reader = new Entries(new ListedCursor(pages, asText), target, AUTO);
    while (!reader.hasEnded) await reader.pull(new Call());
    return reader;
  }

  it("reads the rows of its step, and ignores what it does not know", async () => {
    const done: number[] = [];
    const reader = new Entries(
      new ListedCursor(
        [
          [
            { type: "step_begin", step: 0, cols: [] },
            { ...end, affected_row_count: 0 },
          ],
          [begin(1), row(1), { type: "news" }, row(2)],
          [end, { type: "replication_index", replication_index: 4 }],
        ],
        asText,
      ),
      1,
      AUTO,
    );
    reader.onDone = (step) => done.push(step);
    while (!reader.hasEnded) await reader.pull(new Call());
    expect(reader.rows).toEqual([[1], [2]]);
    expect(reader.columns).toEqual([{ name: "a", type: "INT" }]);
    expect(reader.counts).toEqual({ changes: 2, lastrowid: 7n });
    expect(done).toEqual([0, 1]);
    expect(reader.wasSkipped).toBe(false);
  });

  it("tells an error of the step, and of one before it", async () => {
    const error = { message: "no", code: "SQLITE_UNKNOWN" };
    const failed = await read([begin(0), row(1), { type: "step_error", step: 0, error }]);
    expect(failed.failure).toMatchObject({ step: 0, error: { message: "no" } });
    expect(failed.rows).toEqual([[1]]);
    expect((await read([{ type: "step_error", step: 0, error }], 1)).failure).toMatchObject({ step: 0 });
    expect((await read([begin(0), { type: "error", error }])).failure).toMatchObject({ step: -1 });
  });

  it("says that a step was left out", async () => {
    expect((await read([])).wasSkipped).toBe(true);
    expect((await read([{ type: "step_begin", step: 0, cols: [] }, end], 1)).wasSkipped).toBe(true);
  });

  it("keeps the rows before one that cannot be told, and wants no more", async () => {
    const cursor = new ListedCursor(
      [[begin(0), row(1), { type: "row", row: [{ type: "float", value: null }] }, row(3)]],
      asText,
    );
    const reader = new Entries(cursor, 0, AUTO);
    await reader.pull(new Call());
    expect(reader.rows).toEqual([[1]]);
    expect(reader.rowError).toBeInstanceOf(DataError);
    expect(reader.hasEnded && cursor.hasBeenEnded).toBe(true);
  });

  it.each<[string, readonly unknown[]]>([
    ["a step that never ends", [begin(0), row(1)]],
    ["a row before its step", [row(1)]],
    ["a row behind its step", [begin(0), end, row(1)]],
    ["a row of another width", [begin(0), { type: "row", row: [] }]],
    ["a step twice", [begin(0), end, begin(0)]],
    ["a step inside another", [begin(0), begin(0)]],
    ["a step that was not asked for", [begin(1)]],
    ["a step without a number", [begin("0" as never)]],
    ["an end without a beginning", [end]],
    ["an end without counts", [begin(0), { type: "step_end" }]],
    ["negative counts", [begin(0), { ...end, affected_row_count: -1 }]],
    ["an error without words", [{ type: "step_error", step: 0, error: {} }]],
    ["columns that are none", [{ type: "step_begin", step: 0 }]],
    ["an entry that is none", [5]],
  ])("refuses %s", async (_, entries) => {
    await expect(read(entries)).rejects.toMatchObject({ kind: "protocol" });
  });
});

describe("EntryLines", () => {
  it("gives the same lines wherever the bytes are cut", () => {
    const entry = fc.record({
      type: fc.string({ unit: "grapheme", maxLength: 9000 }),
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(
        fc.array(entry),
        fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20_000 }))),
        fc.boolean(),
        (all, cuts, closed) => {
          const text = all.map((one) => JSON.stringify(one)).join("\n");
          const bytes = Buffer.from(closed && text !== "" ? `${text}\n` : text);
          const lines = new EntryLines(1 << 20);
          const read: string[] = [];
          for (let at = 0; at < bytes.length; ) {
            const { value: size } = cuts.next();
            read.push(...lines.push(bytes.subarray(at, at + size)));
            at += size;
          }
          read.push(...lines.finish());
          expect(read.join("")).toBe(bytes.toString());
          for (const block of read.slice(0, -1)) expect(block.endsWith("\n")).toBe(true);
        },
      ),
    );
  });

  it("keeps blocks short, whatever comes at once, and lines whole", () => {
    const [short, long] = ["x".repeat(99), "y".repeat(10_000)];
    const all = Array.from({ length: 1000 }, (_, i) => `${i % 100 === 50 ? long : short}\n`);
    const blocks = new EntryLines(1 << 20).push(Buffer.from(all.join("")));
    expect(blocks.join("")).toBe(all.join(""));
    for (const block of blocks) if (block.length > 4096) expect(block).toBe(`${long}\n`);
  });

  it("keeps no line past its cap", () => {
    const lines = new EntryLines(100);
    const push = () => {
      for (let i = 0; i < 20; i++) lines.push(Buffer.alloc(10, "x"));
    };
    expect(push).toThrow(LinkFailure);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(() => new EntryLines(100).push(Buffer.from([0x22, 0xff, 0x22, 0x0a]))).toThrow(LinkFailure);
  });
});
