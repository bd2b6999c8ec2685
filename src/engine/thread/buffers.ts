/**
 * Buffers on their way between threads. It must not know workers: the synchronous face loads it.
 * Tests: test/unit/engine/thread/callback.test.ts.
 */

/** Structured clone makes a Uint8Array of a Buffer; puts Buffers in its place. */
export function restoreBuffers(values: unknown[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value instanceof Uint8Array)
      values[i] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
