// Commits transactions until several have failed for lack of space, then checks that the connection still works.
// Argument: the file. Writes one line of JSON: how many rows were committed, and the codes of the failures.
import { connect, OperationalError } from "../../../src/index.ts";
import { parseArguments } from "./arguments.ts";

const [path] = parseArguments<[string]>();

const conn = connect(path);
conn.execute("CREATE TABLE t(n, b)");
let committed = 0;
const codes: string[] = [];
for (let n = 0; codes.length < 5 && n < 10_000; n++) {
  try {
    conn.transaction(() =>
      conn.executemany("INSERT INTO t VALUES (?, ?)", [
        [n, 0],
        [n, Buffer.alloc(20_000, n)],
      ]),
    );
    committed += 2;
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    codes.push(error.code ?? "none");
  }
  if (conn.inTransaction) throw new Error("a transaction is still open");
}
const [count] = conn.fetchone("SELECT count(*) FROM t") ?? [];
if (count !== committed) throw new Error(`${committed} rows were committed, and ${count} are there`);
conn.close();
console.log(JSON.stringify({ committed, codes }));
