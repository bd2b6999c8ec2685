/**
 * The parameters of a call that may have to wait, as they were when it was made. It must not know what a value becomes.
 * Tests: test/conformance/pool-use.test.ts.
 */
import type { BatchStatement } from "../../core/batch.ts";
import { annotate, Detailed } from "../../errors/tree.ts";
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

/**
 * The same for the statements of a batch, each of which `check` is asked about.
 * @throws what `check` throws, with the number of the statement as `index`
 */
export function copyStatements(
  statements: Iterable<BatchStatement>,
  check: (sql: string) => unknown,
): Iterable<BatchStatement> {
  if (typeof statements !== "object" || statements === null || !(Symbol.iterator in statements))
    return statements;
  return Array.from(statements, (statement, index) => {
    // What is no statement at all is refused in the connection's words.
    if (typeof statement !== "string" && !(Array.isArray(statement) && statement.length <= 2))
      return statement;
    const [sql, parameters] = typeof statement === "string" ? [statement] : statement;
    try {
      check(sql);
    } catch (error) {
      throw error instanceof Detailed ? annotate(error, { index }) : error;
    }
    const copied = copyParameters(parameters);
    return copied === undefined ? sql : [sql, copied];
  });
}

/** The same kind of thing with bytes of its own, for an adapter of that class may come. */
function copyBytes<V extends Parameter>(value: V): V {
  if (value instanceof ArrayBuffer) return value.slice(0) as V;
  if (!ArrayBuffer.isView(value)) return value;
  if (!(value instanceof DataView)) return Uint8Array.prototype.slice.call(value) as unknown as V;
  const { buffer, byteOffset, byteLength } = value;
  return new DataView(buffer.slice(byteOffset, byteOffset + byteLength)) as unknown as V;
}
