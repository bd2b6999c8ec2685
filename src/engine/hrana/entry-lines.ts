/**
 * Cuts bytes into blocks of whole lines, wherever the pieces end.
 * It must not know what a line says. Tests: test/unit/engine/hrana/entries.test.ts.
 */
import { decodeText } from "../http/json.ts";
import { LinkFailure } from "../http/link-failure.ts";

const NEWLINE = 0x0a;
/** Bytes in a block, unless its only line has more. A string that is cut out of a text keeps all of it in memory. */
const BLOCK = 1 << 12;

export class EntryLines {
  readonly #most: number;
  /** The beginning of a line whose end has not come. */
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** @param most the longest line in bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** The lines that are complete now, each with its line break. */
  push(bytes: Buffer): readonly string[] {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#keep(bytes);
      return [];
    }
    const blocks: string[] = [];
    let start = 0;
    if (this.#rest.length > 0) {
      start = bytes.indexOf(NEWLINE) + 1;
      blocks.push(decodeText(Buffer.concat([...this.#rest, bytes.subarray(0, start)])));
      this.#rest = [];
      this.#restBytes = 0;
    }
    while (start < end) {
      const next = blockEnd(bytes, start, end);
      blocks.push(decodeText(bytes.subarray(start, next)));
      start = next;
    }
    if (end < bytes.length) this.#keep(bytes.subarray(end));
    return blocks;
  }

  /** What is left when nothing more comes: a last line without its end. */
  finish(): readonly string[] {
    if (this.#rest.length === 0) return [];
    const text = decodeText(Buffer.concat(this.#rest));
    this.#rest = [];
    return [text];
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.byteLength;
    if (this.#restBytes > this.#most) {
      throw new LinkFailure("too-large", `a row has more than ${this.#most} bytes (maxResponseBytes)`);
    }
    this.#rest.push(bytes);
  }
}

/** Where a block ends that begins at `start`: behind a line break, the last of which is at `end - 1`. */
function blockEnd(bytes: Buffer, start: number, end: number): number {
  if (end - start <= BLOCK) return end;
  const last = bytes.lastIndexOf(NEWLINE, start + BLOCK - 1);
  return 1 + (last >= start ? last : bytes.indexOf(NEWLINE, start));
}
