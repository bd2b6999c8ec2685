/**
 * A long result that is unpacked while it crosses, a slice at a time: however fast it comes, the event loop of the calling
 * thread turns in between. It must not know messages. Tests: test/unit/engine/thread/unpacking.test.ts.
 */
import type { SqlRow } from "../../values/types.ts";
import type { PackedColumn } from "./pack.ts";
import { unpackRows } from "./unpack.ts";

/** How long rows are made in one turn of the event loop, for all results together, in milliseconds. */
const SLICE = 4;

/** When this turn's first rows were made; null before that. */
let since: number | null = null;

function hasTime(): boolean {
  const now = performance.now();
  if (since === null) {
    since = now;
    setImmediate(() => {
      since = null;
    });
  }
  return now - since < SLICE;
}

export class Unpacking {
  /** As long as they will be, with holes where rows are not made yet. */
  readonly rows: SqlRow[];
  #made = 0;
  #packed: (readonly PackedColumn[])[] = [];

  /** @param count how many rows there will be */
  constructor(count: number) {
    this.rows = new Array(count);
  }

  /** Takes rows, and makes them now or later. */
  add(columns: readonly PackedColumn[]): void {
    this.#packed.push(columns);
    this.#unpack();
  }

  get isDone(): boolean {
    return this.#packed.length === 0;
  }

  #unpack(): void {
    let done = 0;
    for (; done < this.#packed.length && hasTime(); done++) {
      this.#made += unpackRows(this.#packed[done] as readonly PackedColumn[], this.rows, this.#made);
    }
    this.#packed = this.#packed.slice(done);
  }

  /** Resolves when every row is made. */
  async finish(): Promise<void> {
    while (!this.isDone) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#unpack();
    }
  }
}
