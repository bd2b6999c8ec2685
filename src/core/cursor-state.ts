/**
 * What a cursor is, without how its engine is called: a result, its counts, and the request for the next one.
 * The faces ask it for the request to make and hand it the reply. It must not know promises or engines.
 * Tests: test/conformance/cursor.test.ts, test/unit/core/cursor-state.test.ts.
 */
import type { ExecuteReply, ExecuteRequest } from "../engine/port.ts";
import { ProgrammingError } from "../errors/tree.ts";
import type { StatementText } from "../sql/statement.ts";
import { narrow } from "../values/integers.ts";
import type { BoundValue, Parameters } from "../values/types.ts";
import { bindValues, copyBytes } from "./bind.ts";
import { wholeNumber } from "./options.ts";
import { requestFor } from "./request.ts";
import { Result } from "./result.ts";
import { call, type Operation } from "./run.ts";

const MOST = Number.MAX_SAFE_INTEGER;
let lastNumber = 0;

/** One call of `execute`, with its values as they were when it was made. */
export interface PreparedCall {
  readonly text: StatementText;
  readonly values: BoundValue[];
}

export class CursorState<T> extends Result<T> {
  rowcount = -1;
  lastrowid: number | bigint | null = null;
  isClosed = false;
  /** Stands for the cursor where holding the cursor itself would keep it, and its reader, alive. */
  readonly #number = ++lastNumber;
  #arraysize = 1;
  #text: StatementText | null = null;
  /** An `executemany` is running, whose rows come from code that could call the cursor. */
  #isLocked = false;

  /** @throws {ProgrammingError} when the cursor or its connection is closed, or the cursor is entered from inside */
  check(): void {
    if (this.isClosed) throw new ProgrammingError("Cannot operate on a closed cursor.");
    if (this.#isLocked) throw new ProgrammingError("Recursive use of cursors not allowed.");
    this.session.enter(this.#number);
  }

  /** The request for one statement; null for a text without one, for which {@link clear} is all there is to do. */
  request(
    sql: string,
    parameters: Parameters | undefined,
    rows: ExecuteRequest["rows"],
  ): ExecuteRequest | null {
    this.check();
    const text = this.session.describe(sql);
    const values = bindValues(text.parameters, parameters);
    return text.count === "none" ? null : this.#start(text, values, rows);
  }

  /** What can be said against a call when it is made, for a face on which its turn comes later. */
  checkCall(): void {
    if (this.isClosed) throw new ProgrammingError("Cannot operate on a closed cursor.");
    this.session.check();
    this.refuseFromInside();
  }

  /** @throws {ProgrammingError | NotSupportedError} from inside a user function */
  refuseFromInside(): void {
    this.session.refuseFromInside(this.#number);
  }

  /** What a call says when it is made, for a face that sends it later: see {@link start}. */
  prepare(sql: string, parameters: Parameters | undefined): PreparedCall {
    this.checkCall();
    const text = this.session.describe(sql);
    const values = bindValues(text.parameters, parameters);
    copyBytes(values);
    return { text, values };
  }

  /** The same as {@link request} for a prepared call, when its turn has come. */
  start({ text, values }: PreparedCall, rows: ExecuteRequest["rows"]): ExecuteRequest | null {
    this.check();
    return text.count === "none" ? null : this.#start(text, values, rows);
  }

  #start(text: StatementText, values: BoundValue[], rows: ExecuteRequest["rows"]): ExecuteRequest {
    const discard = this.reset();
    this.#text = text;
    return requestFor(this.session, text, values, rows, discard);
  }

  /** Takes the answer to {@link request}. */
  accept(reply: ExecuteReply): void {
    this.receive(reply);
    const text = this.#text;
    if (text?.isDml) {
      this.rowcount = reply.changes;
      if (text.isInsert && reply.lastrowid !== null) this.lastrowid = this.#rowid(reply.lastrowid);
    }
  }

  #rowid(rowid: number | bigint): number | bigint {
    const { integers } = this.session.settings;
    // An engine gives a number only where it is exact.
    return typeof rowid === "number" && integers !== "bigint" ? rowid : narrow(BigInt(rowid), integers);
  }

  /** Forgets the result before this one; gives the reader to end, or 0. */
  reset(): number {
    this.rowcount = -1;
    return this.forget();
  }

  get arraysize(): number {
    return this.#arraysize;
  }

  set arraysize(size: number) {
    this.#arraysize = wholeNumber("arraysize", size, MOST, 1);
  }

  /** At most `size` rows. */
  fetchmany(size: unknown = this.#arraysize): Operation<T[]> {
    return this.takeMany(wholeNumber("size", size, MOST));
  }

  /** Ends the result and forgets it. */
  *clear(): Operation<void> {
    const reader = this.reset();
    if (reader !== 0 && !this.session.isClosed) yield* call("discard", reader);
  }

  /** Ends the result before its last row. */
  *discard(): Operation<void> {
    const { session } = this;
    // A cursor that is idle asks nothing of the engine; one whose own statement is running has no result yet.
    if (!session.isClosed && (this.isOpen || session.active === this.#number)) this.refuseFromInside();
    const { rowcount } = this;
    yield* this.clear();
    this.rowcount = rowcount;
  }

  /** Closes the cursor. A second call does nothing. */
  *close(): Operation<void> {
    if (this.isClosed) return;
    yield* this.discard();
    this.isClosed = true;
  }

  /** Keeps everybody off the cursor while code of the caller's runs in the middle of an operation. */
  lock(): void {
    this.#isLocked = true;
  }

  unlock(): void {
    this.#isLocked = false;
  }
}
