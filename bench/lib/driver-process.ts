/**
 * The process of one driver: holds its database, runs samples when told to, so that no driver shares a heap or
 * compiled code with another.
 */
import { suiteNamed } from "../suites.ts";
import type { Answer, Question } from "./messages.ts";
import type { Prepared } from "./trial.ts";

const [suite = "", driver = "", place = ""] = process.argv.slice(2);
const loading = suiteNamed(suite).then((one) => one.load(driver, place));
// Who asks is told.
loading.catch(() => {});

let running: Prepared | null = null;

async function answer(question: Question): Promise<Answer> {
  const library = await loading;
  switch (question.ask) {
    case "facts": {
      const database = await library.open(place === "" ? ":memory:" : place);
      const find = await database.first("select sqlite_version()");
      const sqlite = String((await find())?.[0]);
      await database.close();
      return { say: "facts", facts: { version: library.version(), sqlite } };
    }
    case "prepare":
      running = await library.prepare(question.trial);
      return { say: "done" };
    case "sample":
      if (running === null) throw new Error("no trial is prepared");
      return { say: "sample", taken: await running.sample() };
    case "finish":
      await running?.close();
      running = null;
      return { say: "done" };
  }
}

// Also when the bench has failed in the middle of a trial: a thread of the driver's may keep the process alive.
process.once("disconnect", async () => {
  try {
    await running?.close();
  } finally {
    process.exit();
  }
});

process.on("message", async (question: Question) => {
  try {
    process.send?.(await answer(question));
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.send?.({ say: "failed", message } satisfies Answer);
  }
});
