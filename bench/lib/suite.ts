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

/** A server that all drivers of a suite use, in a process of its own. */
export interface Server {
  readonly url: string;
  stop(): Promise<void>;
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
  /** Starts the server, where the suite has one; null where this machine cannot run it. */
  serve?(): Promise<Server | null>;
  /**
   * @param place where the suite's server is
   * @throws {Error} when there is no such driver, or it cannot be loaded
   */
  load(driver: string, place?: string): Promise<Loaded>;
}

/** What a suite is made of. */
interface Parts<Database extends Opened> {
  readonly name: string;
  readonly about: string;
  readonly drivers: readonly Driver<Database>[];
  readonly trials: readonly Trial<Database>[];
  readonly serve?: () => Promise<Server | null>;
}

export function suiteOf<Database extends Opened>(parts: Parts<Database>): Suite {
  return {
    ...parts,
    async load(name, place = "") {
      const driver = named(parts.drivers, name);
      const library = await driver.load();
      return {
        version: () => library.version(),
        open: async (path) => library.open(path),
        async prepare(trialName) {
          const trial = named(parts.trials, trialName);
          const { database, path, close } = await openFor(library, place, trial.onFile ?? false);
          try {
            const sample = await trial.prepare(database, {
              suite: parts.name,
              driver: name,
              library,
              place: path,
            });
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

async function openFor<Database extends Opened>(library: Library<Database>, place: string, onFile: boolean) {
  if (!onFile) {
    const path = place === "" ? ":memory:" : place;
    const database = await library.open(path);
    return { database, path, close: async () => database.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), "sqlite-dbapi-bench-"));
  const path = join(folder, "bench.db");
  const database = await library.open(path);
  await database.script("pragma journal_mode = wal");
  const close = async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  };
  return { database, path, close };
}
