/**
 * A stream over a WebSocket, which has a number there, and cursors that are asked for their next entries.
 * It must not know SQL. Tests: test/unit/engine/hrana/websocket.test.ts.
 */
import { Call } from "../http/call.ts";
import { LATER } from "../http/http-body.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import type { Settings } from "../http/options.ts";
import type { Cursor, CursorWishes, Incoming, Stream } from "./stream.ts";
import type { StreamRequest, StreamResult, WireError } from "./wire.ts";
import type { Answer, Session, WsClient } from "./ws-client.ts";

/** Entries to ask for at once. A server stops at a number of bytes of its own. */
const ENTRIES = 1000;
/** The same where an entry is many rows. */
const DENSE_ENTRIES = 64;
/** How often a long result is asked for ahead, so that the server is never without work while we use what has come. */
const AHEAD = 2;

export class WsStream implements Stream {
  answered = 0;
  readonly #client: WsClient;
  readonly #settings: Settings;
  #session: Session | null = null;
  #id = 0;
  #cursor: WsCursor | null = null;

  constructor(client: WsClient, settings: Settings) {
    this.#client = client;
    this.#settings = settings;
  }

  get isOpen(): boolean {
    return this.#session?.isOpen === true;
  }

  get isBlocked(): boolean {
    return this.isOpen && this.#cursor?.isLeft === true;
  }

