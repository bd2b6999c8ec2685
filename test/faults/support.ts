// What the fault tests share: a directory of their own, child processes, and what a call throws. Not a test file.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type Connection, type ConnectOptions, connect } from "../../src/index.ts";

/** A query with more rows than a first page. */
export const LONG =
  "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 3000) SELECT x FROM r";

/** A directory of the test's own, removed when it is over. */
export function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "sqlite-dbapi-faults-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A connection that is closed when the test is over. */
export function open(path = ":memory:", options: ConnectOptions<unknown[]> = {}): Connection<unknown[]> {
  const conn = connect(path, options);
  onTestFinished(() => {
    // Whatever the test did to it: a connection that cannot be closed fails the test.
    conn.close();
  });
  return conn;
}

/** What a call throws; undefined where it throws nothing. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** An array whose second element does something when it is asked for. */
export function trapped(work: () => unknown): number[] {
  return Object.defineProperty([1, 2], 1, {
    get: () => {
      work();
      return 2;
    },
  });
}

/** A child process of ours, with what it has written, line by line. */
export interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  readonly errors: string[];
  /** Waits for a line, or for the end if it comes first. */
  line(wanted: string): Promise<void>;
  /** Waits for the end: the exit code, or the name of the signal. */
  ended(): Promise<number | NodeJS.Signals | null>;
}

export interface ChildOptions extends SpawnOptions {
  /** Arguments for Node itself. */
  readonly node?: readonly string[];
  /** A shell command to run first, such as `ulimit`. */
  readonly shell?: string;
}

/** Starts a program of test/faults/children with some arguments. It is killed when the test is over. */
export function start(program: URL, args: readonly unknown[], options: ChildOptions = {}): Child {
  const { node = [], shell, ...rest } = options;
  const command = [
    process.execPath,
    ...node,
    fileURLToPath(program),
    ...args.map((arg) => JSON.stringify(arg)),
  ];
  const [file = "", ...others] =
    shell === undefined ? command : ["/bin/sh", "-c", `${shell}; exec "$@"`, "sh", ...command];
  const child = spawn(file, others, { stdio: ["pipe", "pipe", "pipe"], ...rest });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  const errors: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of waiting) look();
  };
  let end: number | NodeJS.Signals | null | undefined;
  child.once("close", (code, signal) => {
    end = signal ?? code;
    wake();
  });
  child.once("error", (error) => {
    errors.push(String(error));
    end = -1;
    wake();
  });
  const collect = (stream: NodeJS.ReadableStream | null, into: string[]) => {
    if (stream === null) return;
    createInterface({ input: stream }).on("line", (line) => {
      into.push(line);
      wake();
    });
  };
  collect(child.stdout, lines);
  collect(child.stderr, errors);
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!isSo() && end === undefined) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return {
    process: child,
    lines,
    errors,
    line: (wanted) => until(() => lines.includes(wanted)),
    ended: async () => {
      await until(() => false);
      return end ?? null;
    },
  };
}
