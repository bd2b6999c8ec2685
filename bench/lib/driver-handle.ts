/**
 * The parent's end of a driver process: start it, ask, stop it. How the two talk is each channel's own affair.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Question } from "./messages.ts";
import { programChannel } from "./program-channel.ts";
import type { Suite } from "./suite.ts";

const script = fileURLToPath(new URL("driver-process.ts", import.meta.url));

/** A driver in its own process. */
export interface DriverHandle {
  readonly name: string;
  /** @throws {Error} when the driver fails or its process ends. */
  ask<Say extends Answer["say"]>(question: Question, say: Say): Promise<Extract<Answer, { say: Say }>>;
  stop(): Promise<void>;
}

/** What carries questions to a process and answers back, one at a time. */
export interface Channel {
  /** @throws {Error} when the process ends before its answer. */
  exchange(question: Question): Promise<Answer>;
  /** Lets the process end, and waits for that. */
  close(): Promise<void>;
}

/**
 * @param suite whose driver it is
 * @param place where the suite's server is; "" for suites without one.
 * @param mayBuild whether a peer may be compiled first, where it is not yet
 */
export async function start(
  suite: Suite,
  name: string,
  place: string,
  mayBuild: boolean,
): Promise<DriverHandle> {
  const program = suite.programs.find((one) => one.name === name);
  const channel =
    program === undefined
      ? nodeChannel(suite.name, name, place)
      : programChannel(await program.command(mayBuild), (trial) => {
          const count = suite.trials.find((one) => one.name === trial)?.count ?? 0;
          return `${program.trials[trial]} ${count}`;
        });
  return {
    name,
    async ask<Say extends Answer["say"]>(question: Question, say: Say) {
      let answer: Answer;
      try {
        answer = await channel.exchange(question);
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
      if (answer.say === "failed") throw new Error(`${name}: ${answer.message}`);
      if (answer.say !== say) throw new Error(`${name}: expected ${say}, got ${answer.say}`);
      return answer as Extract<Answer, { say: Say }>;
    },
    stop: () => channel.close(),
  };
}

/** A process of Node's, by its own messages. */
function nodeChannel(suite: string, name: string, place: string): Channel {
  const execArgv = ["--disable-warning=ExperimentalWarning"];
  const child = fork(script, [suite, name, place], { execArgv });
  return {
    async exchange(question) {
      if (!child.connected) throw new Error("its process has ended");
      const answered = nextAnswer(child);
      child.send(question);
      return answered;
    },
    async close() {
      if (!child.connected) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
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
