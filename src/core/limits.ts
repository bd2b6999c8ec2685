/**
 * What ends a call before its time, checked: an AbortSignal of the caller's, or so many milliseconds.
 * It must not know how a call is ended: aio/turn.ts does. Tests: test/conformance/cancel-*.test.ts.
 */
import { InterfaceError } from "../errors/tree.ts";
import { checkCallOptions, wholeNumber } from "./options.ts";

/** What every call of the promised face accepts as its last argument. */
export interface CallOptions {
  /** Ends the call when it is aborted; the error's `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How long the call may take, its waiting included, in milliseconds: 1 to 2147483647. Default: as long as it takes. */
  readonly timeout?: number | undefined;
}

const MOST = 0x7fff_ffff;

/** @throws {InterfaceError} for a wrong signal or timeout */
export function checkLimits(options: CallOptions | undefined): CallOptions {
  const { signal, timeout } = checkCallOptions(options);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InterfaceError("signal must be an AbortSignal");
  if (timeout !== undefined) wholeNumber("timeout", timeout, MOST, 1);
  return { signal, timeout };
}
