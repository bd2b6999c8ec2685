/**
 * The options of `connect`, checked at the door, with their defaults filled in.
 * It must not know engines. Tests: test/unit/core/options.test.ts.
 */
import { InterfaceError } from "../errors/tree.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { IntegerMode, TextMode } from "../values/types.ts";
import type { Location } from "./location.ts";
import {
  checkReplicaOptions,
  REPLICA_OPTIONS,
  type ReplicaOptions,
  refuseReplicaOptions,
} from "./replica.ts";
import { refuseServerOptions, SERVER_OPTIONS, type ServerOptions } from "./server.ts";

/** Transactions are begun implicitly, as Python's `sqlite3` did before it had `autocommit`. The default. */
export const LEGACY_TRANSACTION_CONTROL = -1;

/** What kind of implicit BEGIN there is in legacy mode; `null` for none. */
export type IsolationLevel = "" | "DEFERRED" | "IMMEDIATE" | "EXCLUSIVE" | null;

/** `true`: SQLite's own autocommit. `false`: always in a transaction. `-1`: {@link LEGACY_TRANSACTION_CONTROL}. */
export type Autocommit = boolean | typeof LEGACY_TRANSACTION_CONTROL;

/** The options of `connect`. `timeout`, `readonly`, `fileMustExist` and `cachedStatements` are about local files. */
export interface ConnectOptions<T = unknown> extends ServerOptions, ReplicaOptions {
  /** How long to wait for another connection's lock, in milliseconds: 0 to 2147483647. Default 5000. */
  readonly timeout?: number;
  /** The implicit BEGIN of legacy mode, in any case. Default `""` (a plain BEGIN, which is DEFERRED). */
  readonly isolationLevel?: IsolationLevel | Lowercase<Exclude<IsolationLevel, null>>;
  /** Default {@link LEGACY_TRANSACTION_CONTROL}. */
  readonly autocommit?: Autocommit;
  /** `PARSE_DECLTYPES`, `PARSE_COLNAMES`, both or neither (0, the default). */
  readonly detectTypes?: number;
  /** How many prepared statements are kept: 0 and up. Default 128. */
  readonly cachedStatements?: number;
  /** Refuses every write. Default false. */
  readonly readonly?: boolean;
  /** Refuses to create the file. Default false. */
  readonly fileMustExist?: boolean;
  /** How INTEGER is read. Default `"auto"`: a number when safe, else a bigint. */
  readonly integers?: IntegerMode;
  /** What a row becomes; `null` is an array. */
  readonly rowFactory?: RowFactory<T> | null;
}

/** The options with nothing left open. */
export interface Settings {
  readonly timeout: number;
  readonly isolationLevel: IsolationLevel;
  readonly autocommit: Autocommit;
  readonly detectTypes: number;
  readonly cachedStatements: number;
  readonly readonly: boolean;
  readonly fileMustExist: boolean;
  readonly integers: IntegerMode;
  readonly rowFactory: RowFactory<unknown> | null;
  /** Those for a server that were given. */
  readonly server: ServerOptions;
  /** Those for an embedded replica that were given. */
  readonly replica: ReplicaOptions;
  /** Every call is a transaction of its own. What the database is like, not an option. */
  readonly isStateless?: true;
  /** Every call is a round trip to a server. As above. */
  readonly isRemote?: true;
}

