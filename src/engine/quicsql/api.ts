/**
 * The one endpoint of quicSQL's JSON API: a statement, or several as one transaction, and what the server says to it. All that can
 * go wrong on the way leaves here as an error of the tree. It must not know what a statement is for.
 * Tests: test/conformance/quicsql.test.ts, test/faults/quicsql.test.ts.
 */
import { nameOf } from "../../errors/codes.ts";
import { OperationalError, type Outcome } from "../../errors/tree.ts";
import { numberParameters } from "../../sql/number-parameters.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import type { BoundValue } from "../../values/types.ts";
import type { Call } from "../http/call.ts";
import { HttpClient } from "../http/http.ts";
import { decodeText, parseJson } from "../http/json.ts";
import { LinkFailure } from "../http/link-failure.ts";
import { codeName, readMessage, type WireError } from "../http/messages.ts";
import type { Settings } from "../http/options.ts";
import { type Effect, errorOf } from "../http/outcome.ts";
import { patiently } from "../http/pause.ts";
import { compileError, runError } from "../http/sqlite-error.ts";
import { type Refusal, type Result, readRefusal, readResult, readResults } from "./answer.ts";
import { encodeValue } from "./values.ts";

/** What became of several statements: all of them, or none. */
export type BatchReply =
  | { readonly results: readonly Result[]; readonly refusal: null }
  | { readonly results: null; readonly refusal: Refusal };

/** How an answer is to be parsed: with every integer as a bigint, or only those that need it. */
export type Digits = Parameters<typeof parseJson>[1];

export class Api {
  readonly #client: HttpClient;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#client = new HttpClient(settings);
  }

  /** Runs one statement, which commits by itself. `body` comes from {@link statementOf}. @throws its error */
  async statement(body: string, sql: string, effect: Effect, call: Call, digits?: Digits): Promise<Result> {
    const answer = await this.#ask(body, effect, call, digits);
    return this.reading(effect, call, async () => {
      const refusal = readRefusal(answer);
      if (refusal !== null) throw await this.errorOf(refusal.error, sql, effect, call);
      return readResult(answer);
    });
  }

  /** Runs several statements as one transaction, whose first failure undoes it. */
  async batch(bodies: readonly string[], call: Call, digits?: Digits): Promise<BatchReply> {
    const answer = await this.#ask(`{"statements":[${bodies.join(",")}]}`, "write", call, digits);
    return this.reading("write", call, async () => {
      const refusal = readRefusal(answer);
      return refusal === null
        ? { results: readResults(answer, bodies.length), refusal }
        : { results: null, refusal };
    });
  }

  /** Asks, again where the server only wants patience, and once more for a query whose connection broke. */
  async #ask(body: string, effect: Effect, call: Call, digits?: Digits): Promise<unknown> {
    for (let tries = 0; ; tries++) {
      try {
        return await patiently(this.#settings.maxRetries, call, () => this.#post(body, call, digits));
      } catch (failure) {
        if (!(failure instanceof LinkFailure)) throw failure;
        const mayRepeat = effect === "read" && failure.kind === "connection" && call.sent && tries === 0;
        if (!mayRepeat) throw failed(failure, effect, call);
      }
    }
  }

  async #post(body: string, call: Call, digits?: Digits): Promise<unknown> {
    const { address, maxResponseBytes } = this.#settings;
    const answer = await this.#client.post(`${address.path}/query`, body, call);
    return parseJson(decodeText(await answer.readAll(call, maxResponseBytes)), digits);
  }

  /** Reads what came: an answer that breaks the protocol says what became of the request. */
  async reading<T>(effect: Effect, call: Call, read: () => T | Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (failure) {
      throw failure instanceof LinkFailure ? failed(failure, effect, call) : failure;
    }
  }

  /** The error that SQLite at home would have raised; whether a statement failed to compile or to run has to be asked. */
  async errorOf(error: WireError, sql: string, effect: Effect, call: Call): Promise<Error> {
    const message = this.#client.secret.redact(error.message);
    const told = readMessage(message);
    const name =
      error.extendedCode === null ? codeName(error, message) : (nameOf(error.extendedCode) ?? null);
    if (name === null || (error.code === null && error.extendedCode === null))
      return ofServer(error, message, sql, effect);
    if (name !== "SQLITE_ERROR" || (await this.compiles(sql, call))) return runError(name, told, sql);
    return compileError(told, sql);
  }

  /** Whether SQLite takes a statement; true where the server cannot be asked. */
  async compiles(sql: string, call: Call): Promise<boolean> {
    try {
      return readRefusal(await this.#ask(explain(sql), "read", call)) === null;
    } catch (failure) {
      if (call.stopped !== null) throw failure;
      return true;
    }
  }

  close(): void {
    this.#client.close();
  }
}

function failed(failure: LinkFailure, effect: Effect, call: Call): OperationalError {
  return errorOf(failure, { effect, inTransaction: false, sent: call.sent });
}

/** An error that is not SQLite's: nobody knows how far it came. */
function ofServer({ code }: WireError, message: string, sql: string, effect: Effect): OperationalError {
  const outcome: Outcome = effect === "read" ? "not-executed" : "unknown";
  return new OperationalError(message, { code: code ?? "SERVER", sql, outcome });
}

/** The program of a statement: asking for it compiles and runs nothing. */
export function explain(sql: string): string {
  return statementOf(describeStatement(`EXPLAIN ${sql}`), []);
}

/**
 * A statement with its values as JSON, those of one set from `start` on, by SQLite's numbering: values go by position only.
 * @throws {DataError} for a value that cannot be sent
 */
export function statementOf(text: StatementText, values: readonly BoundValue[], start = 0): string {
  const { count, style } = text.parameters;
  const args: string[] = [];
  for (let i = 0; i < count; i++) args.push(encodeValue(values[start + i] ?? null));
  const sql = style === "named" || style === "mixed" ? numberParameters(text.sql) : text.sql;
  return `{"sql":${JSON.stringify(sql)},"args":[${args.join(",")}]}`;
}
