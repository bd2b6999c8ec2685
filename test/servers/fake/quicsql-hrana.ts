/**
 * quicSQL's dialect of Hrana: the extended code by name in `code`, no counts of what it takes for a query, no declared types, and
 * `truncated` where a result was cut off. A stream is a connection of its own.
 * @see https://quicsql.com/docs/hrana/
 */
import {
  type Binding,
  failureOf,
  type NativeDatabase,
  type Result,
  run,
  type Value,
} from "./quicsql-database.ts";

interface WireValue {
  readonly type: "null" | "integer" | "float" | "text" | "blob";
  readonly value?: string | number;
  readonly base64?: string;
}

interface Statement {
  readonly sql: string;
  readonly args?: readonly WireValue[];
  readonly named_args?: readonly { readonly name: string; readonly value: WireValue }[];
}

interface Condition {
  readonly type: "ok" | "error" | "not" | "and" | "or" | "is_autocommit";
  readonly step?: number;
  readonly cond?: Condition;
  readonly conds?: readonly Condition[];
}

interface Batch {
  readonly steps: readonly { readonly condition?: Condition; readonly stmt: Statement }[];
}

interface Request {
  readonly type: string;
  readonly stmt?: Statement;
  readonly batch?: Batch;
  readonly sql?: string;
}

interface Outcome {
  readonly results: (object | null)[];
  readonly errors: (object | null)[];
}

export class Hrana {
  readonly #open: () => NativeDatabase;
  readonly #maxRows: number;
  readonly #streams = new Map<string, NativeDatabase>();
  #last = 0;

  constructor(open: () => NativeDatabase, maxRows: number) {
    this.#open = open;
    this.#maxRows = maxRows;
  }

  /** The stream of a baton, which is spent by that. */
  #take(baton: string | null): NativeDatabase | undefined {
    if (baton === null) return this.#open();
    const db = this.#streams.get(baton);
    this.#streams.delete(baton);
    return db;
  }

  #keep(db: NativeDatabase): string {
    const baton = `baton-${++this.#last}`;
    this.#streams.set(baton, db);
    return baton;
  }

  pipeline(body: string) {
    const { baton, requests } = JSON.parse(body) as {
      readonly baton: string | null;
      readonly requests: readonly Request[];
    };
    const db = this.#take(baton);
    if (db === undefined) return expired();
    const results = requests.map((request) => this.#answer(db, request));
    const isClosed = requests.some(({ type }) => type === "close");
    if (isClosed) db.close();
    return json({ baton: isClosed ? null : this.#keep(db), base_url: null, results });
  }

  cursor(body: string) {
    const { baton, batch } = JSON.parse(body) as { readonly baton: string | null; readonly batch: Batch };
    const db = this.#take(baton);
    if (db === undefined) return expired();
    const lines: object[] = [];
    this.#batch(db, batch, (step, result, error) => {
      if (error !== null) return void lines.push({ type: "step_error", step, error });
      const { cols, rows, ...end } = result as { readonly cols: object; readonly rows: readonly object[] };
      lines.push({ type: "step_begin", step, cols }, ...rows.map((row) => ({ type: "row", row })), {
        type: "step_end",
        ...end,
      });
    });
    const head = { baton: this.#keep(db), base_url: null };
    return { status: 200, body: [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("") };
  }

  #answer(db: NativeDatabase, { type, stmt, batch, sql = "" }: Request): object {
    try {
      return { type: "ok", response: { type, ...this.#respond(db, type, stmt, batch, sql) } };
    } catch (error) {
      return { type: "error", error: errorOf(error) };
    }
  }

  #respond(
    db: NativeDatabase,
    type: string,
    stmt: Statement | undefined,
    batch: Batch | undefined,
    sql: string,
  ): object {
    switch (type) {
      case "execute":
        return { result: this.#execute(db, stmt as Statement) };
      case "batch": {
        const { results, errors } = this.#batch(db, batch as Batch, () => {});
        return { result: { step_results: results, step_errors: errors } };
      }
      case "sequence":
        db.exec(sql);
        return {};
      case "describe": {
        const statement = db.prepare(sql);
        const cols = statement.reader
          ? statement.columns().map(({ name, type: decltype }) => ({ name, decltype }))
          : [];
        return {
          result: { params: [], cols, is_explain: /^\s*explain/i.test(sql), is_readonly: statement.readonly },
        };
      }
      case "get_autocommit":
        return { is_autocommit: !db.inTransaction };
      case "close":
        return {};
      default:
        throw new Error(`unknown request type: ${type}`);
    }
  }

  #batch(
    db: NativeDatabase,
    { steps }: Batch,
    told: (step: number, result: object | null, error: object | null) => void,
  ): Outcome {
    const outcome: Outcome = { results: steps.map(() => null), errors: steps.map(() => null) };
    for (const [step, { condition, stmt }] of steps.entries()) {
      if (condition !== undefined && !holds(condition, outcome, !db.inTransaction)) continue;
      try {
        outcome.results[step] = this.#execute(db, stmt);
      } catch (error) {
        outcome.errors[step] = errorOf(error);
      }
      told(step, outcome.results[step] ?? null, outcome.errors[step] ?? null);
    }
    return outcome;
  }

  #execute(db: NativeDatabase, { sql, args = [], named_args: named = [] }: Statement): object {
    const binding: Binding =
      named.length > 0
        ? Object.fromEntries(named.map(({ name, value }) => [name.slice(1), decode(value)]))
        : args.map(decode);
    return resultOf(run(db, sql, binding, this.#maxRows));
  }
}

function holds(
  { type, step = -1, cond, conds = [] }: Condition,
  outcome: Outcome,
  autocommit: boolean,
): boolean {
  switch (type) {
    case "ok":
      return outcome.results[step] !== null && outcome.results[step] !== undefined;
    case "error":
      return outcome.errors[step] !== null && outcome.errors[step] !== undefined;
    case "not":
      return cond !== undefined && !holds(cond, outcome, autocommit);
    case "and":
      return conds.every((one) => holds(one, outcome, autocommit));
    case "or":
      return conds.some((one) => holds(one, outcome, autocommit));
    case "is_autocommit":
      return autocommit;
  }
}

function resultOf({ columns, rows, changes, lastrowid, truncated }: Result): object {
  return {
    cols: columns.map((name) => ({ name, decltype: null })),
    rows: rows.map((row) => row.map(encode)),
    affected_row_count: changes,
    last_insert_rowid: lastrowid === 0n ? null : String(lastrowid),
    ...(truncated && { truncated }),
  };
}

function errorOf(error: unknown): object {
  const { message, name } = failureOf(error);
  return { message, code: name };
}

function decode({ type, value, base64 = "" }: WireValue): Value {
  switch (type) {
    case "null":
      return null;
    case "integer":
      return BigInt(value as string);
    case "blob":
      return Buffer.from(base64, "base64");
    default:
      return value as string | number;
  }
}

function encode(value: Value): WireValue {
  if (value === null) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "string") return { type: "text", value };
  return { type: "blob", base64: value.toString("base64") };
}

const json = (value: object) => ({ status: 200, body: JSON.stringify(value) });
const expired = () => ({
  status: 400,
  body: JSON.stringify({ error: { message: "invalid or expired baton" } }),
});
