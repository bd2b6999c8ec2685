/**
 * What a cursor does that may take calls of the engine: to read on, to fetch, to end its result.
 * It must not know promises or engines. Tests: test/unit/core/cursor-state.test.ts, test/conformance/fetch.test.ts.
 */
import { isInterruption } from "../errors/interrupted.ts";
import { ABSENT, type CursorState, type Place } from "./cursor-state.ts";
import { wholeNumber } from "./options.ts";
import { wantsObjects } from "./row-builder.ts";
import { call, type Operation } from "./run.ts";

/** Reads on until there is a row or the result ends. */
export function* refill(state: CursorState<unknown>): Operation<void> {
  const { unread } = state;
  if (unread === null || state.buffered > 0) return;
  state.hold([]);
  state.hold(yield* unread.page());
}

/** The rows that are left. */
export function* fetchall<T>(state: CursorState<T>): Operation<T[]> {
  const { unread } = state;
  if (unread?.isOpen) {
    const untouched = state.isUntouched;
    const asObjects = untouched && wantsObjects(state.session, state.rowFactory, () => state.columns);
    const { rows, restarted, objects } = yield* unread.all(untouched, asObjects);
    state.hold(restarted ? rows : state.held().concat(rows));
    if (objects !== undefined) return objects as T[];
  }
  const rows = state.takeAll();
  yield* refill(state);
  return rows;
}

/** At most `size` rows. What fails behind a row that is in hand waits for the next fetch. */
export function* fetchmany<T>(state: CursorState<T>, size: unknown = state.arraysize): Operation<T[]> {
  const count = wholeNumber("size", size, Number.MAX_SAFE_INTEGER);
  const rows: T[] = [];
  while (rows.length < count) {
    let place: Place | null = null;
    try {
      if (state.buffered === 0) yield* refill(state);
      if (state.buffered > 0) place = state.place;
      const row = state.take();
      if (row === ABSENT) break;
      rows.push(row);
    } catch (error) {
      if (rows.length === 0) throw error;
      if (isInterruption(error)) throw yield* breakOff(state, error);
      // A row that cannot be made fails again at the next fetch.
      if (place === null || !state.returnTo(place)) state.failLater(error as Error);
      break;
    }
  }
  return rows;
}

/** Ends a result that has lost rows with a fetch that was interrupted. @returns the error, with which the next fetch fails too */
function* breakOff(state: CursorState<unknown>, error: Error): Operation<Error> {
  state.hold([]);
  state.failLater(error);
  const reader = state.unread?.end(error) ?? 0;
  try {
    if (reader !== 0) yield* call("discard", reader);
  } catch {
    // The interruption says more.
  }
  return error;
}

/** Ends the result and forgets it. */
export function* clear(state: CursorState<unknown>): Operation<void> {
  const reader = state.reset();
  if (reader !== 0 && !state.session.isClosed) yield* call("discard", reader);
}

/** Ends the result before its last row. */
export function* discard(state: CursorState<unknown>): Operation<void> {
  // A cursor that is idle asks nothing of the engine; one whose own statement is running has no result yet.
  if (!state.session.isClosed && (state.isOpen || state.isRunning)) state.refuseFromInside();
  const { rowcount } = state;
  yield* clear(state);
  state.rowcount = rowcount;
}

/** Closes the cursor. A second call does nothing. */
export function* close(state: CursorState<unknown>): Operation<void> {
  if (state.isClosed) return;
  yield* discard(state);
  state.isClosed = true;
}
