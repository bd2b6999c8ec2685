/**
 * Where the files are that workers start with. It must not know how they are started: tests put built ones in their place
 * (test/workers/). Tests: test/unit/engine/thread/offload.test.ts, test/package/tarball.test.ts.
 */

/** Source runs as it is, and built: the workers' files have the ending of this one. */
const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The worker of `offload`. */
export const HOST = new URL(`./host.${ending}`, import.meta.url);

/** The worker of `block`. */
export const BLOCK_HOST = new URL(`./block-host.${ending}`, import.meta.url);
