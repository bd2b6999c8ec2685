/**
 * What is known of a statement, kept by its text; the least recently used text is given up first.
 * It must not know what is kept. Tests: test/unit/sql/cache.test.ts.
 */

interface Entry<T> {
  readonly value: T;
  used: boolean;
}

/**
 * A cache by second chance: a hit only marks its entry, and what was not hit since the last look leaves first.
 * That keeps the hit at one map lookup, where a strict order would cost a deletion and an insertion.
 */
export class TextCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  /** What was asked for last: a loop asks for the same text, and to compare it costs less than to look it up. */
  #lastText: string | null = null;
  #lastValue: T | undefined;
  readonly #capacity: number;

  /** @param capacity how many to keep; 0 keeps none. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(sql: string): T | undefined {
    if (sql === this.#lastText) return this.#lastValue;
    const entry = this.#entries.get(sql);
    if (entry === undefined) return undefined;
    entry.used = true;
    this.#lastText = sql;
    this.#lastValue = entry.value;
    return entry.value;
  }

  /** Keeps a value, in the place of the one that is kept under the same text. */
  set(sql: string, value: T): void {
    if (this.#capacity === 0) return;
    if (this.#entries.size >= this.#capacity && !this.#entries.has(sql)) this.#evict();
    this.#entries.set(sql, { value, used: false });
    this.#forgetLast();
  }

  clear(): void {
    this.#entries.clear();
    this.#forgetLast();
  }

  #forgetLast(): void {
    this.#lastText = null;
    this.#lastValue = undefined;
  }

  #evict(): void {
    for (const [sql, entry] of this.#entries) {
      this.#entries.delete(sql);
      if (!entry.used) return;
      entry.used = false;
      this.#entries.set(sql, entry);
    }
  }
}