const MOST = 0x7fff_ffff;
const LEVELS = ["", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"] as const;
const INTEGERS = ["auto", "bigint", "number"] as const;

/** One check for each option; the keys are the options there are. */
const CHECKS: {
  readonly [K in Exclude<keyof Settings, "server" | "replica" | "isStateless" | "isRemote">]: (
    value: unknown,
  ) => Settings[K];
} = {
  timeout: (value) => wholeNumber("timeout", value, MOST),
  isolationLevel: checkIsolationLevel,
  autocommit: checkAutocommit,
  detectTypes: (value) => wholeNumber("detectTypes", value, 3),
  cachedStatements: (value) => wholeNumber("cachedStatements", value, MOST),
  readonly: (value) => flag("readonly", value),
  fileMustExist: (value) => flag("fileMustExist", value),
  integers: (value) => oneOf("integers", value, INTEGERS),
  rowFactory: checkRowFactory,
};

const DEFAULTS: Settings = {
  timeout: 5000,
  isolationLevel: "",
  autocommit: LEGACY_TRANSACTION_CONTROL,
  detectTypes: 0,
  cachedStatements: 128,
  readonly: false,
  fileMustExist: false,
  integers: "auto",
  rowFactory: null,
  server: {},
  replica: {},
};

/** The names of the options of `connect`. */
export const OPTION_NAMES: readonly string[] = [
  ...Object.keys(CHECKS),
  ...SERVER_OPTIONS,
  ...REPLICA_OPTIONS,
];

/** @throws {InterfaceError} for an option that is unknown or has a wrong value; the message names it */
export function checkOptions(options: unknown): Settings {
  if (options === undefined) return DEFAULTS;
  if (typeof options !== "object" || options === null) {
    throw new InterfaceError(`options must be an object, not ${show(options)}`);
  }
  const server: Record<string, unknown> = {};
  const replica: Record<string, unknown> = {};
  const settings: Record<string, unknown> = { ...DEFAULTS, server, replica };
  for (const [name, value] of Object.entries(options)) {
    if (!OPTION_NAMES.includes(name)) {
      throw new InterfaceError(`unknown option '${name}': expected one of ${OPTION_NAMES.join(", ")}`);
    }
    if (value === undefined) continue;
    if (Object.hasOwn(CHECKS, name)) settings[name] = CHECKS[name as keyof typeof CHECKS](value);
    else if ((REPLICA_OPTIONS as readonly string[]).includes(name)) replica[name] = value;
    else server[name] = value;
  }
  checkReplicaOptions(replica);
  return settings as unknown as Settings;
}

/** What an embedded engine is opened with. */
export function openOptions(settings: Settings, { path, readonly, fileMustExist }: Location) {
  refuseReplicaOptions(settings);
  refuseServerOptions(settings);
  return {
    path,
    readonly: settings.readonly || readonly,
    fileMustExist: settings.fileMustExist || fileMustExist,
    timeout: settings.timeout,
    cachedStatements: settings.cachedStatements,
  };
}

export function checkIsolationLevel(value: unknown): IsolationLevel {
  return value === null ? null : keyword("isolationLevel", value, LEVELS, "null");
}

export function checkAutocommit(value: unknown): Autocommit {
  if (typeof value === "boolean" || value === LEGACY_TRANSACTION_CONTROL) return value;
  throw wrong("autocommit", "true, false or LEGACY_TRANSACTION_CONTROL", value);
}

export function checkRowFactory<T>(value: RowFactory<T> | null): RowFactory<T> | null;
export function checkRowFactory(value: unknown): RowFactory<unknown> | null;
export function checkRowFactory(value: unknown): RowFactory<unknown> | null {
  if (value === null || typeof value === "function") return value as RowFactory<unknown> | null;
  throw wrong("rowFactory", "a function or null", value);
}

export function checkTextFactory(value: unknown): TextMode {
  return oneOf("textFactory", value, ["string", "buffer"]);
}

/** The options of a call, which may be left out. */
export function checkCallOptions<O extends object>(options: O | undefined): Partial<O> {
  if (options === undefined) return {};
  if (typeof options === "object" && options !== null) return options;
  throw wrong("options", "an object", options);
}

export function checkFunction<F>(name: string, value: F): F {
  if (typeof value === "function") return value;
  throw wrong(name, "a function", value);
}

/** A whole number from 0 to `most`. */
export function wholeNumber(name: string, value: unknown, most: number, least = 0): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw wrong(name, `a whole number from ${least} to ${most}`, value);
}

export function flag(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw wrong(name, "true or false", value);
}

function oneOf<const T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw wrong(name, listOf(allowed), value);
}

/** One of a few words of SQL, in any case. `other` is what may stand there besides. */
export function keyword<const T extends string>(
  name: string,
  value: unknown,
  allowed: readonly T[],
  other?: string,
): T {
  const word = typeof value === "string" ? value.toUpperCase() : null;
  const found = allowed.find((candidate) => candidate === word);
  if (found !== undefined) return found;
  throw wrong(name, other === undefined ? listOf(allowed) : `${listOf(allowed)} or ${other}`, value);
}

function listOf(words: readonly string[]): string {
  return words.map((word) => JSON.stringify(word)).join(", ");
}

function wrong(name: string, expected: string, value: unknown): InterfaceError {
  return new InterfaceError(`${name} must be ${expected}, not ${show(value)}`);
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return typeof value === "function" ? "a function" : String(value);
}
