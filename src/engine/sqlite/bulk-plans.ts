/**
 * Which statements have a many-row form, remembered for as long as the schema stays as it is, whoever may change it.
 * It must not know how the form is made (bulk.ts). Tests: test/conformance/bulk-differential.test.ts.
 */
import { TextCache } from "../../sql/cache.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
import type { ManyReply } from "../port.ts";
import { applyMany, BulkInsert, type Sets } from "./bulk.ts";
import type { Handle } from "./handle.ts";
import type { Prepared } from "./prepared.ts";

/** From so many sets on, looking for the form pays: the first and the last set go alone. */
const BULK_FROM = 10;

interface Plan {
  readonly generation: number;
  readonly schemaVersion: string;
  readonly insert: BulkInsert | null;
}

export class BulkPlans {
  readonly #handle: Handle;
  readonly #plans = new TextCache<Plan>(32);

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /**
   * Applies the sets in order until one fails. The first goes alone: it takes the lock, so that nobody else can give the
   * table a trigger once the schema has been looked at. (Looking first would take a snapshot, which the first write may
   * find outdated.)
   */
  apply(prepared: Prepared, sets: Sets): ManyReply {
    const { db } = this.#handle;
    if (sets.count < BULK_FROM) return applyMany(db, prepared, null, sets);
    const first = applyMany(db, prepared, null, { ...sets, count: 1 });
    if (first.error !== null) return first;
    const others = applyMany(db, prepared, this.#find(prepared.text.sql), sets, 1);
    return { ...others, changes: first.changes + others.changes };
  }

  #find(sql: string): BulkInsert | null {
    const { generation, db } = this.#handle;
    try {
      const version = schemaVersion(this.#handle);
      const known = this.#plans.get(sql);
      if (known?.generation === generation && known.schemaVersion === version) return known.insert;
      const insert = BulkInsert.of(db, sql);
      this.#plans.set(sql, { generation, schemaVersion: version, insert });
      return insert;
    } catch {
      // Row by row will meet what is wrong, and say at which set.
      return null;
    }
  }

  clear(): void {
    this.#plans.clear();
  }
}

/** SQLite's own counters of schema changes, whoever makes them; nothing where nobody else can. */
function schemaVersion(handle: Handle): string {
  if (handle.isPrivate) return "";
  const files = handle.own("SELECT name FROM pragma_database_list WHERE file <> ''").all([]);
  return files
    .map(([name]) => handle.own(`PRAGMA ${quoteIdentifier(String(name))}.schema_version`).get([]))
    .join();
}
