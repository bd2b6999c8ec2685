/**
 * What must hold before a statement runs, as steps and conditions of its batch, and what it means when it did not hold.
 * It must not know transports. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { OperationalError, ProgrammingError } from "../../errors/tree.ts";
import type { StatementKind } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import type { Effect } from "../http/outcome.ts";
import type { TransactionDemand } from "../port.ts";
import { type Batch, type Condition, ok, statementOf } from "./batch.ts";
import type { Link } from "./link.ts";

/** The transaction that was open is gone, and this is the first to notice. */
export function lostNow(): OperationalError {
  return new OperationalError(
    "the transaction has been lost: the server ended it, so this statement did not run",
    {
      outcome: "rolled-back",
      retryable: true,
    },
  );
}

/** Nothing may go on as if the transaction were still there. @throws {OperationalError} until somebody rolls back */
export function refuseWhenLost(link: Link): void {
  if (!link.isLost) return;
  throw new OperationalError(
    "the transaction has been lost, and nothing else runs before that is seen: call rollback() first",
    {
      outcome: "rolled-back",
    },
  );
}

/** What a statement needs, by the state of the link. */
export interface Need {
  /** What begins a transaction first, or null. */
  readonly begin: string | null;
  /** The statement runs inside a transaction or not at all. */
  readonly mustBeInside: boolean;
}

/**
 * In a transaction every statement is bound to it, asked for or not: a server may end one at any time, and what
 * follows must not be committed by itself.
 * @throws {OperationalError} when the transaction that the statement belongs to is known to be lost
 */
export function needOf({ begin, guard }: TransactionDemand, link: Link): Need {
  refuseWhenLost(link);
  if (link.inTransaction) return { begin: null, mustBeInside: true };
  if (guard) throw lostNow();
  return { begin, mustBeInside: begin !== null };
}

/** Adds what comes before the statement; gives the step of the BEGIN or -1, and the statement's condition. */
export function prelude(
  batch: Batch,
  need: Need,
): { readonly begun: number; readonly condition: Condition | null } {
  if (need.begin !== null) {
    const begun = batch.add(statementOf(need.begin), null);
    return { begun, condition: ok(begun) };
  }
  return { begun: -1, condition: need.mustBeInside ? batch.inTransaction() : null };
}

/** Statements that can make lasting what the transaction did. What is not known may be one. */
const MAY_COMMIT: ReadonlySet<StatementKind> = new Set(["commit", "release", "other"]);
const READS: ReadonlySet<StatementKind> = new Set(["select", "values", "explain"]);

export function effectOf(kind: StatementKind, need: Need): Effect {
  if (READS.has(kind)) return "read";
  if (need.begin !== null) return "begin";
  return MAY_COMMIT.has(kind) ? "commit" : "write";
}

/** A statement that does not compile leaves no transaction behind. */
export async function withdraw(error: unknown, need: Need, link: Link, call: Call): Promise<void> {
  if (need.begin === null || !link.inTransaction || !(error instanceof ProgrammingError)) return;
  const batch = link.newBatch();
  batch.add(statementOf("ROLLBACK"), null);
  try {
    await link.batch(batch, "write", call);
  } catch {
    // The failure that brought us here says more; the link knows what became of the transaction.
  }
}
