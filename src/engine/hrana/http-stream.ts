/**
 * A stream over HTTP: a chain of batons, each good for one request.
 * It must not know SQL. Tests: test/unit/engine/http/http.test.ts, test/faults/hrana*.test.ts.
 * @see https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md ("Hrana over HTTP")
 */
import { Call } from "../http/call.ts";
import type { HttpClient } from "../http/http.ts";
import { type HttpBody, LATER } from "../http/http-body.ts";
import { decodeText, fieldsOf, parseJson } from "../http/json.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import type { Settings } from "../http/options.ts";
import { isPutOff } from "../http/pause.ts";
import { isLoopback } from "../http/url.ts";
import { EntryLines } from "./entry-lines.ts";
import type { Cursor, CursorWishes, Incoming, Stream, Version } from "./stream.ts";
import { readResult, type StreamRequest, type StreamResult } from "./wire.ts";

/** How long a server may take to end a stream that is of no use any more, in milliseconds. */
const CLOSE_TIMEOUT = 5000;
const CLOSE: StreamRequest = { type: "close", members: "" };

export class HttpStream implements Stream {
  /** A server sees that nobody reads its answer any more. */
  readonly isBlocked = false;
  answered = 0;
  readonly #client: HttpClient;
  readonly #settings: Settings;
  readonly #version: Version;
  #baton: string | null = null;
  #prefix: string;

  constructor(client: HttpClient, settings: Settings, version: Version) {
    this.#client = client;
    this.#settings = settings;
    this.#version = version;
    this.#prefix = settings.address.path;
  }

  get isOpen(): boolean {
    return this.#baton !== null;
  }

  async pipeline(requests: readonly StreamRequest[], call: Call): Promise<StreamResult[]> {
    const list = requests.map(
      ({ type, members }) => `{"type":"${type}"${members === "" ? "" : `,${members}`}}`,
    );
    const body = await this.#post("pipeline", `"requests":[${list.join(",")}]`, call);
    const bytes = await body.readAll(call, this.#settings.maxResponseBytes);
    this.answered = bytes.byteLength;
    const answer = parseJson(decodeText(bytes));
    const { results } = fieldsOf(answer);
    if (!Array.isArray(results) || results.length !== requests.length) {
      throw broken(`${requests.length} requests were not answered with as many results`);
    }
    const read = requests.map((request, i) => readResult(results[i], request));
    this.#goOn(answer);
    return read;
  }

  async cursor(steps: string, call: Call, { isWhole, isDense }: CursorWishes): Promise<Cursor> {
    const packing = isWhole && !(isDense && isLoopback(this.#settings.address.hostname));
    const body = await this.#post("cursor", `"batch":{"steps":${steps}}`, call, packing);
    const cursor = new HttpCursor(body, this.#settings.maxResponseBytes);
    try {
      this.#goOn(await cursor.head(call));
    } catch (failure) {
      body.destroy();
      throw failure;
    }
    return cursor;
  }

  /** Sends a request with the baton at hand, which is spent by it. */
  async #post(
    endpoint: "pipeline" | "cursor",
    members: string,
    call: Call,
    packing = false,
  ): Promise<HttpBody> {
    const baton = this.#baton;
    this.#baton = null;
    const text = `{"baton":${baton === null ? "null" : JSON.stringify(baton)},${members}}`;
    try {
      return await this.#client.post(`${this.#prefix}/v${this.#version}/${endpoint}`, text, call, packing);
    } catch (failure) {
      if (isPutOff(failure)) this.#baton = baton;
      throw baton !== null && isExpiry(failure) ? expired(failure) : failure;
    }
  }

  /** Takes over where the stream goes on. */
  #goOn(answer: unknown): void {
    const { baton, base_url: base } = fieldsOf(answer);
    if (baton !== null && baton !== undefined && typeof baton !== "string")
      throw broken("a baton is no string");
    if (base !== null && base !== undefined && base !== "") this.#prefix = this.#prefixOf(base);
    this.#baton = baton ?? null;
  }

  /** Where a server wants the rest of a stream sent: to the same server only, since the token goes along. */
  #prefixOf(base: unknown): string {
    const { hostname, port, isSecure } = this.#settings.address;
    const url = typeof base === "string" && URL.canParse(base) ? new URL(base) : null;
    const isSame =
      url !== null &&
      url.protocol === (isSecure ? "https:" : "http:") &&
      url.hostname.replace(/^\[(.*)\]$/, "$1") === hostname &&
      (url.port === "" ? (isSecure ? 443 : 80) : Number(url.port)) === port;
    if (!isSame) throw broken("its base_url leads to another server, to which nothing was sent");
    return url.pathname.replace(/\/+$/, "");
  }

  async close(): Promise<void> {
    if (this.#baton === null) return;
    const call = new Call();
    const timer = setTimeout(() => call.stop(new LinkFailure("timeout", "")), CLOSE_TIMEOUT);
    try {
      await this.pipeline([CLOSE], call);
    } catch {
      // The server ends a stream by itself when nobody uses it.
    } finally {
      this.#baton = null;
      clearTimeout(timer);
    }
  }
}

/** Rows of a cursor as lines of a body. */
class HttpCursor implements Cursor {
  received = 0;
  readonly #body: HttpBody;
  readonly #lines: EntryLines;
  /** What came with the first line. */
  #came: readonly string[] = [];
  #hasEnded = false;

  constructor(body: HttpBody, most: number) {
    this.#body = body;
    this.#lines = new EntryLines(most);
  }

  /** The first line: the stream's next baton. */
  async head(call: Call): Promise<unknown> {
    const blocks = await this.#blocks(call, 0);
    if (blocks === null || blocks === LATER) throw broken("an answer of a cursor is empty");
    const [first = "", ...others] = blocks;
    const end = first.indexOf("\n");
    this.#came = end < 0 || end + 1 === first.length ? others : [first.slice(end + 1), ...others];
    return parseJson(end < 0 ? first : first.slice(0, end));
  }

  async next(call: Call, patience = 0): Promise<Incoming | null | typeof LATER> {
    const came = this.#came;
    this.#came = [];
    const lines = came.length > 0 ? came : await this.#blocks(call, patience);
    return lines === null || lines === LATER ? lines : { parsed: null, lines };
  }

  async #blocks(call: Call, patience: number): Promise<readonly string[] | null | typeof LATER> {
    while (!this.#hasEnded) {
      const bytes = await this.#body.read(call, patience);
      if (bytes === LATER) return LATER;
      this.received += bytes?.byteLength ?? 0;
      this.#hasEnded = bytes === null;
      const blocks = bytes === null ? this.#lines.finish() : this.#lines.push(bytes);
      if (blocks.length > 0) return blocks;
    }
    return null;
  }

  end(): void {
    this.#body.destroy();
  }
}

/** Whether a refusal says that the server does not know the stream (any more): then nothing of the request has run. */
function isExpiry(failure: unknown): boolean {
  if (!(failure instanceof LinkFailure) || failure.kind !== "refused") return false;
  if (failure.status !== 400 && failure.status !== 404) return false;
  if (failure.code !== null) return failure.code === "STREAM_EXPIRED" || failure.code.includes("BATON");
  return /\b(?:baton|stream)\b/i.test(failure.message);
}

function expired(cause: unknown): LinkFailure {
  return new LinkFailure("expired", "the server has ended the stream", { cause });
}
