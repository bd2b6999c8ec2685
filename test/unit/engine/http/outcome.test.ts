/**
 * Tests src/engine/http/outcome.ts: what became of the work when a link failed.
 */
import { describe, expect, it } from "vitest";
import { type FailureKind, LinkFailure } from "../../../../src/engine/http/link-failure.ts";
import { type Effect, errorOf, outcomeOf } from "../../../../src/engine/http/outcome.ts";

const failure = (kind: FailureKind, status = 0) => new LinkFailure(kind, "words", { status });

describe("outcomeOf", () => {
  it.each<[FailureKind, number, Effect, boolean, boolean, string]>([
    // Nothing was sent.
    ["connection", 0, "write", false, false, "not-executed"],
    ["connection", 0, "commit", false, false, "not-executed"],
    // Autocommit.
    ["connection", 0, "read", false, true, "not-executed"],
    ["connection", 0, "write", false, true, "unknown"],
    ["timeout", 0, "commit", false, true, "unknown"],
    ["protocol", 0, "begin", false, true, "rolled-back"],
    ["refused", 401, "write", false, true, "not-executed"],
    ["refused", 503, "write", false, true, "not-executed"],
    ["refused", 500, "write", false, true, "unknown"],
    ["expired", 0, "write", false, true, "not-executed"],
    // Inside a transaction.
    ["connection", 0, "read", true, true, "rolled-back"],
    ["connection", 0, "write", true, true, "rolled-back"],
    ["connection", 0, "commit", true, true, "unknown"],
    ["connection", 0, "commit", true, false, "rolled-back"],
    ["expired", 0, "commit", true, true, "rolled-back"],
    ["refused", 403, "commit", true, true, "rolled-back"],
    ["cancelled", 0, "commit", true, true, "unknown"],
  ])(
    "%s %i, %s, in a transaction: %s, sent: %s: %s",
    (kind, status, effect, inTransaction, sent, outcome) => {
      expect(outcomeOf(failure(kind, status), { effect, inTransaction, sent })).toBe(outcome);
    },
  );
});

describe("errorOf", () => {
  const circumstances = { effect: "write", inTransaction: true, sent: true } as const;

  it("says what became of the transaction", () => {
    expect(errorOf(failure("connection"), circumstances)).toMatchObject({
      code: "CONNECTION",
      outcome: "rolled-back",
      retryable: true,
    });
    expect(errorOf(failure("connection"), circumstances).message).toMatch(/transaction has been lost/);
    expect(errorOf(failure("connection"), { ...circumstances, effect: "commit" }).message).toMatch(
      /not known/,
    );
  });

  it("is SQLITE_INTERRUPT when somebody asked for the end", () => {
    expect(errorOf(failure("cancelled"), circumstances)).toMatchObject({
      code: "SQLITE_INTERRUPT",
      sqliteErrorcode: 9,
      outcome: "rolled-back",
    });
  });

  it("takes the server's code where there is one, and shows no failure of ours as its cause", () => {
    const refused = new LinkFailure("refused", "words", {
      status: 400,
      code: "SOME",
      cause: failure("timeout"),
    });
    const error = errorOf(refused, circumstances);
    expect(error.code).toBe("SOME");
    expect(error.cause).toBeUndefined();
  });
});
