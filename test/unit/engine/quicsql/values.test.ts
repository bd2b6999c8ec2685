/**
 * Tests src/engine/quicsql/values.ts: values as JSON has them, exact, and what is no value raises.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../../../src/engine/http/json.ts";
import { LinkFailure } from "../../../../src/engine/http/link-failure.ts";
import { decodeRow, encodeValue } from "../../../../src/engine/quicsql/values.ts";
import { DataError } from "../../../../src/errors/tree.ts";
import { isInteger } from "../../../../src/values/integers.ts";
import type { BoundValue, Reading } from "../../../../src/values/types.ts";

const AUTO: Reading = { integers: "auto", text: "string" };
const BIG: Reading = { integers: "bigint", text: "string" };

const read = (json: string, reading: Reading = AUTO) =>
  decodeRow(parseJson(`[${json}]`, reading.integers === "bigint" ? "all" : "long"), 1, reading)[0];

const bound = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
  fc.uint8Array(),
);

describe("a value", () => {
  it("comes back as it went", () => {
    fc.assert(
      fc.property(bound, (value: BoundValue) => {
        const came = read(encodeValue(value), BIG);
        if (typeof value === "number" && isInteger(value)) expect(came).toBe(BigInt(value));
        else if (value instanceof Uint8Array) expect(came).toEqual(Buffer.from(value));
        else expect(Object.is(came, value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("that is an integer is a number where that is safe, else a bigint", () => {
    expect(read("9007199254740991")).toBe(9007199254740991);
    expect(read("9007199254740993")).toBe(9007199254740993n);
    expect(read("-9223372036854775808")).toBe(-(2n ** 63n));
    expect(read("7", BIG)).toBe(7n);
    expect(() => read("9007199254740993", { integers: "number", text: "string" })).toThrow(DataError);
  });

  it("that fits no 64 bits is a REAL that was written without a point", () => {
    expect(read("100000000000000000000")).toBe(1e20);
    expect(read("100000000000000000000", BIG)).toBe(1e20);
    expect(read("1.5", BIG)).toBe(1.5);
  });

  it("that is text is its bytes where those are asked for", () => {
    expect(read('"ä"', { integers: "auto", text: "buffer" })).toEqual(Buffer.from("ä"));
  });

  it("that is a whole REAL goes out with a point, a safe integer without, and an infinity not at all", () => {
    const numbers = [2 ** 53, -0, 1e300, 0.5, 2, -7];
    expect(numbers.map(encodeValue)).toEqual(["9007199254740992.0", "-0.0", "1e+300", "0.5", "2", "-7"]);
    expect(() => encodeValue(Number.POSITIVE_INFINITY)).toThrow(DataError);
  });

  it.each(["true", "[1]", "{}", '{"base64":1}', '{"base64":"?"}', '"\\ud800"'])("is not %s", (json) => {
    expect(() => read(json)).toThrow(LinkFailure);
  });
});

describe("a row", () => {
  it.each(["1", "null", "{}"])("is not %s", (row) => {
    expect(() => decodeRow(JSON.parse(row), 1, AUTO)).toThrow(LinkFailure);
  });

  it("has as many values as the result has columns", () => {
    expect(() => decodeRow([1], 2, AUTO)).toThrow(LinkFailure);
    expect(() => decodeRow([1, 2, 3], 2, AUTO)).toThrow(LinkFailure);
  });
});
