/**
 * Calls as they cross: one flat array for all the calls of a message, and small numbers for what a statement may ask for. It
 * takes a fifth of the time that objects in objects take. Calls that follow each other and differ in their values only, as
 * lookups of many tasks do, are one entry. Both ends are here. It must not know workers.
 * Tests: test/unit/engine/thread/calls.test.ts.
 */
import type { BoundValue, Reading, SqlValue } from "../../values/types.ts";
import type { ExecuteRequest, ManyRequest, Method } from "../port.ts";
import type { Call } from "./messages.ts";
import { ownBytes, type PackedColumn, packValues } from "./pack.ts";
import { type TextRef, TextsReceived, TextsSent } from "./texts.ts";
import { unpackValues } from "./unpack.ts";

/**
 * First of all whether the texts are counted from the beginning again, then for each call its number, its head and, for a
 * statement: the text, the BEGIN (or null), the reader to end, how many values, how many calls, and the values of each of
 * them; for one that is run many times: the text, the BEGIN, the width and the number of sets, and the values, packed or not;
 * else the method and arguments.
 */
export type CallsMessage = readonly unknown[];

const ROWS: readonly ExecuteRequest["rows"][] = ["first", "page", "all"];
const INTEGERS: readonly Reading["integers"][] = ["auto", "bigint", "number"];

/** The bits of a head. */
const STATEMENT = 1;
const STOPPABLE = 2;
const GUARD = 4;
const READS = 8;
const BUFFERS = 16;
const ROWS_AT = 5;
const INTEGERS_AT = 7;
const MANY = 512;
const PACKED = 1024;
const TWO_BITS = 3;

/** From so many sets on packing pays: a bulk insert takes both threads a quarter less time than with structured clone. */
const WORTH_PACKING = 64;

/** The end that sends. */
export class CallsSent {
  readonly #texts = new TextsSent();
  #isAfresh = true;

  encode(calls: readonly Call[]): CallsMessage {
    const message: unknown[] = [this.#isAfresh];
    this.#isAfresh = false;
    let at = 0;
    while (at < calls.length) {
      const { id, method, args, isStoppable } = calls[at] as Call;
      const head = isStoppable ? STOPPABLE : 0;
      if (method === "execute") at += this.#add(message, head, calls, at);
      else {
        if (method === "executemany") this.#addMany(message, id, head, args[0] as ManyRequest);
        else message.push(id, head, method, args);
        at++;
      }
    }
    return message;
  }

  /** Adds the call at `from` and those behind it that are alike. @returns how many they are */
  #add(message: unknown[], head: number, calls: readonly Call[], from: number): number {
    const first = calls[from] as Call;
    const request = first.args[0] as ExecuteRequest;
    const { sql, begin, discard, values, rows, reading } = request;
    const bits =
      (request.guard ? GUARD : 0) |
      (request.reads ? READS : 0) |
      (reading.text === "buffer" ? BUFFERS : 0) |
      (ROWS.indexOf(rows) << ROWS_AT) |
      (INTEGERS.indexOf(reading.integers) << INTEGERS_AT);
    message.push(first.id, head | STATEMENT | bits, this.#texts.refer(sql), begin, discard, values.length);
    const timesAt = message.push(1) - 1;
    addValues(message, values);
    let times = 1;
    for (; from + times < calls.length; times++) {
      const next = calls[from + times] as Call;
      if (next.method !== "execute" || next.id !== first.id + times) break;
      const other = next.args[0] as ExecuteRequest;
      if (next.isStoppable !== first.isStoppable || !isAlike(request, other)) break;
      addValues(message, other.values);
    }
    message[timesAt] = times;
    return times;
  }

  #addMany(message: unknown[], id: number, head: number, request: ManyRequest): void {
    const { sql, begin, guard, width, count, values } = request;
    const isPacked = count >= WORTH_PACKING && width > 0;
    const bits = MANY | (guard ? GUARD : 0) | (isPacked ? PACKED : 0);
    message.push(id, head | bits, this.#texts.refer(sql), begin, width, count);
    if (isPacked) message.push(packValues(values, width, count));
    else for (let i = 0; i < width * count; i++) message.push(ownBytes(values[i] as SqlValue));
  }

  /** The message did not go out: what it said of texts has not been heard. */
  forget(): void {
    this.#texts.forget();
    this.#isAfresh = true;
  }
}

function addValues(message: unknown[], values: readonly BoundValue[]): void {
  for (let i = 0; i < values.length; i++) message.push(values[i]);
}

/** Whether two requests differ in their values only. A reader is ended by one of them. */
function isAlike(one: ExecuteRequest, other: ExecuteRequest): boolean {
  return (
    one.sql === other.sql &&
    one.values.length === other.values.length &&
    one.rows === other.rows &&
    one.reading === other.reading &&
    one.begin === other.begin &&
    one.discard === 0 &&
    other.discard === 0 &&
    one.guard === other.guard &&
    one.reads === other.reads
  );
}

/** The end that receives. */
export class CallsReceived {
  readonly #texts = new TextsReceived();

