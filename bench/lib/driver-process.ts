/**
 * The process of one driver: holds its database, runs samples when told to, so that no driver shares a heap or
 * compiled code with another.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drivers } from "../drivers/all.ts";
import type { Database } from "../drivers/driver.ts";
import { trials } from "../trials/all.ts";
import type { Sample } from "../trials/trial.ts";
import type { Answer, Question } from "./messages.ts";

const driver = drivers.find(({ name }) => name === process.argv[2]);
if (driver === undefined) throw new Error(`no driver is called ${process.argv[2]}`);
const library = await driver.load();

let running: { readonly sample: Sample; readonly close: () => void } | null = null;

function openFor(onFile: boolean): { readonly database: Database; readonly close: () => void } {
  if (!onFile) {
    const database = library.open(":memory:");
    return { database, close: () => database.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), "sqlite-dbapi-bench-"));
  const database = library.open(join(folder, "bench.db"));
  database.script("pragma journal_mode = wal");
  const close = () => {
    database.close();
    rmSync(folder, { recursive: true });
  };
  return { database, close };
}

async function answer(question: Question): Promise<Answer> {
  switch (question.ask) {
    case "facts": {
      const database = library.open(":memory:");
      const sqlite = String(database.first("select sqlite_version()")()?.[0]);
      database.close();
      return { say: "facts", facts: { version: library.version, sqlite } };
    }
    case "prepare": {
      const trial = trials.find(({ name }) => name === question.trial);
      if (trial === undefined || driver === undefined)
        throw new Error(`no trial is called ${question.trial}`);
      const { database, close } = openFor(trial.onFile ?? false);
      running = { sample: () => 0, close };
      running = { sample: trial.prepare(database, driver), close };
      return { say: "done" };
    }
    case "sample":
      if (running === null) throw new Error("no trial is prepared");
      return { say: "sample", elapsed: await running.sample() };
    case "finish":
      running?.close();
      running = null;
      return { say: "done" };
  }
}

process.on("message", async (question: Question) => {
  try {
    process.send?.(await answer(question));
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({ say: "failed", message } satisfies Answer);
  }
});