  async pipeline(requests: readonly StreamRequest[], call: Call): Promise<StreamResult[]> {
    const { session, opening } = await this.#open(call);
    const answers = requests.map(({ type, members }) => {
      if (type === "close") return session.request("close_stream", this.#member());
      return session.request(type, `${this.#member()}${members === "" ? "" : `,${members}`}`);
    });
    const results = await this.#all([...opening, ...answers], call);
    this.answered = results.reduce((sum, { bytes }) => sum + bytes, 0);
    if (requests.at(-1)?.type === "close") this.#leave(false);
    return this.#opened(results, opening.length);
  }

  async cursor(steps: string, call: Call, { isParsed, isDense }: CursorWishes): Promise<Cursor> {
    const { session, opening } = await this.#open(call);
    const id = session.newId();
    const started = session.request(
      "open_cursor",
      `${this.#member()},"cursor_id":${id},"batch":{"steps":${steps}}`,
    );
    const cursor = new WsCursor(session, id, this.#settings, isDense ? DENSE_ENTRIES : ENTRIES);
    // One that fails has no entries, and a server ends the whole connection when it is asked for them.
    if (isParsed) cursor.ask();
    const [start] = this.#opened(await this.#all([...opening, started], call), opening.length);
    if (start?.error) cursor.fail(start.error);
    else this.#cursor = cursor;
    return cursor;
  }

  #member(): string {
    return `"stream_id":${this.#id}`;
  }

  /** The connection with the stream on it, and the request that opens that if it is new. */
  async #open(
    call: Call,
  ): Promise<{ readonly session: Session; readonly opening: readonly Promise<Answer>[] }> {
    const known = this.#session;
    if (known?.isOpen) {
      call.sent = true;
      // sqld stops a cursor in the middle, but lets nothing else run in the stream then: it has to come to its end.
      if (this.#cursor?.isLeft) await this.#cursor.readOut(call);
      return { session: known, opening: [] };
    }
    const session = await this.#client.session(call);
    call.sent = true;
    this.#session = session;
    this.#id = session.newId();
    this.#cursor = null;
    session.addStream();
    return { session, opening: [session.request("open_stream", this.#member())] };
  }

  /** The results behind the one of the opening. */
  #opened(results: readonly Answer[], opening: number): StreamResult[] {
    const error = opening === 0 ? null : (results[0]?.error ?? null);
    if (error === null) return results.slice(opening);
    this.#leave(false);
    throw new LinkFailure("refused", `the server opens no stream: ${error.message}`, {
      code: error.code,
      status: 503,
    });
  }

  async #all(answers: readonly Promise<Answer>[], call: Call): Promise<readonly Answer[]> {
    try {
      return await waitFor(Promise.all(answers), this.#settings.firstByteTimeout, call, this.#session);
    } catch (failure) {
      // The server still works on it, and what comes of that is not wanted.
      this.#leave(true);
      throw failure;
    }
  }

  /** Lets go of the connection. @param isStuck what runs there ends with the connection only */
  #leave(isStuck: boolean): void {
    const session = this.#session;
    this.#session = null;
    session?.dropStream(isStuck);
  }

  async close(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    // sqld lets a stream go whose cursor is in its middle, but not what that cursor holds: a snapshot, or a lock.
    if (this.#cursor?.isLeft) return this.#leave(true);
    const closing = session.request("close_stream", this.#member());
    this.#session = null;
    try {
      await waitFor(closing, CLOSE_TIMEOUT, new Call(), session);
    } catch {
      // A stream ends with its connection.
    } finally {
      session.dropStream(false);
    }
  }
}

/** How long a server may take to end a stream that is of no use any more, in milliseconds. */
const CLOSE_TIMEOUT = 5000;

function waitFor<T>(promise: Promise<T>, timeout: number, call: Call, session: Session | null): Promise<T> {
  return call.wait<T>(
    (resolve, reject) => {
      promise.then(resolve, reject);
      return () => {};
    },
    timeout,
    () => {
      if (session !== null) session.isSuspect = true;
      return new LinkFailure("timeout", `the server did not answer within ${timeout} ms (firstByteTimeout)`);
    },
  );
}

class WsCursor implements Cursor {
  received = 0;
  /** It was ended before its last row. */
  isLeft = false;
  readonly #session: Session;
  readonly #id: number;
  readonly #settings: Settings;
  readonly #entries: number;
  /** The entries that have been asked for and not been used. */
  readonly #asked: Promise<Answer>[] = [];
  #error: WireError | null = null;
  #isOver = false;

  /** @param entries how many to ask for at once */
  constructor(session: Session, id: number, settings: Settings, entries: number) {
    this.#session = session;
    this.#id = id;
    this.#settings = settings;
    this.#entries = entries;
  }

  /** Asks for the first entries before it is known that there are any. */
  ask(): void {
    const members = `"cursor_id":${this.#id},"max_count":${this.#entries}`;
    this.#asked.push(this.#session.request("fetch_cursor", members));
  }

  /** It did not even begin: its one entry is the error. */
  fail(error: WireError): void {
    this.#error = error;
    this.#isOver = true;
  }

  get #first(): Promise<Answer> {
    if (this.#asked.length === 0) this.ask();
    return this.#asked[0] as Promise<Answer>;
  }

  async next(call: Call, patience = 0): Promise<Incoming | null | typeof LATER> {
    if (this.#error !== null) {
      const { message, code } = this.#error;
      this.#error = null;
      return { parsed: [{ type: "error", error: { message, code } }], lines: null };
    }
    while (!this.#isOver) {
      const answer = await this.#wait(this.#first, call, patience);
      if (answer === LATER) return LATER;
      this.#asked.shift();
      this.received += answer.bytes;
      if (answer.error !== null) {
        this.#finish();
        return { parsed: [{ type: "error", error: answer.error }], lines: null };
      }
      const { entries, done } = answer.response;
      if (!Array.isArray(entries)) throw broken("an answer of a cursor has no entries");
      if (done === true) this.#finish();
      // While these are used, the next come.
      else while (this.#asked.length < AHEAD) this.ask();
      if (entries.length > 0) return { parsed: entries, lines: null };
    }
    return null;
  }

  async #wait(asked: Promise<Answer>, call: Call, patience: number): Promise<Answer | typeof LATER> {
    if (patience === 0) return waitFor(asked, this.#settings.idleTimeout, call, this.#session);
    let timer: NodeJS.Timeout | undefined;
    const later = new Promise<typeof LATER>((resolve) => {
      timer = setTimeout(() => resolve(LATER), patience);
    });
    try {
      return await waitFor(Promise.race([asked, later]), 0, call, this.#session);
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.isLeft = true;
  }

  /** Reads what nobody wants, so that the stream is free again. */
  async readOut(call: Call): Promise<void> {
    while (this.isLeft) {
      const { response } = await waitFor(this.#first, this.#settings.idleTimeout, call, this.#session);
      this.#asked.shift();
      if (response === null || response.done === true) this.#finish();
    }
  }

  #finish(): void {
    this.#isOver = true;
    this.isLeft = false;
    void this.#session.request("close_cursor", `"cursor_id":${this.#id}`);
  }
}
