/**
 * Tests src/engine/sqlite/backup.ts: a live database copied in steps, with its progress told, its failures translated, and
 * other work in between.
 */
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { copyDatabase } from "../../../../src/engine/sqlite/backup.ts";
import { openNative } from "../../../../src/engine/sqlite/open.ts";
import { OperationalError, ProgrammingError } from "../../../../src/errors/tree.ts";
import { MEMORY, memory, temporaryDirectory } from "./support.ts";

const FILLED =
  "CREATE TABLE t(a); INSERT INTO t SELECT zeroblob(2000) FROM json_each('[1,2,3,4,5,6,7,8,9,10]')";

function openFile(path: string) {
  const db = openNative({ ...MEMORY, path, timeout: 0 });
  onTestFinished(() => db.close());
  return db;
}

const whole = (target: string) => ({ target, name: "main", pages: -1, sleep: 1 });

describe("copyDatabase", () => {
  it("copies everything in one step", async () => {
    const target = join(temporaryDirectory(), "copy.db");
    const steps: number[][] = [];
    await copyDatabase(memory(FILLED), whole(target), (...step) => steps.push(step));
    expect(openFile(target).prepare("SELECT count(*) FROM t").raw().get()).toEqual([10]);
    expect(steps.at(-1)).toEqual([101, 0, expect.any(Number)]);
  });

  it("copies a few pages at a time and tells how many are left", async () => {
    const target = join(temporaryDirectory(), "copy.db");
    const db = memory(FILLED);
    const [pages] = db.prepare("PRAGMA page_count").raw().get() ?? [];
    const steps: number[][] = [];
    await copyDatabase(db, { ...whole(target), pages: 2 }, (...step) => steps.push(step));
    expect(steps.length).toBeGreaterThanOrEqual(Number(pages) / 2);
    expect(steps.every(([status, , total]) => (status === 0 || status === 101) && total === pages)).toBe(
      true,
    );
    const left = steps.map(([, remaining]) => remaining ?? 0);
    expect(left).toEqual([...left].sort((a, b) => b - a));
    expect(left.at(-1)).toBe(0);
  });

  it("lets other work run between two steps, and copies what that has written", async () => {
    const target = join(temporaryDirectory(), "copy.db");
    const db = memory(FILLED);
    let written = 0;
    await copyDatabase(db, { ...whole(target), pages: 1 }, () => {
      if (written++ < 2) db.exec("INSERT INTO t VALUES ('late')");
    });
    expect(openFile(target).prepare("SELECT count(*) FROM t WHERE a = 'late'").raw().get()).toEqual([2]);
  });

  it("stops with what the progress threw, as it is", async () => {
    const target = join(temporaryDirectory(), "copy.db");
    const reason = new RangeError("enough");
    const copy = copyDatabase(memory(FILLED), { ...whole(target), pages: 1 }, () => {
      throw reason;
    });
    await expect(copy).rejects.toBe(reason);
  });

  it("waits for a source that is locked, and goes on when it is free", async () => {
    const directory = temporaryDirectory();
    const source = openFile(join(directory, "a.db"));
    source.exec(FILLED);
    const other = openFile(join(directory, "a.db"));
    other.exec("BEGIN EXCLUSIVE");
    let busy = 0;
    await copyDatabase(source, whole(join(directory, "copy.db")), (status) => {
      if (status !== 5 || ++busy < 2) return;
      if (other.inTransaction) other.exec("ROLLBACK");
    });
    expect(busy).toBeGreaterThanOrEqual(2);
    expect(openFile(join(directory, "copy.db")).prepare("SELECT count(*) FROM t").raw().get()).toEqual([10]);
  });

  it("says that the target cannot be written", async () => {
    const target = join(temporaryDirectory(), "none", "copy.db");
    await expect(copyDatabase(memory(FILLED), whole(target), null)).rejects.toBeInstanceOf(OperationalError);
  });

  it("says that the source has no database of that name", async () => {
    const target = join(temporaryDirectory(), "copy.db");
    await expect(copyDatabase(memory(FILLED), { ...whole(target), name: "none" }, null)).rejects.toThrow(
      "none",
    );
  });

  it("refuses to copy a file onto itself, by another name too", async () => {
    const directory = temporaryDirectory();
    const source = openFile(join(directory, "a.db"));
    source.exec(FILLED);
    for (const target of [join(directory, "a.db"), `${directory}/./a.db`]) {
      await expect(copyDatabase(source, whole(target), null)).rejects.toBeInstanceOf(ProgrammingError);
    }
  });

  it("fails when the source is closed half way", async () => {
    const target = join(temporaryDirectory(), "copy.db");
    const db = memory(FILLED);
    const copy = copyDatabase(db, { ...whole(target), pages: 1 }, () => db.close());
    await expect(copy).rejects.toBeInstanceOf(Error);
  });
});
