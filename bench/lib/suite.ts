/**
 * A suite: drivers of one kind and what they are timed at, the measure of the others first. Outside of it nobody knows
 * which kind that is.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Driver, Library, Opened } from "./driver.ts";
import type { Sample, Trial } from "./trial.ts";

type TrialFacts = Omit<Trial<unknown>, "prepare">;

/** A trial that can be sampled until its database is closed. */
export interface Prepared {
  readonly sample: Sample;
  close(): Promise<void>;
}

/** A driver in the process that holds it. */
interface Loaded {
  version(): string;
  open(path: string): Promise<Opened>;
  prepare(trial: string): Promise<Prepared>;
}

export interface Suite {
  readonly name: string;
  /** What the reader of its table should know. */
  readonly about: string;
  readonly drivers: readonly Omit<Driver<unknown>, "load">[];
  readonly trials: readonly TrialFacts[];
  /** @throws {Error} when there is no such driver, or it cannot be loaded */
  load(driver: string): Promise<Loaded>;
}

/** What a suite is made of. */
interface Parts<Database extends Opened> {
  readonly name: string;
  readonly about: string;
  readonly drivers: readonly Driver<Database>[];
  readonly trials: readonly Trial<Database>[];
}

export function suiteOf<Database extends Opened>(parts: Parts<Database>): Suite {
  return {
    ...parts,
    async load(name) {
      const driver = named(parts.drivers, name);
      const library = await driver.load();
      return {
        version: () => library.version(),
        open: async (path) => library.open(path),
        async prepare(trialName) {
          const trial = named(parts.trials, trialName);
          const { database, close } = await openFor(library, trial.onFile ?? false);
          try {
            const sample = await trial.prepare(database, { suite: parts.name, driver: name, library });
            return { sample, close };
          } catch (error) {
            await close();
            throw error;
          }
        },
      };
    },
  };
}

function named<Item extends { readonly name: string }>(
  items: readonly Item[],
  name: string | undefined,
): Item {
  const found = items.find((item) => item.name === name);
  if (found === undefined) throw new Error(`nothing is called ${name}`);
  return found;
}

async function openFor<Database extends Opened>(library: Library<Database>, onFile: boolean) {
  if (!onFile) {
    const database = await library.open(":memory:");
    return { database, close: async () => database.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), "sqlite-dbapi-bench-"));
  const database = await library.open(join(folder, "bench.db"));
  await database.script("pragma journal_mode = wal");
  const close = async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  };
  return { database, close };
}
