/**
 * A Hrana server that lies, stalls and breaks off as it is told, in its own process: a driver that waits synchronously
 * would never hear from one on its own thread. It stands in front of a real server, or answers alone.
 * Must not know this library. Tests: test/unit/servers/fake-hrana.test.ts.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Counts, FromFake, Seen, ToFake } from "./fake/messages.ts";
import type { Rule } from "./fake/rules.ts";

export type { Counts, Seen } from "./fake/messages.ts";
export type { Answer, Rule } from "./fake/rules.ts";

const PROGRAM = fileURLToPath(new URL("./fake-hrana-process.ts", import.meta.url));

/**
 * Starts a fake server.
 * @param upstream the URL of a real server, asked where no rule has a word; without one that is an empty 404
 */
export async function startFakeHrana(upstream = "", { tls = false }: FakeOptions = {}): Promise<FakeHrana> {
  const child = fork(PROGRAM, [upstream, tls ? "tls" : ""], { execArgv: [] });
  const [message] = (await once(child, "message")) as [FromFake & { readonly kind: "ready" }];
  return new FakeHrana(child, message.port, message.certificate);
}

export interface FakeOptions {
  /** Speak HTTPS, with a certificate that signs itself. Default false. */
  readonly tls?: boolean;
}

export class FakeHrana {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, or `https:`; the same port takes WebSocket. */
  readonly url: string;
  /** What to trust, in PEM; null without TLS. */
  readonly certificate: string | null;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #last = 0;

  constructor(child: ChildProcess, port: number, certificate: string | null) {
    this.#child = child;
    this.port = port;
    this.certificate = certificate;
    this.url = `${certificate === null ? "http" : "https"}://127.0.0.1:${port}`;
    child.on("message", (message: FromFake) => {
      if (message.kind !== "answer") return;
      this.#waiting.get(message.id)?.(message.value);
      this.#waiting.delete(message.id);
    });
  }

  /** Puts new rules in the place of the old ones, and forgets what it has seen. */
  async rules(...rules: readonly Rule[]): Promise<void> {
    await this.#ask((id) => ({ kind: "rules", id, rules }));
  }

  /** The requests and messages since the rules were given, in order. */
  async seen(): Promise<readonly Seen[]> {
    return (await this.#ask((id) => ({ kind: "seen", id }))) as readonly Seen[];
  }

  async counts(): Promise<Counts> {
    return (await this.#ask((id) => ({ kind: "counts", id }))) as Counts;
  }

  /** Ends every connection politely, as a server does with one that is idle. */
  async dropConnections(): Promise<void> {
    await this.#ask((id) => ({ kind: "drop", id }));
  }

  #ask(message: (id: number) => ToFake): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.#child.send(message(id), (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  /** Ends the process. A second call does nothing. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "close");
  }
}
