/**
 * A text crosses once: after that a number stands for it. Both ends are here; messages come in order, so that both count
 * the same. It must not know what a text says. Tests: test/unit/engine/thread/texts.test.ts.
 */

/** Texts that are kept; then places are taken again from the first on. */
const PLACES = 512;
/** Longer ones are not kept: they are made for one call as a rule, and would fill the memory of both threads. */
const LONGEST = 10_000;

/** A text, or the number that stands for it. */
export type TextRef = string | number;

/** The end that sends. */
export class TextsSent {
  readonly #places = new Map<string, number>();
  #owners: string[] = [];
  #next = 0;

  refer(text: string): TextRef {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST) return text;
    const place = this.#next;
    this.#next = (place + 1) % PLACES;
    const before = this.#owners[place];
    if (before !== undefined) this.#places.delete(before);
    this.#owners[place] = text;
    this.#places.set(text, place);
    return text;
  }

  /** Starts again, as the other end has to: a message with texts did not go out. */
  forget(): void {
    this.#places.clear();
    this.#owners = [];
    this.#next = 0;
  }
}

/** The end that receives. */
export class TextsReceived {
  readonly #texts: string[] = [];
  #next = 0;

  restore(ref: TextRef): string {
    if (typeof ref === "number") return this.#texts[ref] ?? "";
    if (ref.length > LONGEST) return ref;
    this.#texts[this.#next] = ref;
    this.#next = (this.#next + 1) % PLACES;
    return ref;
  }

  forget(): void {
    this.#next = 0;
  }
}
