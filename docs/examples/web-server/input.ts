/**
 * What clients send, checked before it goes anywhere near the database. It must not know the database.
 */
import type { IncomingMessage } from "node:http";
import { HttpError } from "./http.ts";

export interface Search {
  /** How the name begins. */
  readonly q: string;
  readonly country: string | null;
  readonly limit: number;
}

export function searchOf(query: URLSearchParams): Search {
  const [q, country, limit] = [query.get("q") ?? "", query.get("country"), Number(query.get("limit") ?? 20)];
  ensure(q.length <= 100, "q is longer than 100 characters");
  ensure(country === null || /^[A-Z]{2}$/.test(country), "country is not two capital letters");
  ensure(Number.isInteger(limit) && limit >= 1 && limit <= 100, "limit is not a whole number from 1 to 100");
  return { q, country, limit };
}

export interface Changes {
  readonly name?: string;
  /** How many to add. */
  readonly visits?: number;
}

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: (value) => typeof value === "string" && value.length <= 200,
  visits: (value) => Number.isInteger(value) && Math.abs(value as number) <= 1000,
};

export function changesOf(body: unknown): Changes {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  ensure(isObject, "the body is not an object");
  for (const [field, value] of Object.entries(body as object)) {
    ensure(Object.hasOwn(CHECKS, field), "only name and visits can be changed");
    ensure(CHECKS[field]?.(value) === true, `${field} has a wrong value`);
  }
  return body as Changes;
}

const MOST_BYTES = 10_000;

/** Reads a body of JSON. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  // The connection is still needed for the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new HttpError(413, `the body is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new HttpError(400, "the body is not JSON");
  }
}

function ensure(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new HttpError(400, otherwise);
}
