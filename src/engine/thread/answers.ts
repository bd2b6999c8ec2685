/**
 * Answers as they cross: one flat array for all the answers of a message, and long results packed, in several messages, so
 * that the calling thread takes in the first rows while the last are on their way, and is never busy for long.
 * Both ends are here. It must not know workers. Tests: test/unit/engine/thread/answers.test.ts.
 */
import type { PlainError } from "../../errors/plain.ts";
import type { SqlRow, SqlValue } from "../../values/types.ts";
import type { ExecuteReply } from "../port.ts";
import { restoreBuffers } from "./buffers.ts";
import { ColumnsReceived, type ColumnsRef, ColumnsSent } from "./columns.ts";
import type { Answer } from "./messages.ts";
import { buffersOf, ownBytes, type PackedColumn, packRows } from "./pack.ts";
import { Unpacking } from "./unpacking.ts";

/** Whether a transaction is open, then for each answer its number, its kind and what belongs to that. */
export type AnswersMessage = readonly unknown[];

/** Rows of a result whose answer is still to come. */
export interface RowsMessage {
  readonly kind: "rows";
  readonly id: number;
  readonly rows: readonly PackedColumn[];
  /** How many the result has. */
  readonly count: number;
}

/** Posts a message; the buffers are handed over. */
type Post = (message: AnswersMessage | RowsMessage, buffers: readonly ArrayBuffer[]) => void;

/** Whatever is none of the others: an answer as it is. */
const OTHER = 0;
/**
 * A query's whole result, if it has no bytes: the columns, the number of rows, of values in one, of answers, and the values.
 * Answers that follow each other and differ in their values only are one entry.
 */
const ROWS = 1;
/** The same with bytes among the values. */
const ROWS_WITH_BYTES = 2;
/** A statement without rows: the columns, the changes and the rowid. */
const DONE = 3;

/** From so many rows on packing pays. */
const MANY = 128;
/** Values in a message. Making rows of them takes the calling thread about a millisecond. */
const CHUNK = 16_384;
/** About as much text and bytes in a message as is copied in a millisecond; rows are so many that they stay below. */
const CHUNK_SIZE = 1 << 20;
/** Rows that are looked at to tell how large they are. */
const SAMPLE = 16;

/** Rows and what comes with them, as plain data. */
interface Rows {
  readonly rows: readonly SqlRow[];
  readonly error: PlainError | null;
}

/** A reply as plain data. */
interface Reply extends Omit<ExecuteReply, "error" | "columns">, Rows {
  readonly rows: SqlRow[];
  readonly columns: ColumnsRef;
}

/** The latest answer of the message, if one that differs in its values only may join it. */
interface Entry {
  /** The number of its first call. */
  readonly first: number;
  /** How many answers it stands for. */
  times: number;
  readonly columns: ColumnsRef;
  readonly count: number;
  readonly width: number;
  /** The place of its kind in the message. */
  readonly kindAt: number;
}

/** The end of the engine's thread. */
export class AnswersSent {
  readonly #post: Post;
  readonly #inTransaction: () => boolean;
  readonly #columns = new ColumnsSent();
  #message: unknown[] = [false];
  #buffers: ArrayBuffer[] = [];
  #count = 0;
  #entry: Entry | null = null;

  /** @param inTransaction asked whenever answers are sent */
  constructor(post: Post, inTransaction: () => boolean) {
    this.#post = post;
    this.#inTransaction = inTransaction;
  }

  /** How many answers are waiting to be sent. */
  get count(): number {
    return this.#count;
  }

  /** The columns of a statement as they cross. */
  refer(sql: string, columns: ExecuteReply["columns"]): ColumnsRef {
    return this.#columns.refer(sql, columns);
  }

  add(answer: Answer): void {
    this.#count++;
    this.#entry = null;
    this.#message.push(answer.id, OTHER, answer);
  }

  /** The answer to a call whose result has rows besides other things. Long ones begin to cross at once. */
  addPage(id: number, value: Rows): void {
    const { rows } = value;
    const count = rows.length;
    if (count < MANY) this.add({ id, value });
    else this.add({ id, value: { ...value, rows: [], packed: this.#pack(id, rows), count } });
  }

  /** The answer to a statement. */
  addReply(id: number, reply: Reply): void {
    const { rows, reader, error, changes, lastrowid, columns } = reply;
    const isPlain = reader === 0 && error === null;
    if (isPlain && rows.length < MANY && changes === -1 && lastrowid === null)
      this.#addRows(id, columns, rows);
    else if (isPlain && rows.length === 0) {
      this.#count++;
      this.#entry = null;
      this.#message.push(id, DONE, columns, changes, lastrowid);
    } else this.addPage(id, reply);
  }

  #addRows(id: number, columns: ColumnsRef, rows: readonly SqlRow[]): void {
    this.#count++;
    const message = this.#message;
    const { kindAt } = this.#entryFor(id, columns, rows.length, rows[0]?.length ?? 0);
    for (const row of rows) {
      for (const value of row) {
        if (typeof value !== "object" || value === null) message.push(value);
        else {
          message.push(ownBytes(value));
          message[kindAt] = ROWS_WITH_BYTES;
        }
      }
    }
  }

  /** The latest entry, if the rows of this answer may join it, or a new one. */
  #entryFor(id: number, columns: ColumnsRef, count: number, width: number): Entry {
    const message = this.#message;
    let entry = this.#entry;
    if (
      entry === null ||
      entry.first + entry.times !== id ||
      entry.columns !== columns ||
      entry.count !== count ||
      entry.width !== width
    ) {
      entry = { first: id, times: 0, columns, count, width, kindAt: message.length + 1 };
      this.#entry = entry;
      message.push(id, ROWS, columns, count, width, 0);
    }
    message[entry.kindAt + 4] = ++entry.times;
    return entry;
  }

  /** Sends all rows but the last ones, which are part of the answer. */
  #pack(id: number, rows: readonly SqlRow[]): PackedColumn[] {
    const size = chunkOf(rows);
    let from = 0;
    const count = rows.length;
    if (count > size) this.send();
    for (; count - from > size; from += size) {
      const chunk = packRows(rows, from, from + size);
      this.#post({ kind: "rows", id, rows: chunk, count }, buffersOf(chunk));
    }
    const last = packRows(rows, from, count);
    this.#buffers.push(...buffersOf(last));
    return last;
  }

