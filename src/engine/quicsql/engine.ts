/**
 * The port over quicSQL's JSON API: every call of it is a transaction of its own, and nothing but data outlives a call.
 * It decides what the server needs, never what the DB-API means: core does.
 * Tests: test/unit/engine/quicsql, test/conformance/quicsql.test.ts.
 */
import { annotate, Detailed, ProgrammingError } from "../../errors/tree.ts";
import type { StatementText } from "../../sql/statement.ts";
import { Scanner } from "../../sql/tokenizer.ts";
import { isKeywordText } from "../../sql/words.ts";
import type { Reading } from "../../values/types.ts";
import type { Call } from "../http/call.ts";
import type { Settings } from "../http/options.ts";
import { ServerEngine } from "../http/server-engine.ts";
import { expand } from "../http/trace.ts";
import type * as port from "../port.ts";
import { type Result, rowsOf } from "./answer.ts";
import { type Api, explain, statementOf } from "./api.ts";
import { isReadonlyProgram } from "./program.ts";
import { refuseTransaction, scriptStatements } from "./stateless.ts";

/** What the engine is called. */
const NAME = "quicSQL's JSON API";
/** What the connection did last, for statements of which the server does not say it. */
const COUNTERS = '{"sql":"SELECT changes(), last_insert_rowid()"}';
const PLAIN: Reading = { integers: "auto", text: "string" };

export class QuicsqlEngine extends ServerEngine implements port.AsyncEngine {
  readonly name = NAME;
  /** No call leaves a transaction behind. */
  readonly inTransaction = false;
  readonly #api: Api;

  constructor(api: Api, settings: Settings) {
    super(settings);
    this.#api = api;
  }

  execute(request: port.ExecuteRequest): Promise<port.ExecuteReply> {
    return this.call(async (call) => {
      const text = this.describe(request.sql);
      refuseTransaction(text, request);
      this.show?.(expand(text.sql, request.values));
      const effect = request.reads ? "read" : "write";
      const result = await this.#run(text, request, effect, call);
      const { rows, error } = await this.#api.reading(effect, call, () => rowsOf(result, request.reading));
      if (error !== null && rows.length === 0) throw error;
      const isFirst = request.rows === "first" && rows.length > 0;
      return {
        rows: isFirst ? rows.slice(0, 1) : rows,
        reader: 0,
        error: isFirst ? null : error,
        columns: result.columns.map((name) => ({ name, type: null })),
        ...this.#counted(text, result),
      };
    });
  }

