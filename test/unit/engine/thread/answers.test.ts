import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AnswersMessage,
  AnswersReceived,
  AnswersSent,
  type RowsMessage,
} from "../../../../src/engine/thread/answers.ts";
import type { Answer } from "../../../../src/engine/thread/messages.ts";
import { toPlain } from "../../../../src/errors/plain.ts";
import type { SqlRow } from "../../../../src/values/types.ts";

/** Both ends, and what has gone from one to the other. */
function line(inTransaction = false) {
  const messages: (AnswersMessage | RowsMessage)[] = [];
  const settled: Answer[] = [];
  const received = new AnswersReceived();
  const sent = new AnswersSent(
    (message, buffers) => {
      messages.push(message);
      const arrived = structuredClone(message, { transfer: [...buffers] });
      if ("kind" in arrived) received.rows(arrived);
      else received.read(arrived, (answer) => settled.push(answer));
    },
    () => inTransaction,
  );
  return { messages, settled, sent, received };
}

const COLUMNS = [{ name: "a", type: null }];
const REPLY = { reader: 0, error: null, changes: -1, lastrowid: null } as const;

function rowsOf(count: number, width = 2): SqlRow[] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: width }, (_, j) => (j % 2 === 0 ? i : `row ${i}`)),
  );
}

describe("answers", () => {
  it("to statements are what they were, from no row to many", async () => {
    for (const count of [0, 1, 2, 127, 128, 129, 8192, 8193, 30_000]) {
      const { sent, settled, received } = line();
      const columns = sent.refer("sql", COLUMNS);
      const rows = rowsOf(count);
      sent.addReply(1, { ...REPLY, rows, columns });
      sent.addReply(2, { ...REPLY, rows, columns, reader: 5, lastrowid: 3n, changes: 9 });
      sent.addPage(3, { rows, error: null });
      sent.send();
      for (const answer of settled) await received.whole("value" in answer ? answer.value : null);
      expect(settled).toStrictEqual([
        { id: 1, value: { ...REPLY, rows, columns: COLUMNS } },
        { id: 2, value: { ...REPLY, rows, columns: COLUMNS, reader: 5, lastrowid: 3n, changes: 9 } },
        { id: 3, value: { rows, error: null } },
      ]);
    }
  });

  it("to what gives no rows, and failures, and whatever else, keep their order", () => {
    const { sent, settled, messages } = line(true);
    const columns = sent.refer("insert", []);
    sent.addReply(1, { ...REPLY, rows: [], columns, changes: 1, lastrowid: 7 });
    const error = toPlain(new RangeError("no"));
    sent.add({ id: 2, error });
    sent.add({ id: 3, value: undefined });
    sent.addReply(4, { ...REPLY, rows: [[1]], columns, error });
    sent.add({ id: 5, thrownOnCallingThread: 4 });
    sent.send();
    expect(messages.map((message) => (message as AnswersMessage)[0])).toEqual([true]);
    expect(settled).toStrictEqual([
      { id: 1, value: { ...REPLY, rows: [], columns: [], changes: 1, lastrowid: 7 } },
      { id: 2, error },
      { id: 3, value: undefined },
      { id: 4, value: { ...REPLY, rows: [[1]], columns: [], error } },
      { id: 5, thrownOnCallingThread: 4 },
    ]);
  });

  it("that differ in their values only are one entry, and what they were", () => {
    const { sent, settled, messages } = line();
    const columns = sent.refer("sql", COLUMNS);
    sent.addReply(1, { ...REPLY, rows: [[0, "first"]], columns });
    const known = sent.refer("sql", COLUMNS);
    for (let id = 2; id <= 100; id++)
      sent.addReply(id, { ...REPLY, rows: [[id, `row ${id}`]], columns: known });
    sent.send();
    expect((messages[0] as AnswersMessage).length).toBeLessThan(2 * 100 + 20);
    expect(settled).toHaveLength(100);
    expect(settled[99]).toStrictEqual({
      id: 100,
      value: { ...REPLY, rows: [[100, "row 100"]], columns: COLUMNS },
    });
  });

  it("are what they were, whatever stands beside whatever", () => {
    const rows = fc.constantFrom<SqlRow[]>(
      [[1, "one"]],
      [[2, "two"]],
      [[null, 3n]],
      [[Buffer.from("bytes"), 4]],
      [],
      [[5]],
      [
        [6, 7],
        [8, 9],
      ],
    );
    const one = fc.record({
      step: fc.constantFrom(1, 1, 1, 1, 2, -3),
      sql: fc.constantFrom("a", "a", "a", "b", ""),
      rows,
      changes: fc.constantFrom(-1, -1, -1, 2),
      isOther: fc.constantFrom(false, false, false, false, true),
      isLast: fc.constantFrom(false, false, false, false, true),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (list) => {
        const { sent, settled } = line();
        let id = 100;
        const answers = list.map(({ step, sql, rows: some, changes, isOther, isLast }): Answer => {
          id += step;
          const columns = sql === "" ? [] : [{ name: sql, type: null }];
          if (isOther) sent.add({ id, value: "other" });
          else sent.addReply(id, { ...REPLY, rows: some, changes, columns: sent.refer(sql, columns) });
          if (isLast) sent.send();
          return { id, value: isOther ? "other" : { ...REPLY, rows: some, changes, columns } };
        });
        sent.send();
        expect(settled).toStrictEqual(answers);
      }),
      { numRuns: 300 },
    );
  });

  it("send nothing where there is nothing", () => {
    const { sent, messages } = line();
    sent.send();
    expect(messages).toEqual([]);
  });

  it("have Buffers where there were Buffers, with their own bytes and no more", async () => {
    const { sent, settled, messages, received } = line();
    const columns = sent.refer("sql", COLUMNS);
    const pooled = Buffer.from("pooled");
    for (const count of [1, 200]) {
      const rows = Array.from({ length: count }, (): SqlRow => [pooled, 1]);
      sent.addReply(count, { ...REPLY, rows, columns });
      sent.send();
    }
    for (const answer of settled) {
      const { value } = answer as unknown as { value: { rows: SqlRow[] } };
      await received.whole(value);
      const [row] = value.rows;
      expect(row).toStrictEqual([pooled, 1]);
      expect(Buffer.isBuffer(row?.[0])).toBe(true);
    }
    const inline = (messages[0] as AnswersMessage).find((value) => value instanceof Uint8Array);
    expect((inline as Uint8Array).buffer.byteLength).toBe(6);
  });

  it("that are ready go out before a long one, and a long one in several messages", () => {
    const { sent, settled, messages } = line();
    sent.add({ id: 1, value: "ready" });
    sent.addPage(2, { rows: rowsOf(30_000), error: null });
    expect(settled).toEqual([{ id: 1, value: "ready" }]);
    expect(messages.length).toBeGreaterThan(3);
    sent.send();
    expect(settled).toHaveLength(2);
  });

  it("rows that are large, or wide, are few in a message", async () => {
    for (const row of [
      ["x".repeat(300_000)],
      [Buffer.alloc(300_000)],
      Array.from({ length: 2000 }, () => 1),
    ]) {
      const { sent, messages, settled, received } = line();
      const rows = Array.from({ length: 200 }, (): SqlRow => [...row]);
      sent.addPage(1, { rows, error: null });
      sent.send();
      expect(messages.length).toBeGreaterThan(20);
      const [{ value }] = settled as unknown as [{ value: { rows: SqlRow[] } }];
      await received.whole(value);
      expect(value.rows).toHaveLength(200);
    }
  });

  it("a long result that comes at once is made in slices, and is whole in the end", async () => {
    const { sent, settled, received } = line();
    const rows = rowsOf(400_000, 3);
    sent.addPage(1, { rows, error: null });
    sent.addPage(2, { rows: rows.slice(0, 10), error: null });
    sent.send();
    const [long, short] = settled as unknown as { value: { rows: SqlRow[] } }[];
    expect(long?.value.rows.at(-1)).toBeUndefined();
    expect(received.whole(short?.value)).toBe(short?.value);
    const whole = (await received.whole(long?.value)) as { rows: SqlRow[] };
    expect(whole.rows).toHaveLength(400_000);
    expect([whole.rows.at(0), whole.rows.at(-1)]).toEqual([rows.at(0), rows.at(-1)]);
  });

  it("of two long results are told apart, also when one fails after its first rows", async () => {
    const { sent, settled, received } = line();
    sent.addPage(1, { rows: rowsOf(20_000), error: null });
    sent.add({ id: 1, error: toPlain(new RangeError("too late")) });
    sent.addPage(2, { rows: rowsOf(20_000), error: null });
    sent.send();
    const last = settled.at(-1) as unknown as { value: { rows: SqlRow[] } };
    await received.whole(last.value);
    expect(last.value.rows).toStrictEqual(rowsOf(20_000));
  });
});
