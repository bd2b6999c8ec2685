/**
 * Python's own `sqlite3`, where there is a Python: the driver whose members this library has.
 */
import { fileURLToPath } from "node:url";
import type { Program } from "../lib/driver.ts";
import { words } from "./words.ts";

export const pythonSqlite3: Program = {
  name: "Python sqlite3",
  runsOn: "no Node",
  isOptional: true,
  trials: words,
  command: async () => ["python3", "-u", fileURLToPath(new URL("python_sqlite3.py", import.meta.url))],
};
