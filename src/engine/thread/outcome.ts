/**
 * What becomes of a call whose worker is lost, judged by what the call asks for, and what is said of it.
 * It must not know workers.
 * Tests: test/unit/engine/thread/outcome.test.ts.
 */
import type { Outcome } from "../../errors/tree.ts";
import type { ControlStep, ExecuteRequest, TransactionDemand } from "../port.ts";
import type { Call } from "./messages.ts";

/** Calls that change nothing that is stored. */
const READS: ReadonlySet<string> = new Set([
  "fetch",
  "rest",
  "discard",
  "totalChanges",
  "isReadonly",
  "serialize",
  "backup",
  "sync",
  "defineFunction",
  "defineAggregate",
  "trace",
]);

/** Whether a call changes nothing. */
export function isRead({ method, args: [request] }: Call): boolean {
  return method === "execute" ? (request as ExecuteRequest).reads : READS.has(method);
}

/** Whether a call is BEGIN and its like, without a COMMIT. */
function onlyBegins({ method, args: [steps] }: Call): boolean {
  return method === "control" && (steps as readonly ControlStep[]).every(({ sql }) => sql !== "COMMIT");
}

/** Whether a call begins a transaction that it does not end. */
function begins({ method, args: [request] }: Call): boolean {
  if (method !== "execute" && method !== "executemany" && method !== "script") return false;
  return (request as TransactionDemand).begin !== null;
}

/** Whether a call may commit the transaction that is open. What begins one on demand is no COMMIT. */
export function mayCommit(call: Call): boolean {
  return !(call.method === "executemany" || isRead(call) || onlyBegins(call) || begins(call));
}

/** Whether a transaction is open once a call has begun, if one was open before it or not. */
export function holdsTransaction(call: Call, inTransaction: boolean): boolean {
  return inTransaction || begins(call);
}

/** What became of a call that had begun when its worker was lost. */
export function outcomeOf(call: Call, inTransaction: boolean): Outcome {
  if (holdsTransaction(call, inTransaction)) return mayCommit(call) ? "unknown" : "rolled-back";
  return isRead(call) || onlyBegins(call) ? "not-executed" : "unknown";
}

/** The loss in words. */
export const LOSS = {
  ended: "the worker thread of the connection has ended",
  closed: "the connection is closed",
  inMemory: "the in-memory database is lost with the worker that was still busy",
  reopened:
    "the connection has been opened again in another worker, without its temporary tables, attached databases and PRAGMAs",
  unread: "what was not read or copied yet is gone with the worker that was still busy",
  transaction: "the transaction has been lost with the worker that ran it: call rollback() and begin again",
} as const;
