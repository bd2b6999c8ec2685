/**
 * The token: where it comes from, and how it is kept out of every text that somebody may see.
 * Tests: test/unit/engine/http/http.test.ts.
 */
import { Detailed, OperationalError } from "../../errors/tree.ts";
import type { Call } from "./call.ts";
import { LinkFailure } from "./link-failure.ts";
import type { Settings } from "./options.ts";

export class Secret {
  readonly #get: Settings["token"];
  /** The latest one: a server that it was sent to could write it into its answers. */
  #token: string | null = null;

  constructor(get: Settings["token"]) {
    this.#get = get;
  }

  /** The token to send now, or null. @throws {LinkFailure | Error} when the caller's function fails */
  async get(call: Call): Promise<string | null> {
    let token: string | null | Promise<string | null>;
    try {
      token = this.#get();
      if (token !== null && typeof token === "object") token = await within(token, call);
    } catch (cause) {
      if (cause instanceof LinkFailure || cause instanceof Detailed) throw cause;
      throw new OperationalError("authToken() failed, so nothing was sent", {
        cause,
        outcome: "not-executed",
      });
    }
    this.#token = token;
    return token;
  }

  /** The text without the token in it. */
  redact(text: string): string {
    return this.#token === null ? text : text.replaceAll(this.#token, "***");
  }
}

function within<T>(promise: Promise<T>, call: Call): Promise<T> {
  return call.wait<T>(
    (resolve, reject) => {
      promise.then(resolve, reject);
      return () => {};
    },
    0,
    () => new LinkFailure("timeout", ""),
  );
}
