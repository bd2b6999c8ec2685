/**
 * What is in the tarball, and whether the package's word about itself (exports, types, files) is true.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, inject, it } from "vitest";
import { run, top } from "./shell.ts";

const { tarball, consumer, unpacked } = inject("packed");
const command = (name: string): string => join(top, "node_modules/.bin", name);
const list = async (): Promise<string[]> => {
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1));
};

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

  it("has a declaration for every module", async () => {
    const files = await list();
    const modules = files.filter((file) => file.endsWith(".js"));
    expect(files.filter((file) => file.endsWith(".d.ts")).sort()).toEqual(
      modules.map((file) => file.replace(/\.js$/, ".d.ts")).sort(),
    );
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
