/**
 * SQLite's counters of a connection, kept here: a connection of the server lasts no longer than a stream.
 * What triggers change is not in them. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import type { StatementText } from "../../sql/statement.ts";
import type { ExecuteReply } from "../port.ts";

export class Counters {
  /** Rows changed by all statements. */
  totalChanges = 0;
  /** The rowid of the latest insert; 0 before any. */
  lastrowid = 0n;

  /** Counts what a statement did. */
  add(
    { changes, lastrowid }: { readonly changes: number; readonly lastrowid: bigint | null },
    isInsert: boolean,
  ): void {
    this.totalChanges += changes;
    // 0 is what a new stream says before its first insert.
    if (isInsert && changes > 0 && lastrowid !== null && lastrowid !== 0n) this.lastrowid = lastrowid;
  }

  /** Counts what a statement did by the server's word, null for none, and gives what its reply says; `rows` is how many it gave. */
  told(
    { isDml, isInsert, hasReturning }: Pick<StatementText, "isDml" | "isInsert" | "hasReturning">,
    counts: { readonly changes: number; readonly lastrowid: bigint | null } | null,
    rows: number,
  ): Pick<ExecuteReply, "changes" | "lastrowid"> {
    if (!isDml || counts === null) return { changes: -1, lastrowid: null };
    // quicSQL counts nothing of a statement that gives rows: each is a change, and which rowid the last one has is not known.
    const changes = hasReturning ? Math.max(counts.changes, rows) : counts.changes;
    this.add({ ...counts, changes }, isInsert);
    const isUnknown = isInsert && changes > 0 && counts.lastrowid === null;
    return { changes, lastrowid: isUnknown ? null : this.lastrowid };
  }
}
