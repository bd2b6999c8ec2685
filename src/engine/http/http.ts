/**
 * HTTP as this engine needs it: POST, an answer in pieces, a time limit on every wait. No redirect is followed, nothing is
 * decompressed that was not asked for, and the token is put in a header and nowhere else.
 * It must not know Hrana. Tests: test/unit/engine/http/http.test.ts, test/faults/hrana*.test.ts.
 */
import type * as http from "node:http";
import type * as https from "node:https";
import type { Call } from "./call.ts";
import { HttpBody } from "./http-body.ts";
import { fieldsOf } from "./json.ts";
import { broken, LinkFailure } from "./link-failure.ts";
import { nodeHttp } from "./node-http.ts";
import type { Settings } from "./options.ts";
import { Secret } from "./secret.ts";

/** Idle connections that are kept for the next request. */
const KEPT = 4;
/** An answer waits in its connection, not in memory, and is taken from there in as large pieces as there are (http-body.ts). */
const HIGH_WATER_MARK = 1;
/** How much of the text of a refusal is read, and how much of that is shown. */
const REFUSAL_BYTES = 1 << 16;
const REFUSAL_SHOWN = 300;
/** Words for how a body is sent. */
const PLAIN = "identity";
const PACKED = "gzip";

export class HttpClient {
  readonly secret: Secret;
  readonly #settings: Settings;
  readonly #agent: http.Agent;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.secret = new Secret(settings.token);
    const options = {
      keepAlive: true,
      maxFreeSockets: KEPT,
      scheduling: "lifo",
      highWaterMark: HIGH_WATER_MARK,
    } as const;
    const { isSecure } = settings.address;
    const { Agent } = nodeHttp(isSecure);
    this.#agent = new Agent(isSecure ? ({ ...settings.tls, ...options } as https.AgentOptions) : options);
  }

  /**
   * Sends a request and waits for the head of the answer.
   * @param path with its leading slash
   * @param packing whether the server may compress its answer: it takes time until the first of it comes
   * @throws {LinkFailure} unless the server answers with HTTP 200
   */
  async post(path: string, text: string, call: Call, packing = false): Promise<HttpBody> {
    const token = await this.secret.get(call);
    const body = Buffer.from(text);
    const headers: http.OutgoingHttpHeaders = {
      "content-type": "application/json",
      "content-length": body.byteLength,
      accept: "application/json, text/plain",
      "accept-encoding": packing ? PACKED : PLAIN,
    };
    if (token !== null) headers.authorization = `Bearer ${token}`;
    const message = await this.#send(path, headers, body, call);
    const encoding = message.headers["content-encoding"] ?? PLAIN;
    const isPacked = packing && encoding === PACKED;
    const answer = new HttpBody(message, this.#settings.idleTimeout, isPacked);
    if (message.statusCode !== 200) throw await this.#refusal(message, answer, call);
    if (encoding === PLAIN || isPacked) return answer;
    answer.destroy();
    throw broken("an answer is compressed, which was not asked for");
  }

  #send(
    path: string,
    headers: http.OutgoingHttpHeaders,
    body: Buffer,
    call: Call,
  ): Promise<http.IncomingMessage> {
    const { address, connectTimeout, firstByteTimeout } = this.#settings;
    call.check();
    return new Promise((resolve, reject) => {
      const request = nodeHttp(address.isSecure).request({
        agent: this.#agent,
        host: address.hostname,
        port: address.port,
        method: "POST",
        path,
        headers,
      });
      let timer: NodeJS.Timeout | undefined;
      const off = call.onStop((failure) => fail(failure));
      let hasSettled = false;
      const done = () => {
        hasSettled = true;
        clearTimeout(timer);
        off();
      };
      const fail = (failure: LinkFailure) => {
        done();
        request.destroy();
        reject(failure);
      };
      const limit = (milliseconds: number, message: string) => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(new LinkFailure("timeout", message)), milliseconds);
      };
      const connected = () => {
        call.sent = true;
        limit(firstByteTimeout, `the server did not answer within ${firstByteTimeout} ms (firstByteTimeout)`);
      };
      request.once("socket", (socket) => {
        if (!socket.connecting) return connected();
        limit(
          connectTimeout,
          `no connection to ${address.text} within ${connectTimeout} ms (connectTimeout)`,
        );
        socket.once(address.isSecure ? "secureConnect" : "connect", () => {
          if (!hasSettled) connected();
        });
      });
      request.once("response", (message) => {
        done();
        resolve(message);
      });
      request.on("error", (cause: NodeJS.ErrnoException) => {
        const what = call.sent
          ? "the connection broke before the answer"
          : `cannot connect to ${address.text}`;
        fail(new LinkFailure("connection", `${what}${cause.code ? ` (${cause.code})` : ""}`, { cause }));
      });
      request.end(body);
    });
  }

  /** The failure that an answer without success stands for. */
  async #refusal(message: http.IncomingMessage, body: HttpBody, call: Call): Promise<LinkFailure> {
    const status = message.statusCode ?? 0;
    if (status >= 300 && status < 400) {
      body.destroy();
      return new LinkFailure("refused", `the server redirects (HTTP ${status}), which is not followed`, {
        status,
      });
    }
    let text: string;
    try {
      text = (await body.readAll(call, REFUSAL_BYTES)).toString("utf8");
    } catch (failure) {
      if (call.stopped !== null) throw failure;
      body.destroy();
      text = "";
    }
    const { message: told, code } = readRefusal(text);
    const shown = this.secret.redact(told).slice(0, REFUSAL_SHOWN);
    return new LinkFailure(
      "refused",
      `the server refused (HTTP ${status})${shown === "" ? "" : `: ${shown}`}`,
      {
        status,
        code: code === null ? null : this.secret.redact(code),
        retryAfter: readRetryAfter(message.headers["retry-after"]),
      },
    );
  }

  /** Lets go of every connection. */
  close(): void {
    this.#agent.destroy();
  }
}

/** What a refusal says: as JSON in one of the shapes that servers use, or as plain text. */
function readRefusal(text: string): { readonly message: string; readonly code: string | null } {
  let fields: Readonly<Record<string, unknown>> = {};
  try {
    fields = fieldsOf(JSON.parse(text));
  } catch {
    return { message: text.replaceAll(/\s+/g, " ").trim(), code: null };
  }
  const inner = typeof fields.error === "object" ? fieldsOf(fields.error) : fields;
  const message = inner.message ?? fields.error;
  return {
    message: typeof message === "string" ? message : "",
    code: typeof inner.code === "string" ? inner.code : null,
  };
}

/** Seconds, or a date. */
function readRetryAfter(header: string | undefined): number {
  if (header === undefined) return -1;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? -1 : Math.max(0, date - Date.now());
}
