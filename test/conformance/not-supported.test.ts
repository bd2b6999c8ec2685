/**
 * What the engine at hand cannot do is a NotSupportedError that names the feature and the engine: nothing is a silent
 * no-op.
 */
import { expect, it } from "vitest";
import { NotSupportedError, ProgrammingError } from "../../src/index.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

const members: Readonly<Record<string, (conn: AnyConnection) => unknown>> = {
  setAuthorizer: (conn) => conn.setAuthorizer(() => 0),
  setProgressHandler: (conn) => conn.setProgressHandler(() => 0, 1000),
  createCollation: (conn) => conn.createCollation("reverse", () => 0),
  blobopen: (conn) => conn.blobopen("t", "a", 1),
  getlimit: (conn) => conn.getlimit(0),
  setlimit: (conn) => conn.setlimit(0, 1),
  getconfig: (conn) => conn.getconfig(1002),
  setconfig: (conn) => conn.setconfig(1002, true),
  interrupt: (conn) => conn.interrupt(),
};

conformance("not supported", (db) => {
  it.each(Object.entries(members))("%s says so, with its own name and the engine's", async (name, use) => {
    const conn = await db.connect();
    const { message } = await raised(NotSupportedError, () => use(conn));
    expect(message).toContain(`${name}()`);
    expect(message).toContain(db.engine);
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it.each(Object.entries(members))("%s on a closed connection says that it is closed", async (_name, use) => {
    const conn = await db.connect();
    await conn.close();
    const { message } = await raised(ProgrammingError, () => use(conn));
    expect(message).toBe("Cannot operate on a closed database.");
  });

  it("a copy to a server says so", async () => {
    const conn = await db.connect();
    for (const url of [
      "libsql://example.org",
      "https://example.org",
      "http://127.0.0.1:1",
      "ws://127.0.0.1:1",
    ]) {
      const { message } = await raised(NotSupportedError, () => conn.backup(url));
      expect(message).toContain("backup()");
    }
  });

  it.skipIf(!db.can.files)(
    "the options of a file: URI that the engine lacks are refused by name",
    async () => {
      for (const parameter of ["immutable=1", "cache=shared"]) {
        const { message } = await raised(NotSupportedError, () =>
          db.connect(`file:${db.file()}?${parameter}`),
        );
        expect(message).toContain("better-sqlite3");
      }
    },
  );
});
