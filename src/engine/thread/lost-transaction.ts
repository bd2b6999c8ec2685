/**
 * An open transaction that was lost with its worker, while its owner may not know yet: until he shows that he does, nothing
 * may run as if it were still there, or half of it would be committed. It must not know workers.
 * Tests: test/conformance/cancel-*.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { ControlStep, Method } from "../port.ts";
import { LOSS } from "./outcome.ts";

export class LostTransaction {
  #isOpen: boolean;

  /** @param isOpen whether there is one */
  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  /** Why a call is not even sent, if so. A rollback, and a COMMIT that fails of it, are the end of the matter. */
  refuse(method: Method, args: readonly unknown[]): OperationalError | null {
    if (!this.#isOpen || method === "close" || method === "discard") return null;
    const steps = method === "control" ? (args[0] as readonly ControlStep[]) : [];
    // `transaction()` clears the way for the BEGIN of its own mode, but it cannot speak for the owner.
    if (steps.some(({ sql }) => sql.startsWith("BEGIN "))) return this.error();
    if (steps.some(({ sql }) => sql === "ROLLBACK" || sql === "COMMIT")) this.#isOpen = false;
    // What begins the next transaction together with the rollback must run.
    return steps[0]?.sql === "ROLLBACK" ? null : this.error();
  }

  /** The error of a call that belonged to it. */
  error(): OperationalError {
    return new OperationalError(LOSS.transaction, { outcome: "rolled-back" });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }
}
