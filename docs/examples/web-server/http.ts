/**
 * What any JSON service on `node:http` needs: routes, errors as status codes, an end in good order.
 * It must not know what is served. In a project of your own the import is `from "sqlite-dbapi/aio"`.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, Server } from "node:net";
import { DataError, IntegrityError, InterfaceError, OperationalError } from "../../../src/aio.ts";

/** One request, as a handler sees it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the groups of the route's path have matched. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** Gives what is sent as JSON; undefined when it has answered by itself. */
export type Handler = (exchange: Exchange) => unknown;
export type Route = readonly [method: string, path: RegExp, handler: Handler];

/** An answer that the client has not hoped for. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Which status tells the client what has gone wrong: the error's class says it. */
export function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  if (error instanceof IntegrityError) return 409;
  if (error instanceof InterfaceError || error instanceof DataError) return 400;
  if (error instanceof OperationalError && (error.retryable || PASSING.includes(error.code ?? "")))
    return 503;
  return 500;
}

/** The queue was full, or the time was up: the same request may succeed a little later. */
const PASSING = ["POOL_QUEUE_FULL", "POOL_TIMEOUT", "SQLITE_INTERRUPT"];

export class HttpService {
  readonly #routes: readonly Route[];
  readonly #server = createServer((request, response) => this.#answer(request, response));
  /** Answers that have not left yet. */
  readonly #underWay = new Set<ServerResponse>();
  #isStopping = false;

  constructor(routes: readonly Route[]) {
    this.#routes = routes;
  }

  /** @param port 0 for a free one. @returns where it listens */
  async listen(port: number): Promise<string> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Accepts nobody new and answers what has been asked; after `patience` milliseconds it cuts off what is left. */
  async stop(patience: number): Promise<void> {
    this.#isStopping = true;
    const closed = once(this.#server, "close");
    const timer = setTimeout(() => this.#server.closeAllConnections(), patience);
    // The close() of net: that of http destroys connections on which the end of an answer is still on its way.
    Server.prototype.close.call(this.#server);
    this.#closeIdle();
    await closed;
    clearTimeout(timer);
  }

  #closeIdle(): void {
    if (this.#isStopping && this.#underWay.size === 0) this.#server.closeIdleConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    this.#underWay.add(response);
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
      this.#underWay.delete(response);
      this.#closeIdle();
    });
    if (this.#isStopping) response.setHeader("connection", "close");
    try {
      const result = await this.#handle(request, response, gone.signal);
      if (result !== undefined) send(response, 200, result);
    } catch (error) {
      fail(response, error);
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<unknown> {
    const url = URL.parse(request.url ?? "", "http://localhost");
    if (url === null) throw new HttpError(400, "the URL is not valid");
    const found = this.#routes.filter(([, path]) => path.test(url.pathname));
    const methods = found.map(([method]) => method);
    const [, path, handler] = found[methods.indexOf(request.method ?? "")] ?? [];
    if (handler !== undefined) {
      const groups = path?.exec(url.pathname)?.groups ?? {};
      return handler({ request, response, path: groups, query: url.searchParams, signal });
    }
    if (found.length === 0) throw new HttpError(404, "there is nothing here");
    response.setHeader("allow", methods.join(", "));
    throw new HttpError(405, `${request.method} is not possible here`);
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

function fail(response: ServerResponse, error: unknown): void {
  // Nobody is listening, or half of an answer is out: cutting it short is all that is left to say.
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const status = statusOf(error);
  if (status === 503) response.setHeader("retry-after", 1);
  if (status === 500) console.error(error);
  const message = status === 500 || !(error instanceof Error) ? "internal error" : error.message;
  send(response, status, { error: message });
}
