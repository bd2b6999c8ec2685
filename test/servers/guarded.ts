/**
 * A server in its own process that does not outlive the process which started it: however that one ends, SIGKILL
 * included, a shell that waits at a pipe kills the server and removes its directory. Must not know which server it is.
 * Tests: test/unit/servers/sqld.test.ts.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";

/** Waits for the number of the process, and then until the pipe breaks. Its argument: a directory to remove, or `""`. */
const GUARD = `trap "" INT TERM HUP
read -r pid
cat >/dev/null
[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
[ -z "$1" ] || rm -rf "$1"`;

/** How long a process may take to end by itself, milliseconds; then it is killed. */
const PATIENCE = 5000;

export interface GuardedOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Removed when this process dies before the server was ended; `null` for none. */
  readonly directory: string | null;
}

export class Guarded {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #output = "";

  constructor(file: string, args: readonly string[], { environment, directory }: GuardedOptions) {
    // The guard is there first: starting a process takes a while, and this one may be killed at any time.
    const guard = spawn("/bin/sh", ["-c", GUARD, "sh", directory ?? ""], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    this.#child = spawn(file, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    guard.stdin.on("error", () => {}).write(`${this.pid === 0 ? "" : this.pid}\n`);
    guard.on("error", () => this.#child.kill("SIGKILL"));
    guard.unref();
    (guard.stdin as Socket).unref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    this.#exit = once(this.#child, "close").catch((error: unknown) => {
      this.#output += String(error);
    });
    void this.#exit.then(() => guard.kill("SIGKILL"));
  }

  /** The number of the process; 0 where it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it has written so far, to both outputs. */
  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.pid === 0 || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until it has ended by itself or by a signal. */
  async ended(): Promise<void> {
    await this.#exit;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end; what has not ended after five seconds is killed. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal("SIGKILL"), PATIENCE);
    await this.#exit;
    clearTimeout(timer);
  }
}
