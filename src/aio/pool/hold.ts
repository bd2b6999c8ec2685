/**
 * Watches how long a caller holds a connection, and tells once who it is. It must not know connections.
 * Tests: test/conformance/pool-watch.test.ts.
 */

/** Where the call in hand was made: the stack of the caller's code, without this library's own entrance. */
export function callersStack(entrance: (...args: never[]) => unknown): string {
  const here = { stack: "" };
  Error.captureStackTrace(here, entrance);
  return here.stack.slice(here.stack.indexOf("\n") + 1);
}

/**
 * Warns when what has begun now is not over after `milliseconds`.
 * @param what is held, in words
 * @returns what says that it is over
 */
export function watchHold(what: string, milliseconds: number, stack: string): () => void {
  const timer = setTimeout(() => {
    const warning = new Error(
      `${what} has been held for more than ${milliseconds} ms; it was acquired here:`,
    );
    warning.name = "PoolWarning";
    warning.stack = `${warning.name}: ${warning.message}\n${stack}`;
    process.emitWarning(Object.assign(warning, { code: "POOL_HELD", detail: stack }));
  }, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
}
