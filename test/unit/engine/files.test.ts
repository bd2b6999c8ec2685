/**
 * Tests src/engine/files.ts: one file, one copy of SQLite, by whatever name the file goes.
 */
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileClaim, type FileEngine } from "../../../src/engine/files.ts";
import { OperationalError } from "../../../src/errors/tree.ts";

let directory: string;
const claims: FileClaim[] = [];
const take = (path: string, engine: FileEngine, isAlive?: () => boolean): FileClaim => {
  const claim = FileClaim.take(path, engine, isAlive);
  claims.push(claim);
  return claim;
};
const at = (name: string): string => join(directory, name);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sqlite-dbapi-files-"));
});
afterEach(() => {
  for (const claim of claims.splice(0)) claim.release();
  rmSync(directory, { recursive: true });
});

const NAMES: readonly (readonly [string, (file: string) => string])[] = [
  ["itself", (file) => file],
  ["a relative path", (file) => relative(process.cwd(), file)],
  ["a way round", (file) => `${directory}/./x/../${file.slice(directory.length + 1)}`],
  [
    "a symbolic link",
    (file) => {
      symlinkSync(file, at("soft"));
      return at("soft");
    },
  ],
  [
    "a link to a link",
    (file) => {
      symlinkSync(file, at("one"));
      symlinkSync("one", at("two"));
      return at("two");
    },
  ],
  [
    "a linked directory",
    (file) => {
      symlinkSync(directory, at("folder"));
      return join(at("folder"), file.slice(directory.length + 1));
    },
  ],
];

describe.each([
  ["better-sqlite3", "libsql"],
  ["libsql", "better-sqlite3"],
  ["libsql", "libsql"],
] as const)("a file that %s has is refused to %s", (first, second) => {
  beforeEach(() => mkdirSync(at("x")));

  it.each(NAMES)("as %s", (_, name) => {
    writeFileSync(at("a.db"), "");
    take(at("a.db"), first);
    const error = (() => {
      try {
        return take(name(at("a.db")), second);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ code: "FILE_IN_USE", outcome: "not-executed" });
  });

  it.each(NAMES)("as %s, before it is there", (_, name) => {
    take(at("new.db"), first);
    expect(() => take(name(at("new.db")), second)).toThrow(OperationalError);
  });

  it("as a hard link", () => {
    writeFileSync(at("a.db"), "");
    linkSync(at("a.db"), at("hard"));
    take(at("a.db"), first);
    expect(() => take(at("hard"), second)).toThrow(OperationalError);
  });

  it("that has been made since, even while it is being opened", () => {
    const opening = take(at("new.db"), first);
    writeFileSync(at("new.db"), "");
    linkSync(at("new.db"), at("hard"));
    expect(() => take(at("hard"), second)).toThrow(OperationalError);
    opening.settle();
    expect(() => take(at("hard"), second)).toThrow(OperationalError);
  });

  it("that turns out to be the same when both are open", () => {
    take(at("new.db"), first);
    const other = take(at("other"), second);
    writeFileSync(at("new.db"), "");
    linkSync(at("new.db"), at("other"));
    expect(() => other.settle()).toThrow(OperationalError);
  });

  it("until it is released", () => {
    const claim = take(at("a.db"), first);
    expect(() => take(at("a.db"), second)).toThrow(OperationalError);
    claim.release();
    claim.release();
    take(at("a.db"), second);
  });

  it("until whoever had it has died", () => {
    let isAlive = true;
    take(at("a.db"), first, () => isAlive);
    expect(() => take(at("a.db"), second)).toThrow(OperationalError);
    isAlive = false;
    take(at("a.db"), second);
  });
});

describe("nothing is refused", () => {
  it("to connections of one copy of SQLite", () => {
    for (let n = 0; n < 3; n++) take(at("a.db"), "better-sqlite3").settle();
  });

  it("of another file, or of one that has taken the name", () => {
    writeFileSync(at("a.db"), "");
    take(at("a.db"), "libsql").settle();
    take(at("b.db"), "better-sqlite3");
    linkSync(at("a.db"), at("kept"));
    unlinkSync(at("a.db"));
    writeFileSync(at("a.db"), "");
    take(at("a.db"), "better-sqlite3");
    expect(() => take(at("kept"), "better-sqlite3")).toThrow(OperationalError);
  });

  it("of what is no file", () => {
    for (const name of ["", ":memory:"]) {
      take(name, "libsql");
      take(name, "better-sqlite3");
    }
  });

  it("of what cannot be there: whoever opens it says why", () => {
    symlinkSync("round", at("round"));
    for (const name of [at("no/such/a.db"), at("round"), join(directory, "a".repeat(300))]) {
      take(name, "libsql");
      take(name, "better-sqlite3");
    }
  });
});
