/**
 * What npm puts on the disk for a driver, in bytes: its own files, and those of what it needs on this platform. Of this
 * library that is what its tarball holds.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Trial } from "../lib/trial.ts";

interface Manifest {
  readonly name: string;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export const ownPackage = "sqlite-dbapi";

const own = fileURLToPath(new URL("../../package.json", import.meta.url));

const manifestOf = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Manifest;

/** Where the manifest of a package is, as one that needs it finds it; null where it is not installed. */
function find(name: string, from: string): string | null {
  if (name === ownPackage) return own;
  try {
    return findPackageJSON(name, pathToFileURL(from)) ?? null;
  } catch {
    return null;
  }
}

/** Of all files below a path, packages within it aside. */
function sizeBelow(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  const names = readdirSync(path).filter((name) => name !== "node_modules");
  return names.reduce((sum, name) => sum + sizeBelow(join(path, name)), 0);
}

function sizeOfPackage(manifest: string): number {
  const folder = dirname(manifest);
  if (manifest !== own) return sizeBelow(folder);
  const shipped = ["package.json", "README.md", "LICENSE", ...(manifestOf(own).files ?? [])];
  return shipped.reduce((sum, path) => sum + sizeBelow(join(folder, path)), 0);
}

/** The manifests of a package and of all that it brings along. */
function withDependencies(manifest: string, found = new Set<string>()): Set<string> {
  if (found.has(manifest)) return found;
  found.add(manifest);
  const { dependencies, optionalDependencies } = manifestOf(manifest);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const path = find(name, manifest);
    if (path !== null) withDependencies(path, found);
  }
  return found;
}

function size(name: string, manifests: (own: string) => Iterable<string>): Trial<unknown> {
  return {
    name,
    unit: "package",
    count: 1,
    quantity: "memory",
    prepare(_, { package: wanted }) {
      const manifest = wanted === null ? null : find(wanted, own);
      if (manifest === null) throw new Error(`${wanted} is not installed`);
      return () => [...manifests(manifest)].reduce((sum, path) => sum + sizeOfPackage(path), 0);
    },
  };
}

export const ownSize = "size on the disk, its own files";
export const wholeSize = "size on the disk, with all that it needs";

export const sizes: readonly Trial<unknown>[] = [
  size(ownSize, (manifest) => [manifest]),
  size(wholeSize, (manifest) => withDependencies(manifest)),
];
