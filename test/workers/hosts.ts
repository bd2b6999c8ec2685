/**
 * In the place of src/engine/thread/hosts.ts while the tests run: the workers' files as test/workers/build.ts has made them.
 * Processes that tests start run the sources, their workers too.
 */
import { inject } from "vitest";

const folder = inject("workers");

export const HOST = new URL("host.js", folder);
export const BLOCK_HOST = new URL("block-host.js", folder);
