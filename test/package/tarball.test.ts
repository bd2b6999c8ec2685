/**
 * What is in the tarball, and whether the package's word about itself (exports, types, files) is true.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, it } from "vitest";
import { packed } from "./packed.ts";
import { run, top } from "./shell.ts";

const { tarball, consumer, unpacked } = await packed();
const command = (name: string): string => join(top, "node_modules/.bin", name);
const list = async (): Promise<string[]> => {
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1));
};

/** What a file of dist/ imports before it runs, and what these import. */
async function loadedWith(door: string): Promise<{ files: string[]; outside: string[] }> {
  const files = [door];
  const outside: string[] = [];
  for (const file of files) {
    const text = await readFile(join(unpacked, "dist", file), "utf8");
    for (const [, name = ""] of text.matchAll(/^(?:import|export) (?:[^"\n]* from )?"([^"]+)";$/gm)) {
      const [list, entry] = name.startsWith("./") ? [files, name.slice(2)] : [outside, name];
      if (!list.includes(entry)) list.push(entry);
    }
  }
  return { files, outside };
}

describe("the tarball", () => {
  it("holds the built library, its papers and nothing else", async () => {
    const files = await list();
    expect(files).toEqual(
      expect.arrayContaining(["package.json", "LICENSE", "dist/index.js", "dist/index.d.ts"]),
    );
    const strange = files.filter(
      (file) =>
        !/^(dist\/.+\.(js|d\.ts)|package\.json|LICENSE|README\.md|docs\/changelog\.md)$/.test(file) ||
        /\b(test|bench)\b/.test(file),
    );
    expect(strange).toEqual([]);
  });

  it("has a declaration beside every door", async () => {
    const files = await list();
    for (const door of ["index", "aio", "client"])
      expect(files).toEqual(expect.arrayContaining([`dist/${door}.js`, `dist/${door}.d.ts`]));
  });

  it("loads neither servers nor the promised face nor a worker's code with the synchronous door", async () => {
    const loaded = await loadedWith("index.js");
    expect(loaded.files).toEqual(expect.arrayContaining(["index.js", "sync.js", "core.js", "sqlite.js"]));
    for (const file of ["servers.js", "promised.js", "thread.js", "client.js", "host.js"])
      expect(loaded.files).not.toContain(file);
    for (const outside of ["node:worker_threads", "node:http", "synckit", "libsql"])
      expect(loaded.outside).not.toContain(outside);
    expect(loaded.files.length).toBeLessThan(10);
  });

  it("loads no SQLite and no server's code with the promised door", async () => {
    const loaded = await loadedWith("aio.js");
    expect(loaded.files).toEqual(expect.arrayContaining(["promised.js", "thread.js"]));
    for (const file of ["sqlite.js", "servers.js", "sync.js", "client.js", "host.js"])
      expect(loaded.files).not.toContain(file);
  });

  it("refers to no source map", async () => {
    const files = (await list()).filter((file) => file.startsWith("dist/"));
    const texts = await Promise.all(files.map((file) => readFile(join(unpacked, file), "utf8")));
    expect(files.filter((_, at) => texts[at]?.includes("sourceMappingURL"))).toEqual([]);
  });

  it("satisfies publint", async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(await readFile(tarball)).buffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([]);
  });

  it("satisfies attw for ESM users", async () => {
    const { code, stdout } = await run(command("attw"), [tarball, "--profile", "esm-only"], top);
    expect(code, stdout).toBe(0);
  });

  it("type-checks in a strict project, declarations included", async () => {
    await writeFile(
      join(consumer, "typed.mts"),
      'import { connect } from "sqlite-dbapi";\nconst conn = connect(":memory:");\nconn.execute("select 1").fetchone();\nconn.close();\n',
    );
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2024"];
    const types = ["--types", "node", "--typeRoots", join(top, "node_modules/@types")];
    const { code, stdout } = await run(
      command("tsc"),
      [...options, ...types, "--lib", "es2024,esnext.disposable", "typed.mts"],
      consumer,
    );
    expect(code, stdout).toBe(0);
  });
});
