/**
 * The same work, more and more of it: what a row and a call cost when there are a thousand of them, and when there are a
 * million. The sizes of one kind of work take turns in the same rounds.
 */
import { isFull, size, spelled } from "../lib/table.ts";
import type { Trial } from "../lib/trial.ts";

/** A quick bench takes the first two. */
const sizes = [1_000, 10_000, 100_000, 1_000_000].slice(0, isFull ? 4 : 2);

/** What a sample does at least, so that the small ones are as warm as the large. */
const enough = 100_000;

/** A trial whose samples do its work several times. */
function repeated<Database>(trial: Trial<Database>, times: number): Trial<Database> {
  return {
    ...trial,
    count: trial.count * times,
    async prepare(database, subject) {
      const prepared = await trial.prepare(database, subject);
      const { sample, close } =
        typeof prepared === "function" ? { sample: prepared, close: async () => {} } : prepared;
      return {
        async sample() {
          let taken = 0;
          for (let i = 0; i < times; i++) taken += await sample();
          return taken;
        },
        close,
      };
    },
  };
}

/** @param kinds the work by its name, `name` and `count` given. */
export function scaled<Database>(
  kinds: Readonly<Record<string, (name: string, count: number) => Trial<Database>>>,
): Trial<Database>[] {
  return Object.entries(kinds).flatMap(([batch, trialOf]) =>
    sizes.map((count) => ({
      ...repeated(trialOf(`${batch}, ${spelled(count)}`, count), Math.ceil(Math.min(enough, size) / count)),
      batch,
    })),
  );
}

export const about = "What a row or a call costs as the work grows.";
