/**
 * Calls on their way, by number. A ring and not a Map, since each time that a Map of thousands makes room for another entry it
 * leaves its old table behind, which leads to the new one: once one of them is old, the garbage collector takes all that
 * follow, and what was in them, for alive, and copies it. It must not know what a call means.
 * Tests: test/unit/engine/thread/pending.test.ts.
 */
import type { Cancellation } from "../port.ts";
import type { Call } from "./messages.ts";

/** A call on its way. */
export interface Pending {
  /** Its number is another one when it is sent to another worker. */
  call: Call;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Why it is being stopped, if so. */
  why: Cancellation | null;
}

/** Places at first, and again when nothing is on its way after there have been very many; a power of two, as they all are. */
const FEW = 256;
const VERY_MANY = 65_536;

export class PendingCalls {
  #places = places(FEW);
  /** Those that are overtaken by so many calls that the ring has come round to them: long ones. */
  readonly #overtaken = new Map<number, Pending>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Numbers go up. */
  add(pending: Pending): void {
    const { id } = pending.call;
    let at = id & (this.#places.length - 1);
    if (this.#places[at] !== undefined) {
      if (this.#size > this.#places.length / 2) this.#grow();
      at = id & (this.#places.length - 1);
      const other = this.#places[at];
      if (other !== undefined) this.#overtaken.set(other.call.id, other);
    }
    this.#places[at] = pending;
    this.#size++;
  }

  /** Twice as many places: two calls that had one each have one each again. */
  #grow(): void {
    const before = this.#places;
    this.#places = places(2 * before.length);
    for (const pending of before) {
      if (pending !== undefined) this.#places[pending.call.id & (this.#places.length - 1)] = pending;
    }
  }

  get(id: number): Pending | undefined {
    const pending = this.#places[id & (this.#places.length - 1)];
    return pending !== undefined && pending.call.id === id ? pending : this.#overtaken.get(id);
  }

  /** Takes a call out; undefined where it is not there. */
  take(id: number): Pending | undefined {
    const at = id & (this.#places.length - 1);
    let pending = this.#places[at];
    if (pending !== undefined && pending.call.id === id) this.#places[at] = undefined;
    else {
      pending = this.#overtaken.get(id);
      if (pending === undefined) return undefined;
      this.#overtaken.delete(id);
    }
    this.#size--;
    if (this.#size === 0 && this.#places.length > VERY_MANY) this.#places = places(FEW);
    return pending;
  }

  /** All of them, in the order of their numbers. */
  all(): readonly Pending[] {
    const all = [...this.#overtaken.values()];
    for (const pending of this.#places) if (pending !== undefined) all.push(pending);
    return all.sort((one, other) => one.call.id - other.call.id);
  }

  /** Takes all of them out, in the order of their numbers. */
  takeAll(): readonly Pending[] {
    const all = this.all();
    this.#places = places(FEW);
    this.#overtaken.clear();
    this.#size = 0;
    return all;
  }
}

function places(count: number): (Pending | undefined)[] {
  return new Array<Pending | undefined>(count).fill(undefined);
}