  decode(message: CallsMessage): Call[] {
    if (message[0] === true) this.#texts.forget();
    const calls: Call[] = [];
    for (let at = 1; at < message.length; ) {
      const id = message[at] as number;
      const head = message[at + 1] as number;
      const isStoppable = (head & STOPPABLE) !== 0;
      if ((head & MANY) !== 0) {
        const [width, count] = [message[at + 4] as number, message[at + 5] as number];
        calls.push({ id, method: "executemany", args: [this.#many(message, at, head)], isStoppable });
        at += 6 + ((head & PACKED) === 0 ? width * count : 1);
      } else if ((head & STATEMENT) === 0) {
        const [method, args] = [message[at + 2] as Method, message[at + 3] as readonly unknown[]];
        calls.push({ id, method, args, isStoppable });
        at += 4;
      } else at = this.#statements(calls, message, at, head);
    }
    return calls;
  }

  #many(message: CallsMessage, at: number, head: number): ManyRequest {
    const [width, count] = [message[at + 4] as number, message[at + 5] as number];
    const first = at + 6;
    return {
      sql: this.#texts.restore(message[at + 2] as TextRef),
      width,
      count,
      values:
        (head & PACKED) === 0
          ? (message.slice(first, first + width * count) as BoundValue[])
          : unpackValues(message[first] as readonly PackedColumn[], count),
      begin: message[at + 3] as string | null,
      guard: (head & GUARD) !== 0,
    };
  }

  /** Reads an entry of statements. @returns where the next one is */
  #statements(calls: Call[], message: CallsMessage, at: number, head: number): number {
    const id = message[at] as number;
    const sql = this.#texts.restore(message[at + 2] as TextRef);
    const begin = message[at + 3] as string | null;
    const discard = message[at + 4] as number;
    const count = message[at + 5] as number;
    const times = message[at + 6] as number;
    const isStoppable = (head & STOPPABLE) !== 0;
    const guard = (head & GUARD) !== 0;
    const rows = ROWS[(head >> ROWS_AT) & TWO_BITS] as ExecuteRequest["rows"];
    const reading = READINGS[
      ((head >> INTEGERS_AT) & TWO_BITS) * 2 + ((head & BUFFERS) === 0 ? 0 : 1)
    ] as Reading;
    const reads = (head & READS) !== 0;
    let from = at + 7;
    for (let i = 0; i < times; i++, from += count) {
      const values = (count === 1 ? [message[from]] : message.slice(from, from + count)) as BoundValue[];
      const request: ExecuteRequest = { sql, values, begin, discard, guard, rows, reading, reads };
      calls.push({ id: id + i, method: "execute", args: [request], isStoppable });
    }
    return from;
  }
}

const READINGS: readonly Reading[] = INTEGERS.flatMap((integers): Reading[] => [
  { integers, text: "string" },
  { integers, text: "buffer" },
]);
