/**
 * The ways to reach a database: the four quadrants, and replicas on both faces, as data. It must not know a test. Not a test file.
 */
import * as aio from "../../src/aio.ts";
import { type ConnectOptions, connect, type SqlValue } from "../../src/index.ts";
import { ALL, type Capabilities, ON_A_REPLICA, ON_A_SERVER } from "./capabilities.ts";
import type { Door } from "./second-process.ts";

/**
 * A connection of any quadrant, typed as the promised face: a body awaits every result, and the linter sees where it
 * forgot to. The synchronous face has the same members (test/types/parity.test-d.ts), and `await` takes its plain values.
 */
export type AnyConnection<T = SqlValue[]> = aio.AsyncConnection<T>;
/** A cursor of any quadrant. */
export type AnyCursor<T = SqlValue[]> = aio.AsyncCursor<T>;

export interface Quadrant {
  readonly name: string;
  /** What the engine calls itself. */
  readonly engine: string;
  readonly can: Capabilities;
  /** Whether results come as they are, without promises. */
  readonly isSynchronous: boolean;
  /** What a child process imports. */
  readonly door: Door;
  /** How servers are reached; null where there are none. Each test finds their databases empty. */
  readonly server: "http" | "ws" | null;
  /** Each connection is an embedded replica of a server's database, with a file of its own. */
  readonly isReplica?: true;
  connect<T>(
    database: string | URL,
    options: ConnectOptions<T> | undefined,
  ): AnyConnection<T> | Promise<AnyConnection<T>>;
}

/** One transport for each face, since the engine behind both is the same; REMOTE_SWAPPED=1 for the other way round. */
const [ofSync, ofAio] =
  process.env.REMOTE_SWAPPED === "1" ? (["ws", "http"] as const) : (["http", "ws"] as const);

export const quadrants: readonly Quadrant[] = [
  {
    name: "sync, local",
    engine: "better-sqlite3",
    isSynchronous: true,
    server: null,
    can: ALL,
    door: "index",
    connect: (database, options) => connect(database, options) as unknown as AnyConnection<never>,
  },
  {
    name: "aio, local",
    engine: "better-sqlite3",
    isSynchronous: false,
    server: null,
    can: { ...ALL, inProcess: false },
    door: "aio",
    connect: aio.connect,
  },
  {
    name: `sync, remote over ${ofSync}`,
    engine: "libSQL server",
    isSynchronous: true,
    server: ofSync,
    can: ON_A_SERVER,
    door: "index",
    connect: (database, options) => connect(database, options) as unknown as AnyConnection<never>,
  },
  {
    name: `aio, remote over ${ofAio}`,
    engine: "libSQL server",
    isSynchronous: false,
    server: ofAio,
    can: ON_A_SERVER,
    door: "aio",
    connect: aio.connect,
  },
];

export const replicas: readonly Quadrant[] = [
  {
    name: "sync, replica",
    engine: "embedded replica",
    isSynchronous: true,
    server: "http",
    isReplica: true,
    can: ON_A_REPLICA,
    door: "index",
    connect: (database, options) => connect(database, options) as unknown as AnyConnection<never>,
  },
  {
    name: "aio, replica",
    engine: "embedded replica",
    isSynchronous: false,
    server: "ws",
    isReplica: true,
    can: ON_A_REPLICA,
    door: "aio",
    connect: aio.connect,
  },
];
