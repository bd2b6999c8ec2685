/**
 * What the fake Hrana server can be told: rules, as plain data, for what it answers and how badly. Must not know sockets.
 * Tests: test/unit/servers/fake-rules.test.ts.
 */

/** Which requests or messages a rule is for; all that is said must hold. Expressions are those of RegExp. */
export interface When {
  /**
   * `http`: a request (the default); `upgrade`: one that asks for WebSocket; `message`: what a client says there;
   * `reply`: what the real server answers there.
   */
  readonly on?: "http" | "upgrade" | "message" | "reply";
  readonly path?: string;
  /** Found in the body of the request, or in the message. */
  readonly body?: string;
  /** Only the one of this number, from 0, of those that are fit otherwise. */
  readonly nth?: number;
  /** Not more often than that. */
  readonly times?: number;
}

/** A place in an answer where bytes are taken out and others put in. Behind the end nothing happens. */
export interface Splice {
  readonly at: number;
  /** How many bytes to take out. */
  readonly remove: number;
  /** Base64. */
  readonly insert: string;
}

export interface Replacement {
  /** A regular expression; every place is replaced. */
  readonly find: string;
  readonly with: string;
}

/** Where an answer stops, before its end, and how. */
export interface Stop {
  /** `request`: not even a header is sent; a number: after so many bytes of the body. */
  readonly at: "request" | number;
  /** `reset`: the connection is broken; `end`: it is ended as if all were well; `silence`: nothing more comes, ever. */
  readonly how: "reset" | "end" | "silence";
}

/** What is answered. Without `upstream` and without `body` it is an empty 200. */
export interface Answer {
  /** Ask the real server, which then has done what was asked; its status, headers and body are where ours are not told. */
  readonly upstream?: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text; `$1` stands for what the first group of the rule's `body` expression found. */
  readonly body?: string;
  /** A body in base64. */
  readonly bytes?: string;
  readonly replace?: readonly Replacement[];
  readonly splice?: Splice;
  /** Wait before the answer, milliseconds. */
  readonly delay?: number;
  /** A few bytes at a time. */
  readonly drip?: { readonly bytes: number; readonly every: number };
  /** The body, compressed. */
  readonly gzip?: boolean;
  /** The body, and then as many more bytes of white space. */
  readonly padding?: number;
  /** The body over and over. */
  readonly endless?: boolean;
  readonly stop?: Stop;
  /** Instead of HTTP: these words on the socket, which is then closed. */
  readonly raw?: string;
  /** WebSocket: the subprotocol that is agreed to, `""` for none; by default the first that was offered. */
  readonly protocol?: string;
  /** WebSocket: what is said, as text frames, `$1` as in `body`. */
  readonly messages?: readonly string[];
  /** WebSocket: bytes for the socket in base64, frames or not. */
  readonly frames?: string;
  /** WebSocket: a close frame with this code, after what is said. */
  readonly close?: number;
}

export interface Rule {
  readonly when?: When;
  readonly answer: Answer;
}

/** What a rule looks at. */
export interface Occasion {
  readonly on: NonNullable<When["on"]>;
  readonly path: string;
  readonly body: string;
}

/** A list of rules in use: the first that fits has the word. */
export class Rules {
  readonly #rules: readonly { readonly rule: Rule; seen: number; used: number }[];

  constructor(rules: readonly Rule[]) {
    this.#rules = rules.map((rule) => ({ rule, seen: 0, used: 0 }));
  }

  /** The answer for an occasion, its `$1` filled in; null where no rule is fit. */
  find(occasion: Occasion): Answer | null {
    let found: Answer | null = null;
    for (const entry of this.#rules) {
      const { when = {}, answer } = entry.rule;
      if (!fits(when, occasion)) continue;
      const isTurn = when.nth === undefined || when.nth === entry.seen;
      entry.seen++;
      if (found !== null || !isTurn || entry.used === when.times) continue;
      entry.used++;
      found = filled(answer, when, occasion);
    }
    return found;
  }
}

function fits({ on = "http", path = "", body = "" }: When, occasion: Occasion): boolean {
  return (
    on === occasion.on && new RegExp(path).test(occasion.path) && new RegExp(body, "s").test(occasion.body)
  );
}

function filled(answer: Answer, { body = "" }: When, occasion: Occasion): Answer {
  const group = new RegExp(body, "s").exec(occasion.body)?.[1];
  if (group === undefined) return answer;
  const fill = (text: string) => text.replaceAll("$1", group);
  return {
    ...answer,
    ...(answer.body === undefined ? {} : { body: fill(answer.body) }),
    ...(answer.messages === undefined ? {} : { messages: answer.messages.map(fill) }),
  };
}

/** The bytes of an answer, changed as it says. */
export function edited(bytes: Buffer, { replace = [], splice }: Answer): Buffer {
  let text = bytes;
  if (replace.length > 0) {
    // Latin-1 takes every byte as it is.
    let words = text.toString("latin1");
    for (const { find, with: by } of replace) words = words.replace(new RegExp(find, "g"), by);
    text = Buffer.from(words, "latin1");
  }
  if (splice === undefined || splice.at > text.length) return text;
  const { at, remove, insert } = splice;
  return Buffer.concat([text.subarray(0, at), Buffer.from(insert, "base64"), text.subarray(at + remove)]);
}
