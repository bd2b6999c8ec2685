/**
 * Node's own HTTP, got without an `import`: that looks at everything that node:http exports, undici's WebSocket among it, which
 * takes 20 ms of each thread. Encryption is loaded where it is needed. Tests: test/unit/engine/http/node-http.test.ts.
 */
import type * as http from "node:http";
import type * as https from "node:https";

/** @param isSecure whether for `https:` and `wss:` */
export function nodeHttp(isSecure: boolean): typeof http | typeof https {
  return isSecure ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
}
