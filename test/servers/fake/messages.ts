/** What a test and the process of the fake server say to each other. This file declares; it must not run anything. */
import type { Rule } from "./rules.ts";

/** One request as it came, and what was answered; a WebSocket message has the `method` "MESSAGE", a real server's "REPLY". */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The connection it came on, from 1. */
  readonly connection: number;
  /** What the real server answered, where it was asked. */
  upstream?: { readonly status: number; readonly headers: Record<string, string>; readonly bytes: string };
}

export type ToFake =
  | { readonly kind: "rules"; readonly id: number; readonly rules: readonly Rule[] }
  | { readonly kind: "seen"; readonly id: number }
  | { readonly kind: "counts"; readonly id: number }
  | { readonly kind: "drop"; readonly id: number };

/** Connections that came, and those that are still open. */
export interface Counts {
  readonly connections: number;
  readonly open: number;
}

export type FromFake =
  | { readonly kind: "ready"; readonly port: number; readonly certificate: string | null }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown };
