/**
 * Statements one after the other until one fails, in a transaction of their own or in the open one. It must not know how a statement is run.
 * Tests: test/conformance/batch.test.ts.
 */
import { NotSupportedError, OperationalError } from "../../errors/tree.ts";
import type { BatchedReply, BatchReply, BatchRequest, Engine } from "../port.ts";

/** What runs a batch's parts. */
type Runner = Pick<Engine, "execute" | "control" | "inTransaction">;

/** @throws {NotSupportedError} for a transaction that SQLite does not have */
export function runBatch(engine: Runner, { begin, commits, statements, reading }: BatchRequest): BatchReply {
  if (begin !== null && /READONLY$/.test(begin)) {
    throw new NotSupportedError('the mode "READONLY" is one of libSQL servers: use "DEFERRED" for a file');
  }
  const replies: BatchedReply[] = [];
  let index = -1;
  try {
    if (begin !== null) engine.control([{ sql: begin, when: "closed" }]);
    for (const { sql, values, reads } of statements) {
      index++;
      refuseEnded(engine);
      const request = { discard: 0, sql, values, begin: null, guard: false, reading, reads } as const;
      const { rows, columns, changes, lastrowid, error } = engine.execute({ ...request, rows: "all" });
      if (error !== null) throw error;
      replies.push({
        rows,
        columns: columns.map(({ name, type }) => ({ name, type })),
        changes,
        lastrowid,
      });
    }
    if (index >= 0 || begin !== null) refuseEnded(engine);
    index = -1;
    if (begin !== null && commits) engine.control([{ sql: "COMMIT", when: "open" }]);
    return { replies, error: null, index };
  } catch (error) {
    if (begin !== null) undo(engine);
    return { replies: [], error: error as Error, index };
  }
}

/** A statement of the batch may have ended its transaction. */
function refuseEnded({ inTransaction }: Runner): void {
  if (inTransaction) return;
  throw new OperationalError("the transaction of the batch has been ended by a statement in it", {
    code: "TRANSACTION_CLOSED",
  });
}

function undo(engine: Runner): void {
  try {
    engine.control([{ sql: "ROLLBACK", when: "open" }]);
  } catch {
    // The failure that brought us here says more.
  }
}
