/**
 * The channel to a driver that is no JavaScript: a line a question, a line of JSON an answer.
 *
 *     facts                    {"say": "facts", "facts": {"version": "…", "sqlite": "…"}}
 *     prepare <trial> <count>  {"say": "done"}
 *     sample                   {"say": "sample", "taken": <milliseconds>}
 *     finish                   {"say": "done"}
 *
 * or `{"say": "failed", "message": "…"}`. What the table is made of comes in the environment, so that it is written down
 * once: ITEM_SCRIPT, FRESH_SCRIPT and ROWS.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Channel } from "./driver-handle.ts";
import type { Answer, Question } from "./messages.ts";
import { freshScript, itemScript, size } from "./table.ts";

/**
 * @param command what to run
 * @param wordsFor the program's word for a trial, and how many units of it a sample does
 */
export function programChannel(
  [file, ...args]: readonly [file: string, ...args: string[]],
  wordsFor: (trial: string) => string,
): Channel {
  const table = { ITEM_SCRIPT: itemScript, FRESH_SCRIPT: freshScript, ROWS: String(size) };
  const child = spawn(file, args, { stdio: "pipe", env: { ...process.env, ...table } });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  const lastWords = () => complaint.trim().split("\n").at(-1) ?? "";
  // A process that has gone is told of by the answer that does not come.
  child.stdin.on("error", () => {});
  const ended = once(child, "close").then(
    ([code, signal]) => `its process ended with ${signal ?? `code ${code}`}. ${lastWords()}`.trim(),
    (error: Error) => error.message,
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  function lineFor(question: Question): string {
    return question.ask === "prepare" ? `prepare ${wordsFor(question.trial)}` : question.ask;
  }

  return {
    async exchange(question) {
      child.stdin.write(`${lineFor(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(await ended);
      try {
        return JSON.parse(value) as Answer;
      } catch {
        throw new Error(`expected a line of JSON, got ${JSON.stringify(value)}`);
      }
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
