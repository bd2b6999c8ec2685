/**
 * The version of an installed package, for those that do not tell it themselves.
 */
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

export function packageVersion(name: string): string {
  const path = findPackageJSON(name, import.meta.url);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
