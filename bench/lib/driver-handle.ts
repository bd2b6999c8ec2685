/**
 * The parent's end of a driver process: start it, ask, stop it.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Question } from "./messages.ts";

const script = fileURLToPath(new URL("driver-process.ts", import.meta.url));

/** A driver in its own process. */
export interface DriverHandle {
  readonly name: string;
  /** @throws {Error} when the driver fails or its process ends. */
  ask<Say extends Answer["say"]>(question: Question, say: Say): Promise<Extract<Answer, { say: Say }>>;
  stop(): Promise<void>;
}

function nextAnswer(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null, signal: string | null): void =>
      reject(new Error(`its process ended with ${signal ?? `code ${code}`}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message as Answer);
    });
  });
}

/** @param place where the suite's server is; "" for suites without one. */
export function start(suite: string, name: string, place: string): DriverHandle {
  const execArgv = ["--disable-warning=ExperimentalWarning"];
  const child = fork(script, [suite, name, place], { execArgv });
  return {
    name,
    async ask<Say extends Answer["say"]>(question: Question, say: Say) {
      if (!child.connected) throw new Error(`${name}: its process has ended`);
      const answered = nextAnswer(child);
      child.send(question);
      const answer = await answered;
      if (answer.say === "failed") throw new Error(`${name}: ${answer.message}`);
      if (answer.say !== say) throw new Error(`${name}: expected ${say}, got ${answer.say}`);
      return answer as Extract<Answer, { say: Say }>;
    },
    async stop() {
      if (!child.connected) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}
