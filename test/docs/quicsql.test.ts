/**
 * Runs the three flows of docs/examples/quicsql against a fake server, and looks at all that they print.
 */
import { expect, test } from "vitest";
import { startFakeQuicsql } from "../servers/fake-quicsql.ts";
import { inTemporaryDirectory, runNode } from "./lib/run.ts";
import { filesIn, top } from "./lib/tree.ts";

const OUTPUT: Readonly<Record<string, readonly string[]>> = {
  "driver.ts": [
    "ada 70",
    "bob 130",
    "carol 100",
    "2 more",
    "set 1: UNIQUE constraint failed: users.name",
    "5 users",
  ],
  "drizzle.ts": ["Error: on second thought, no", "ada 70", "bob 130"],
  "fetch.ts": [
    "Error: statement 1: UNIQUE constraint failed: users.name",
    "name balance",
    "ada 70",
    "bob 130",
  ],
};

test("every flow is known here", () => {
  const names = filesIn("docs/examples/quicsql", ".ts").map((path) => path.split("/").at(-1));
  expect(names).toEqual(Object.keys(OUTPUT).sort());
});

test.for(Object.keys(OUTPUT))("%s does what it says, twice", async (name) => {
  const server = await startFakeQuicsql({ token: "secret-of-this-test" });
  try {
    const env = { QUICSQL_URL: `http://${server.host}/app`, QUICSQL_TOKEN: "secret-of-this-test" };
    for (let i = 0; i < 2; i++) {
      const outcome = await inTemporaryDirectory((directory) =>
        runNode(`${top}/docs/examples/quicsql/${name}`, directory, env),
      );
      const stdout = `${OUTPUT[name]?.join("\n")}\n`;
      expect(outcome).toEqual({ code: 0, stdout, stderr: "" });
    }
  } finally {
    await server.stop();
  }
});

test("a flow without the token fails with the server's word", async () => {
  const server = await startFakeQuicsql({ token: "secret-of-this-test" });
  try {
    const outcome = await inTemporaryDirectory((directory) =>
      runNode(`${top}/docs/examples/quicsql/driver.ts`, directory, {
        QUICSQL_URL: `http://${server.host}/app`,
        QUICSQL_TOKEN: "canary-wrong",
      }),
    );
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain("unauthorized");
    expect(outcome.stderr).not.toContain("canary-wrong");
  } finally {
    await server.stop();
  }
});
