/**
 * Which calls are quick: answers that are ready wait for those, and for no other. It goes by the last time that the like of a
 * call was carried out, which is a guess; what may have to wait for a lock is never quick. It must not carry anything out.
 * Tests: test/unit/engine/thread/pace.test.ts.
 */
import type { ExecuteRequest } from "../port.ts";
import type { Call } from "./messages.ts";

/** What is quick takes no longer than this, in milliseconds. */
const QUICK = 0.1;
/** Statements that are remembered. */
const MOST = 512;

export class Pace {
  readonly #inTransaction: () => boolean;
  readonly #quick = new Set<string>();

  constructor(inTransaction: () => boolean) {
    this.#inTransaction = inTransaction;
  }

  isQuick(call: Call): boolean {
    const kind = kindOf(call);
    if (kind === null || !this.#quick.has(kind)) return false;
    // A write outside of a transaction has to take the lock, and to commit.
    return call.method !== "execute" || (call.args[0] as ExecuteRequest).reads || this.#inTransaction();
  }

  /** @param took milliseconds */
  note(call: Call, took: number): void {
    const kind = kindOf(call);
    if (kind === null || this.#quick.has(kind) === took <= QUICK) return;
    if (took > QUICK) this.#quick.delete(kind);
    else {
      if (this.#quick.size >= MOST) this.#quick.clear();
      this.#quick.add(kind);
    }
  }
}

/** Whether the next call takes about as long as this one. */
export function isAlike(call: Call, next: Call | undefined): boolean {
  return next !== undefined && kindOf(call) === kindOf(next);
}

/** What calls that are alike have in common; null for what is never quick. */
function kindOf({ method, args }: Call): string | null {
  if (method === "execute") return (args[0] as ExecuteRequest).sql;
  return method === "fetch" || method === "discard" || method === "totalChanges" ? method : null;
}
