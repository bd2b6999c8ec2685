/**
 * `batch()`: statements that are known beforehand, as one transaction, or a part of the open one, in one crossing.
 * It must not know how an engine does that. Tests: test/conformance/batch.test.ts.
 */
import type { BatchRequest } from "../engine/port.ts";
import { annotate, Detailed, InterfaceError } from "../errors/tree.ts";
import type { Parameters } from "../values/types.ts";
import type { CursorState } from "./cursor-state.ts";
import { checkCallOptions, flag, keyword } from "./options.ts";
import { type PreparedCall, prepareCall, startCall } from "./prepared-call.ts";
import { call, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** A statement of a batch: its text, or its text and its values. */
export type BatchStatement = string | readonly [sql: string, parameters?: Parameters];

/** How `batch()` begins its transaction. */
export interface BatchOptions {
  /**
   * Which BEGIN, where no transaction is open. Default `"IMMEDIATE"`. `"READONLY"` is one of libSQL servers, for which a replica will do.
   */
  readonly mode?: "DEFERRED" | "IMMEDIATE" | "EXCLUSIVE" | "READONLY";
  /**
   * Whether to commit at once. With false the transaction stays open for `commit()` or `rollback()`, after a look at the
   * results. Default true. With `autocommit: false` it always stays open.
   */
  readonly commit?: boolean;
}

const MODES = ["DEFERRED", "IMMEDIATE", "EXCLUSIVE", "READONLY"] as const;

/**
 * What a batch says when it is called: its statements are checked, and their values copied.
 * @param open makes the cursor of a statement, and gives what it is without its face
 * @throws {InterfaceError | ProgrammingError | DataError} for what is wrong with a statement, whose number is the error's `index`
 */
export function prepareBatch<T>(
  statements: Iterable<BatchStatement>,
  open: () => CursorState<T>,
): PreparedBatch<T> {
  if (typeof statements !== "object" || statements === null || !(Symbol.iterator in statements)) {
    throw new InterfaceError("expected statements to be an iterable of texts, or of [text, parameters]");
  }
  const batch: { readonly state: CursorState<T>; readonly call: PreparedCall }[] = [];
  for (const statement of statements) {
    const state = open();
    try {
      batch.push({ state, call: prepareCall(state, ...partsOf(statement)) });
    } catch (error) {
      throw error instanceof Detailed ? annotate(error, { index: batch.length }) : error;
    }
  }
  return batch;
}

/** Statements with the cursors that get their results. */
export type PreparedBatch<T> = readonly { readonly state: CursorState<T>; readonly call: PreparedCall }[];

function partsOf(statement: BatchStatement): readonly [sql: string, parameters: Parameters | undefined] {
  if (typeof statement === "string") return [statement, undefined];
  if (Array.isArray(statement) && statement.length <= 2) {
    const [sql, parameters] = statement as readonly [string, Parameters?];
    return [sql, parameters];
  }
  throw new InterfaceError("expected a statement to be its text, or [text, parameters]");
}

/** The texts of a batch, for whoever listens. */
export function batchText<T>(batch: PreparedBatch<T>): string {
  return batch.map(({ call }) => call.text.sql).join(";\n");
}

/** Runs a batch. @throws the error of the statement that failed, whose number is its `index` */
export function* runBatch<T>(
  session: Session,
  batch: PreparedBatch<T>,
  options?: BatchOptions,
): Operation<void> {
  const { mode: asked = "IMMEDIATE", commit = true } = checkCallOptions(options);
  const mode = keyword("mode", asked, MODES);
  session.enter();
  const isInside = session.inTransaction || session.scopes > 0;
  const states: CursorState<T>[] = [];
  const places: number[] = [];
  const statements: BatchRequest["statements"][number][] = [];
  for (const [place, { state, call: prepared }] of batch.entries()) {
    const request = startCall(state, prepared, "all");
    // A text without a statement has no result.
    if (request === null) continue;
    statements.push({ sql: request.sql, values: request.values, reads: request.reads });
    states.push(state);
    places.push(place);
  }
  // There a transaction is always open, or about to be, and only commit() commits.
  const isImplicit = session.autocommit === false;
  const own = isImplicit ? "BEGIN" : mode === "READONLY" ? "BEGIN TRANSACTION READONLY" : `BEGIN ${mode}`;
  const { replies, error, index } = yield* call("batch", {
    begin: isInside ? null : own,
    commits: flag("commit", commit) && !isImplicit,
    statements,
    reading: session.reading,
  });
  if (error !== null) {
    const place = places[index];
    throw place === undefined || !(error instanceof Detailed) ? error : annotate(error, { index: place });
  }
  for (const [i, reply] of replies.entries()) states[i]?.accept({ ...reply, reader: 0, error: null });
}
