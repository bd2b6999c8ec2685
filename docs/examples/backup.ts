/**
 * A copy of a database that is in use, step by step, with a progress bar on a terminal.
 * In a project of your own the import is `from "sqlite-dbapi"`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import progress from "cli-progress";
import { connect } from "../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sqlite-dbapi-backup-"));
const conn = connect(join(folder, "live.db"));
conn.execute("CREATE TABLE sample (id INTEGER PRIMARY KEY, bytes BLOB)");
conn.execute(
  `INSERT INTO sample (bytes)
   WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
   SELECT randomblob(1000) FROM n`,
);
conn.commit();

const bar = new progress.SingleBar({ format: "{bar} {value} / {total} pages", clearOnComplete: true });
let steps = 0;
bar.start(1, 0);
// A promise, also here: between two steps of 100 pages the process does other work.
await conn.backup(join(folder, "copy.db"), {
  pages: 100,
  progress(_status, remaining, total) {
    steps++;
    bar.setTotal(total);
    bar.update(total - remaining);
  },
});
bar.stop();
console.log(`copied in ${steps} steps`);

const copy = connect(join(folder, "copy.db"), { readonly: true });
console.log(`rows in the copy: ${copy.fetchone("SELECT count(*) FROM sample")?.[0]}`);
console.log(`check: ${copy.fetchone("PRAGMA integrity_check")?.[0]}`);
copy.close();
conn.close();
rmSync(folder, { recursive: true });
