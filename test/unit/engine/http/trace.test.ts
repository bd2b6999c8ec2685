/**
 * Tests src/engine/http/trace.ts: a statement with its values written into it.
 */
import { expect, it } from "vitest";
import { expand } from "../../../../src/engine/http/trace.ts";

it("writes values in the place of parameters, in code only", () => {
  const sql = "SELECT ?, '?', :a /* ? */, ?2, $b, ?";
  const values = [null, "it's", 5n, 1.5];
  expect(expand(sql, values)).toBe("SELECT NULL, '?', 'it''s' /* ? */, 'it''s', 5, 1.5");
  expect(expand("SELECT ?, ?", [0n, new Uint8Array([1, 255]), 2 ** 53], 1)).toBe(
    "SELECT x'01ff', 9007199254740992.0",
  );
  expect(expand("SELECT ?, ?", [2, -0])).toBe("SELECT 2, 0.0");
  expect(expand("SELECT 1", [])).toBe("SELECT 1");
});