  async #run(
    text: StatementText,
    request: port.ExecuteRequest,
    effect: "read" | "write",
    call: Call,
  ): Promise<Result> {
    const body = statementOf(text, request.values);
    const digits = request.reading.integers === "bigint" ? "all" : "long";
    if (text.isDml && isTakenForQuery(text)) return this.#counting(text, body, call, digits);
    return this.#api.statement(body, text.sql, effect, call, digits);
  }

  /** Runs a statement and asks in the same transaction what it did. */
  async #counting(text: StatementText, body: string, call: Call, digits: "all" | "long"): Promise<Result> {
    const { results, refusal } = await this.#api.batch([body, COUNTERS], call, digits);
    if (refusal !== null) throw await this.#api.errorOf(refusal.error, text.sql, "write", call);
    return this.#api.reading("write", call, () => counted(results)[0] as Result);
  }

  #counted(text: StatementText, result: Result): Pick<port.ExecuteReply, "changes" | "lastrowid"> {
    if (!text.isDml) return { changes: -1, lastrowid: null };
    this.counters.add(result, text.isInsert);
    return { changes: result.changes, lastrowid: this.counters.lastrowid };
  }

  /** Every set is applied, or none is. */
  executemany(request: port.ManyRequest): Promise<port.ManyReply> {
    return this.call(async (call) => {
      const text = this.describe(request.sql);
      const { count, width, values } = request;
      refuseTransaction(text, request);
      if (count === 0) return { changes: 0, error: null, index: -1 };
      const each = isTakenForQuery(text) ? 2 : 1;
      const bodies: string[] = [];
      for (let i = 0; i < count; i++) {
        this.show?.(expand(text.sql, values, i * width));
        bodies.push(statementOf(text, values, i * width));
        if (each === 2) bodies.push(COUNTERS);
      }
      const { error, index, results: all } = await this.#transaction(bodies, () => text.sql, call);
      if (error !== null) return { changes: 0, error, index: Math.floor(index / each) };
      const results = each === 1 ? all : await this.#api.reading("write", call, () => counted(all));
      for (const result of results) this.counters.add(result, text.isInsert);
      return { changes: results.reduce((sum, result) => sum + result.changes, 0), error, index };
    });
  }

  /** Every statement is run, or none is. */
  script(request: port.ScriptRequest): Promise<port.ScriptReply> {
    return this.call(async (call) => {
      const { texts, first } = scriptStatements(request);
      if (texts.length === 0) return { error: null, index: -1 };
      for (const { sql } of texts) this.show?.(sql);
      const sqlOf = (index: number) => texts[index]?.sql ?? "";
      const bodies = texts.map((text) => statementOf(text, []));
      const { error, index, results } = await this.#transaction(bodies, sqlOf, call);
      if (error !== null) return { error, index: index < 0 ? index : index + first };
      for (const [i, text] of texts.entries()) {
        const result = results[i];
        if (text.isDml && result !== undefined) this.counters.add(result, text.isInsert);
      }
      return { error, index };
    });
  }

  /** The mode is the server's own. @throws {NotSupportedError} for a statement that the server would commit before */
  batch({ begin, commits, statements, reading }: port.BatchRequest): Promise<port.BatchReply> {
    return this.call(async (call) => {
      if (begin === null || !commits) refuseTransaction(null, { begin, guard: true });
      const texts = statements.map(({ sql }) => this.describe(sql));
      for (const text of texts) refuseTransaction(text, { begin: null, guard: false });
      if (texts.length === 0) return { replies: [], error: null, index: -1 };
      const bodies: string[] = [];
      for (const [i, text] of texts.entries()) {
        const values = statements[i]?.values ?? [];
        this.show?.(expand(text.sql, values));
        bodies.push(statementOf(text, values), COUNTERS);
      }
      const { error, index, results } = await this.#transaction(
        bodies,
        (at) => texts[at >> 1]?.sql ?? "",
        call,
        reading.integers === "bigint" ? "all" : "long",
      );
      if (error !== null) return { replies: [], error, index: index < 0 ? index : index >> 1 };
      const replies: port.BatchedReply[] = [];
      const all = await this.#api.reading("write", call, () => counted(results));
      for (const [i, result] of all.entries()) {
        const read = await this.#api.reading("write", call, () => rowsOf(result, reading));
        if (read.error !== null) return { replies: [], error: read.error, index: i };
        const columns = result.columns.map((name) => ({ name, type: null }));
        replies.push({ rows: read.rows, columns, ...this.#counted(texts[i] as StatementText, result) });
      }
      return { replies, error, index };
    });
  }

  /** Runs statements as one transaction. Its failure says which of them it was, and that nothing of the others remains. */
  async #transaction(
    bodies: readonly string[],
    sqlOf: (index: number) => string,
    call: Call,
    digits?: "all" | "long",
  ) {
    const { results, refusal } = await this.#api.batch(bodies, call, digits);
    if (refusal === null) return { results, error: null, index: -1 };
    const index = refusal.index < bodies.length ? refusal.index : -1;
    const error = await this.#api.errorOf(refusal.error, sqlOf(index), "write", call);
    if (index >= 0 && error instanceof Detailed) annotate(error, { outcome: "rolled-back" });
    return { results: [], error, index };
  }

  /** @throws {NotSupportedError} for what would begin a transaction; there is none to be ended */
  control(steps: readonly port.ControlStep[]): Promise<void> {
    return this.call(async () => {
      for (const { when } of steps)
        if (when === "closed") refuseTransaction(null, { begin: "BEGIN", guard: false });
    });
  }

  /** Rows come all at once, so that nobody can have the number of a reader. */
  fetch(): Promise<port.Page> {
    return this.call(async () => {
      throw new ProgrammingError("the rows are gone");
    });
  }

  rest(): Promise<port.Rest> {
    return this.fetch() as Promise<never>;
  }

  async discard(): Promise<void> {}

  /** SQLite's own word, by the statement's program. @throws {ProgrammingError} when it does not compile */
  isReadonly(sql: string): Promise<boolean> {
    return this.call(async (call) => {
      const { kind } = this.describe(sql);
      if (kind === "explain") return true;
      const program = await this.#api.statement(explain(sql), sql, "read", call);
      return isReadonlyProgram(rowsOf(program, PLAIN).rows);
    });
  }

  protected override end(): void {
    this.#api.close();
  }
}

/** The server counts no changes of what it takes for a query: WITH whatever follows, and anything with this word in it. */
function isTakenForQuery({ sql }: StatementText): boolean {
  if (/\breturning\b/i.test(sql)) return true;
  const scanner = new Scanner(sql);
  return scanner.nextStatement() && isKeywordText(sql, scanner.start, scanner.end, "with");
}

/** The results at even places, each with the counters that stand behind it. */
function counted(results: readonly Result[]): readonly Result[] {
  return results
    .filter((_, i) => i % 2 === 0)
    .map((result, i) => {
      const [row] = rowsOf(results[2 * i + 1] as Result, PLAIN).rows;
      const [changes = 0, lastrowid = 0] = row ?? [];
      return { ...result, changes: Number(changes), lastrowid: BigInt(lastrowid as number | bigint) };
    });
}
