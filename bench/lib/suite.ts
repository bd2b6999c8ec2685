/**
 * A suite: drivers of one kind and what they are timed at, the measure of the others first. Outside of it nobody knows
 * which kind that is.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Driver, Library, Opened, Program } from "./driver.ts";
import type { Prepared, Trial, TrialFacts } from "./trial.ts";

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

/** A driver as it can be told of without loading it. */
export type DriverFacts = Omit<Driver<never>, "load">;

export interface Suite {
  readonly name: string;
  /** What the reader of its table should know. */
  readonly about: string;
  /** The measure of the others first; those that are programs of their own last. */
  readonly drivers: readonly DriverFacts[];
  /** Those of the drivers that are no JavaScript. */
  readonly programs: readonly Program[];
  readonly trials: readonly TrialFacts[];
  /**
   * Starts the server, where the suite has one.
   *
   * @throws {Error} where this machine cannot run it
   */
  serve?(): Promise<Server>;
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
  readonly programs?: readonly Program[];
  readonly trials: readonly Trial<Database>[];
  readonly serve?: () => Promise<Server>;
}

export function suiteOf<Database extends Opened>(parts: Parts<Database>): Suite {
  const { programs = [] } = parts;
  return {
    ...parts,
    drivers: [...parts.drivers, ...programs],
    programs,
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
            const prepared = await trial.prepare(database, {
              suite: parts.name,
              driver: name,
              package: driver.package ?? null,
              library,
              place: path,
            });
            if (typeof prepared === "function") return { sample: prepared, close };
            return {
              sample: prepared.sample,
              async close() {
                await prepared.close();
                await close();
              },
            };
          } catch (error) {
            await close();
            throw error;
          }
        },
      };
    },
  };
}

/** Why a driver does not do a trial; "" where nobody expects it to, null where it does. */
export function whyNot(suite: Suite, driver: string, trial: string): string | null {
  const program = suite.programs.find(({ name }) => name === driver);
  const why = suite.drivers.find(({ name }) => name === driver)?.without?.[trial];
  if (why !== undefined) return why;
  return program !== undefined && program.trials[trial] === undefined ? "" : null;
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
