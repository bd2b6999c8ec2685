/**
 * Cuts bytes into lines of JSON, whole lines only, wherever the pieces end.
 * It must not know what a line says. Tests: test/unit/engine/hrana/entries.test.ts.
 */
import { decodeText, parseJson } from "../http/json.ts";
import { LinkFailure } from "../http/link-failure.ts";

const NEWLINE = 0x0a;

export class EntryLines {
  readonly #most: number;
  /** The beginning of a line whose end has not come. */
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** @param most the longest line in bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** The lines that are complete now, parsed. */
  push(bytes: Buffer): readonly unknown[] {
    const end = bytes.lastIndexOf(NEWLINE);
    if (end < 0) {
      this.#keep(bytes);
      return [];
    }
    const whole = bytes.subarray(0, end);
    const text = decodeText(this.#rest.length === 0 ? whole : Buffer.concat([...this.#rest, whole]));
    this.#rest = [];
    this.#restBytes = 0;
    if (end + 1 < bytes.length) this.#keep(bytes.subarray(end + 1));
    return parseLines(text);
  }

  /** What is left when nothing more comes: a last line without its end. */
  finish(): readonly unknown[] {
    const text = decodeText(Buffer.concat(this.#rest));
    this.#rest = [];
    return parseLines(text);
  }

  #keep(bytes: Buffer): void {
    this.#restBytes += bytes.byteLength;
    if (this.#restBytes > this.#most) {
      throw new LinkFailure("too-large", `a row has more than ${this.#most} bytes (maxResponseBytes)`);
    }
    this.#rest.push(bytes);
  }
}

/**
 * All lines as one list: one call of the parser instead of many. The line breaks stay, so that the parser refuses one that
 * stands inside a string, where it has to be written as `\n`.
 */
function parseLines(text: string): readonly unknown[] {
  const list = text.trim().replaceAll(/\r?\n\s*/g, ",\n");
  return list === "" ? [] : (parseJson(`[${list}]`) as unknown[]);
}
