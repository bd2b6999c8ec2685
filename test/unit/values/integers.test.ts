import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../../src/errors/tree.ts";
import { INT64_MAX, INT64_MIN, narrow } from "../../../src/values/integers.ts";

const int64 = fc.bigInt({ min: INT64_MIN, max: INT64_MAX });
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

describe("narrow", () => {
  it("knows the ends of int64", () => {
    expect([INT64_MIN, INT64_MAX]).toEqual([-9223372036854775808n, 9223372036854775807n]);
    expect(BigInt.asIntN(64, INT64_MAX + 1n)).toBe(INT64_MIN);
  });

  it("gives a number exactly when none of its bits is lost", () => {
    const edges = [
      -SAFE - 2n,
      -SAFE - 1n,
      -SAFE,
      -1n,
      0n,
      1n,
      SAFE,
      SAFE + 1n,
      SAFE + 2n,
      INT64_MIN,
      INT64_MAX,
    ];
    fc.assert(
      fc.property(fc.oneof(int64, fc.constantFrom(...edges)), (value) => {
        const narrowed = narrow(value, "auto");
        expect(typeof narrowed).toBe(value >= -SAFE && value <= SAFE ? "number" : "bigint");
        expect(BigInt(narrowed)).toBe(value);
      }),
    );
  });

  it("leaves a bigint alone when asked to", () => {
    fc.assert(fc.property(int64, (value) => narrow(value, "bigint") === value));
  });

  it("refuses to lose a bit, without telling the value", () => {
    expect(narrow(SAFE, "number")).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => narrow(SAFE + 1n, "number")).toThrow(DataError);
    expect(() => narrow(-SAFE - 1n, "number")).toThrow(/^(?!.*\d{4}).*"auto" or "bigint"$/);
  });

  it("gives 0 and not -0", () => {
    expect(Object.is(narrow(0n, "auto"), 0)).toBe(true);
  });
});
