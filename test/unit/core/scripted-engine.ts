// A scripted engine: what core asks for is written down, and what it gets is what the test says. Not a test file.
import { bindValues } from "../../../src/core/bind.ts";
import { refill } from "../../../src/core/cursor-operations.ts";
import { ABSENT, CursorState } from "../../../src/core/cursor-state.ts";
import { checkOptions } from "../../../src/core/options.ts";
import { run } from "../../../src/core/run.ts";
import { Session } from "../../../src/core/session.ts";
import { open } from "../../../src/core/transaction.ts";
import type { ControlStep, Engine, ExecuteReply, ExecuteRequest } from "../../../src/engine/port.ts";
import type { Parameters, SqlRow } from "../../../src/values/types.ts";

/** One call of the engine: the method's name and its arguments. */
export type Call = readonly [method: string, ...args: readonly unknown[]];

export interface Scripted {
  readonly engine: Engine;
  /** Every call so far. */
  readonly calls: Call[];
  /** The transaction statements that really ran, their conditions considered. */
  readonly ran: string[];
  readonly session: Session;
  inTransaction: boolean;
}

function unscripted(method: string): never {
  throw new Error(`the test has no script for ${method}()`);
}

/**
 * @param answers what the methods do; `control` keeps the state of the transaction unless it is given
 * @param refuse what a transaction statement fails with, by its text
 */
export function scripted(
  answers: Partial<Engine> = {},
  options: unknown = undefined,
  refuse: Readonly<Record<string, Error>> = {},
): Scripted {
  const calls: Call[] = [];
  const ran: string[] = [];
  const step = ({ sql, when }: ControlStep) => {
    if (script.inTransaction !== (when === "open")) return;
    ran.push(sql);
    if (refuse[sql] !== undefined) throw refuse[sql];
    if (sql.startsWith("BEGIN")) script.inTransaction = true;
    if (sql === "COMMIT" || sql === "ROLLBACK") script.inTransaction = false;
  };
  const methods: Record<string, unknown> = {
    control: (steps: readonly ControlStep[]) => steps.forEach(step),
    discard: () => undefined,
    close: () => undefined,
    ...answers,
  };
  const engine = new Proxy({} as Engine, {
    get(_, name) {
      if (name === "name") return "scripted";
      if (name === "path") return "/scripted.db";
      if (name === "inTransaction") return script.inTransaction;
      return (...args: readonly unknown[]) => {
        calls.push([String(name), ...args]);
        const method = methods[String(name)];
        return typeof method === "function" ? method(...args) : unscripted(String(name));
      };
    },
  });
  const session = new Session(checkOptions(options), "scripted.db", engine);
  const script: Scripted = { engine, calls, ran, session, inTransaction: false };
  return script;
}

/** A connection as `connect` leaves it. What opening ran is not counted. */
export function connected(options: unknown, refuse: Readonly<Record<string, Error>> = {}): Scripted {
  const script = scripted({}, options, refuse);
  run(open(script.session), script.engine);
  script.ran.length = 0;
  return script;
}

/** What a statement does to the connection before it runs, where it begins a transaction. */
export function begin(script: Scripted): void {
  script.session.enter();
  script.inTransaction = true;
}

/** What a call throws; undefined where it throws nothing. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** An answer of the engine, with what is usual left out. */
export function reply(rows: SqlRow[], more: Partial<ExecuteReply> = {}): ExecuteReply {
  const columns = (rows[0] ?? []).map((_, i) => ({ name: `c${i}`, type: null }));
  return { rows, reader: 0, error: null, columns, changes: -1, lastrowid: null, ...more };
}

/** What a cursor asks for to execute a statement. */
export function request(
  state: CursorState<unknown>,
  sql: string,
  parameters?: Parameters,
): ExecuteRequest | null {
  const text = state.enter(sql);
  return state.start(text, bindValues(text.parameters, parameters), "page");
}

/** A cursor that has executed a statement and got this answer. */
export function executed(script: Scripted, answer: ExecuteReply, sql = "SELECT 1"): CursorState<unknown> {
  const state = new CursorState<unknown>(script.session, null, null);
  if (request(state, sql) !== null) state.accept(answer);
  return state;
}

/** Fetches one row the way the synchronous face does. */
export function fetchone(script: Scripted, state: CursorState<unknown>): unknown {
  const row = state.take();
  if (row !== ABSENT || !state.hasMore) return row;
  run(refill(state), script.engine);
  return state.take();
}
