/**
 * SQLite's counters of a connection, kept here: a connection of the server lasts no longer than a stream.
 * What triggers change is not in them. Tests: test/unit/engine/hrana/engine.test.ts.
 */
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
}
