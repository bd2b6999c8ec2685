/**
 * The parameters of a call that may have to wait, as they were when it was made. It must not know what a value becomes.
 * Tests: test/conformance/pool-use.test.ts.
 */
import type { Parameter, Parameters } from "../../values/types.ts";

/** What is wrong with them is for the statement to say: anything but a sequence or a bag of names stays as it is. */
export function copyParameters(parameters: Parameters | undefined): Parameters | undefined {
  if (typeof parameters !== "object" || parameters === null) return parameters;
  if (Array.isArray(parameters)) return parameters.map(copyBytes);
  const prototype: unknown = Object.getPrototypeOf(parameters);
  const isBag = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isBag) return copyBytes(parameters);
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, copyBytes(value)]));
}

/** The same kind of thing with bytes of its own, for an adapter of that class may come. */
function copyBytes<V extends Parameter>(value: V): V {
  if (value instanceof ArrayBuffer) return value.slice(0) as V;
  if (!ArrayBuffer.isView(value)) return value;
  if (!(value instanceof DataView)) return Uint8Array.prototype.slice.call(value) as unknown as V;
  const { buffer, byteOffset, byteLength } = value;
  return new DataView(buffer.slice(byteOffset, byteOffset + byteLength)) as unknown as V;
}
