/**
 * The test projects: one folder of test/ each, told apart by what they need (time, a type checker, a packed tarball).
 * Run one with `npm test -- --project unit`.
 */
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { Order } from "./order.ts";

const isCoverage = process.argv.includes("--coverage");
// Every child process reads the sources, and every worker its file: kept, what V8 makes of them is made once.
if (!isCoverage) process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "sqlite-dbapi-compile-cache");

/** Deadline of a test, milliseconds, by project. */
const deadlines = {
  unit: 20_000,
  conformance: 60_000,
  client: 60_000,
  docs: 120_000,
  faults: 120_000,
  soak: 120_000,
} as const;

/** Whose files leave nothing behind, so that they share processes, and what those have loaded. */
const SHARING: ReadonlySet<string> = new Set(["unit", "conformance", "client"]);

/** Worker threads start from one built file each, which takes two thirds of the time: test/workers/. */
const builtWorkers = {
  name: "built-workers",
  enforce: "pre",
  resolveId: (source: string, importer: string | undefined) =>
    source === "./hosts.ts" && importer?.includes("/src/engine/thread/")
      ? fileURLToPath(new URL("workers/hosts.ts", import.meta.url))
      : null,
} as const;
const plugins = isCoverage ? [] : [builtWorkers];

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    passWithNoTests: false,
    globalSetup: isCoverage ? [] : ["test/workers/build.ts"],
    // Much of the tests' time is waiting: for servers, child processes, worker threads, time limits.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: Order },
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["text-summary", "html"] },
    projects: [
      ...Object.entries(deadlines).map(([name, deadline]) => ({
        plugins,
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          testTimeout: deadline,
          hookTimeout: deadline,
          isolate: !SHARING.has(name),
        },
      })),
      { test: { name: "architecture", include: ["test/architecture.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["test/types/**/*.test-d.ts"],
            tsconfig: "test/types/tsconfig.json",
          },
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: ["test/package/pack.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
