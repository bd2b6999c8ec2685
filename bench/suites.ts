/**
 * Everything that the bench runs, in the order of its report. A driver's process loads only the suite that it works for.
 */
import type { Suite } from "./lib/suite.ts";

const loaders: Readonly<Record<string, () => Promise<Suite>>> = {
  synchronous: async () => (await import("./sync/suite.ts")).sync,
  promised: async () => (await import("./aio/suite.ts")).aio,
  remote: async () => (await import("./remote/suite.ts")).remote,
  standing: async () => (await import("./standing/suite.ts")).standing,
  "synchronous scale": async () => (await import("./scale/synchronous.ts")).synchronousScale,
  "promised scale": async () => (await import("./scale/promised.ts")).promisedScale,
};

/** @throws {Error} when there is none of that name */
export async function suiteNamed(name: string): Promise<Suite> {
  const load = loaders[name];
  if (load === undefined) throw new Error(`no suite is called ${name}`);
  return load();
}

export async function allSuites(): Promise<readonly Suite[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}
