/**
 * Tests src/errors/bound-values.ts: a value that SQLite repeats in its message is not shown, unless it stands in the statement.
 */
import { describe, expect, it } from "vitest";
import { withoutValue } from "../../../src/errors/bound-values.ts";

describe("withoutValue", () => {
  it.each([
    ["bad JSON path: 'secret'", "bad JSON path: ?"],
    ["no such database: secret", "no such database: ?"],
    ['fts5: syntax error near "secret"', "fts5: syntax error near ?"],
    ["database secret is already in use", "database ? is already in use"],
    ["malformed MATCH expression: [secret]", "malformed MATCH expression: ?"],
  ])("takes it out of %s", (message, shown) => {
    expect(withoutValue(message, "SQLITE_ERROR", "SELECT f(?)")).toBe(shown);
    expect(withoutValue(message, "SQLITE_ERROR", "SELECT f('secret')")).toBe(message);
    expect(withoutValue(message, "SQLITE_BUSY", "SELECT f(?)")).toBe(message);
  });

  it("leaves every other message as it is", () => {
    expect(withoutValue("no such table: t", "SQLITE_ERROR")).toBe("no such table: t");
  });
});
