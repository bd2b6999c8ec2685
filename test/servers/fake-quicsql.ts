/**
 * A server that speaks as quicSQL does, its JSON API and its dialect of Hrana, in its own process; its answers come from a real
 * SQLite. Written from quicSQL's own documentation (quicsql.com/docs/clients/http-api, /docs/hrana).
 * Must not know this library. Tests: test/unit/servers/fake-quicsql.test.ts.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./fake-quicsql-process.ts", import.meta.url));

export interface QuicsqlOptions {
  /** What a bearer must show. Default: nobody is asked. */
  readonly token?: string;
  /** Rows of a result before it is cut off. Default 100000. */
  readonly maxRows?: number;
  /** The port to listen on; a free one unless told. */
  readonly port?: number;
}

/** What the process is told, and what it says. */
export interface Start {
  readonly directory: string;
  readonly token: string | null;
  readonly maxRows: number;
  readonly port: number;
}

export interface FakeQuicsql {
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** The bodies of the requests so far, in order. */
  requests(): Promise<readonly { readonly path: string; readonly body: string }[]>;
  /** Answers the next request with this instead. */
  answerNext(status: number, body: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one, whose only database is `app`. */
export async function startFakeQuicsql({
  token,
  maxRows = 100_000,
  port = 0,
}: QuicsqlOptions = {}): Promise<FakeQuicsql> {
  const directory = await mkdtemp(join(tmpdir(), "sqlite-dbapi-quicsql-"));
  const start: Start = { directory, token: token ?? null, maxRows, port };
  const child = fork(PROGRAM, [JSON.stringify(start)], { execArgv: [] });
  const [ready] = (await once(child, "message")) as [{ readonly port: number }];
  return {
    port: ready.port,
    host: `127.0.0.1:${ready.port}`,
    requests: () => ask(child, { kind: "requests" }) as Promise<never>,
    answerNext: async (status, body) => void (await ask(child, { kind: "next", status, body })),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "close");
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function ask(child: ChildProcess, message: object): Promise<unknown> {
  const answer = once(child, "message");
  child.send(message);
  return (await answer)[0];
}
