/**
 * Queries that burn CPU, as many as there are cores: on one connection, and on a connection for each. What a server with
 * many clients and many cores feels.
 */
import { availableParallelism } from "node:os";
import { itemScript } from "../../lib/table.ts";
import { plain, same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase, First } from "../database.ts";
import { timed, total } from "../timed.ts";

const cores = availableParallelism();

/** A hundred thousand pairs: some milliseconds, of which no engine can do without any. */
const sql = "select count(*), sum(a.id * b.id % 7 >= 0) from item a, item b where a.id <= ? and b.id <= 1000";
const rows = 100;
const answer = [rows * 1000, rows * 1000];

function cpuBound(name: string, connections: number): Trial<AioDatabase> {
  return {
    name,
    unit: "query",
    count: cores,
    onFile: true,
    async prepare(database, { library, place }) {
      await database.script(itemScript);
      const readers = await Promise.all(Array.from({ length: connections }, () => library.open(place)));
      const finds = await Promise.all(readers.map((reader) => reader.first(sql)));
      const queries: First[] = Array.from({ length: cores }, (_, at) => finds[at % connections] as First);
      return {
        sample: timed(
          total,
          () => Promise.all(queries.map((find) => find(rows))),
          (found) => same(found.map(plain), Array(cores).fill(answer)),
        ),
        async close() {
          await Promise.all(readers.map((reader) => reader.close()));
        },
      };
    },
  };
}

export const parallels: readonly Trial<AioDatabase>[] = [
  { ...cpuBound("a CPU-bound query for each core, on one connection", 1), batch: "cores" },
  { ...cpuBound("a CPU-bound query for each core, on as many connections", cores), batch: "cores" },
];
