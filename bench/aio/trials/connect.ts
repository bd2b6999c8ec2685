/**
 * How long a program that has loaded its driver waits for one more connection: until the answer to its first statement
 * is there.
 */
import { plain, same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase } from "../database.ts";
import { timed, total } from "../timed.ts";

export const connection: Trial<AioDatabase> = {
  name: "a connection more, select 1",
  unit: "connection",
  count: 1,
  prepare(_, { library }) {
    let database: AioDatabase | null = null;
    return timed(
      total,
      async () => {
        database = await library.open(":memory:");
        const find = await database.first("select 1");
        return find();
      },
      (row) => same(plain(row), [1]),
      async () => database?.close(),
    );
  },
};
