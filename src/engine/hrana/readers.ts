/**
 * The open readers of an engine by number.
 * Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { ProgrammingError } from "../../errors/tree.ts";
import type { Reader } from "./reader.ts";

export class Readers {
  readonly #byId = new Map<number, Reader>();
  #last = 0;

  add(reader: Reader): number {
    this.#byId.set(++this.#last, reader);
    return this.#last;
  }

  /** @throws {ProgrammingError} when it is gone, which must not look like the end of the result */
  get(id: number): Reader {
    const reader = this.#byId.get(id);
    if (reader === undefined) throw new ProgrammingError("Cannot operate on a closed database.");
    return reader;
  }

  /** Forgets a reader, and ends it if it is still open. Unknown numbers are ignored. */
  drop(id: number): void {
    this.#byId.get(id)?.close();
    this.#byId.delete(id);
  }

  dropAll(): void {
    for (const id of [...this.#byId.keys()]) this.drop(id);
  }
}
