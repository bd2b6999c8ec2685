/**
 * The options that only this face has: what a worker thread may use.
 * It must not know how a worker is started. Tests: test/conformance/aio-life.test.ts.
 */
import type { ConnectOptions } from "../core/options.ts";
import { InterfaceError } from "../errors/tree.ts";

/**
 * What the worker thread of a connection may use; more than that ends it, and the connection with it, with the error
 * `ERR_WORKER_OUT_OF_MEMORY` as the cause. SQLite's own memory does not count.
 * @see https://nodejs.org/api/worker_threads.html#workerresourcelimits
 */
export interface ResourceLimits {
  /** Of the heap, in megabytes. Default: a part of the machine's memory. */
  readonly maxOldGenerationSizeMb?: number;
  /** Of the part of the heap where objects are new, in megabytes. */
  readonly maxYoungGenerationSizeMb?: number;
  /** Of generated code, in megabytes. */
  readonly codeRangeSizeMb?: number;
  /** Of the stack, in megabytes. Default 4. */
  readonly stackSizeMb?: number;
}

/** The options of `connect` on this face. */
export interface AsyncConnectOptions<T = unknown> extends ConnectOptions<T> {
  /** What the worker thread may use; for local databases. */
  readonly resourceLimits?: ResourceLimits | undefined;
}

const NAMES = ["maxOldGenerationSizeMb", "maxYoungGenerationSizeMb", "codeRangeSizeMb", "stackSizeMb"];

/** @throws {InterfaceError} for limits that are none */
export function checkResourceLimits(limits: unknown): ResourceLimits | undefined {
  if (limits === undefined) return undefined;
  if (typeof limits !== "object" || limits === null)
    throw new InterfaceError("resourceLimits must be an object");
  for (const [name, value] of Object.entries(limits)) {
    if (!NAMES.includes(name)) {
      throw new InterfaceError(`unknown resource limit '${name}': expected one of ${NAMES.join(", ")}`);
    }
    if (value !== undefined && !(typeof value === "number" && value > 0 && Number.isFinite(value)))
      throw new InterfaceError(`${name} must be a number of megabytes above 0`);
  }
  return limits;
}
