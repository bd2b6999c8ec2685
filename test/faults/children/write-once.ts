// Reads a table and writes one row, and tells what came of each. Argument: the file.
import { connect } from "../../../src/index.ts";
import { parseArguments } from "./arguments.ts";

const [path] = parseArguments<[string]>();

/** The result, or name and code of the error. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    const { name, code } = error as { readonly name: string; readonly code?: string };
    return { name, code };
  }
}

const read = attempt(() => connect(path).fetchall("SELECT a FROM t"));
const write = attempt(() => {
  const conn = connect(path);
  conn.execute("INSERT INTO t VALUES (2)");
  conn.commit();
  return null;
});
console.log(JSON.stringify({ read, write }));
process.exit(0);