  /** Sends what there is. */
  send(): void {
    if (this.#count === 0) return;
    const message = this.#message;
    const buffers = this.#buffers;
    message[0] = this.#inTransaction();
    this.#message = [false];
    this.#entry = null;
    this.#count = 0;
    if (buffers.length > 0) this.#buffers = [];
    this.#post(message, buffers);
  }
}

/** How many rows go into a message, by the size of some. */
function chunkOf(rows: readonly SqlRow[]): number {
  let size = 0;
  const step = Math.ceil(rows.length / SAMPLE);
  let seen = 0;
  for (let at = 0; at < rows.length; at += step, seen++) {
    for (const value of rows[at] as SqlRow) size += sizeOf(value);
  }
  const bySize = (CHUNK_SIZE * seen) / (size + 1);
  const byCount = CHUNK / Math.max(1, rows[0]?.length ?? 0);
  return Math.max(1, Math.floor(Math.min(bySize, byCount)));
}

function sizeOf(value: SqlValue): number {
  if (typeof value === "string") return value.length;
  return value instanceof Uint8Array ? value.byteLength : 0;
}

/** The calling thread's end. */
export class AnswersReceived {
  readonly #columns = new ColumnsReceived();
  /** Rows of results that have begun to cross. */
  readonly #begun = new Map<number, Unpacking>();
  /** Replies whose rows are not all made yet. */
  readonly #late = new WeakMap<object, Unpacking>();
  #hasLate = false;

  /** Takes rows of a result. */
  rows({ id, rows, count }: RowsMessage): void {
    const begun = this.#begun.get(id) ?? new Unpacking(count);
    this.#begun.set(id, begun);
    begun.add(rows);
  }

  /** A value that has been read, or a promise of it where making its rows takes longer. */
  whole(value: unknown): unknown {
    if (!this.#hasLate || typeof value !== "object" || value === null) return value;
    return (
      this.#late
        .get(value)
        ?.finish()
        .then(() => value) ?? value
    );
  }

  /** Takes the answers of a message apart. */
  read(message: AnswersMessage, settle: (answer: Answer) => void): void {
    for (let at = 1; at < message.length; ) {
      const id = message[at] as number;
      const kind = message[at + 1];
      if (kind === OTHER) {
        settle(this.#other(message[at + 2] as Answer));
        at += 3;
      } else if (kind === DONE) {
        const columns = this.#columns.restore(message[at + 2] as ColumnsRef);
        const [changes, lastrowid] = [message[at + 3], message[at + 4]];
        settle({ id, value: { rows: [], reader: 0, error: null, columns, changes, lastrowid } });
        at += 5;
      } else at = this.#rows(message, at, settle);
    }
  }

  /** Reads an entry of answers that are rows. @returns where the next one is */
  #rows(message: AnswersMessage, entry: number, settle: (answer: Answer) => void): number {
    const first = message[entry] as number;
    const columns = this.#columns.restore(message[entry + 2] as ColumnsRef);
    const count = message[entry + 3] as number;
    const width = message[entry + 4] as number;
    const end = first + (message[entry + 5] as number);
    let at = entry + 6;
    for (let id = first; id < end; id++) {
      const rows: SqlRow[] = [];
      for (let row = 0; row < count; row++, at += width) rows.push(message.slice(at, at + width) as SqlRow);
      if (message[entry + 1] === ROWS_WITH_BYTES) for (const row of rows) restoreBuffers(row);
      settle({ id, value: { rows, reader: 0, error: null, columns, changes: -1, lastrowid: null } });
    }
    return at;
  }

  /** Puts together what has crossed apart. */
  #other(answer: Answer): Answer {
    if (!("value" in answer)) {
      this.#begun.delete(answer.id);
      return answer;
    }
    const { id, value } = answer;
    if (typeof value !== "object" || value === null || !("rows" in value)) return answer;
    if ("columns" in value) value.columns = this.#columns.restore(value.columns as ColumnsRef);
    if ("packed" in value) {
      const { packed, count, ...rest } = value as typeof value & { readonly count: number };
      const begun = this.#begun.get(id) ?? new Unpacking(count);
      this.#begun.delete(id);
      begun.add(packed as readonly PackedColumn[]);
      const whole = { ...rest, rows: begun.rows };
      if (!begun.isDone) {
        this.#late.set(whole, begun);
        this.#hasLate = true;
      }
      return { id, value: whole };
    }
    for (const row of value.rows as unknown[][]) restoreBuffers(row);
    return answer;
  }
}
