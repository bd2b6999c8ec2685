/**
 * Tests src/engine/http/values.ts and json.ts: values cross the wire without losing a bit, and what is no value raises.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../../../src/engine/http/json.ts";
import { LinkFailure } from "../../../../src/engine/http/link-failure.ts";
import { decodeRow, decodeValue, encodeValue } from "../../../../src/engine/http/values.ts";
import { DataError } from "../../../../src/errors/tree.ts";
import { isInteger } from "../../../../src/values/integers.ts";
import type { BoundValue, Reading } from "../../../../src/values/types.ts";

const AUTO: Reading = { integers: "auto", text: "string" };
const BIG: Reading = { integers: "bigint", text: "string" };

const through = (value: BoundValue, reading: Reading) => decodeValue(parseJson(encodeValue(value)), reading);

const bound = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
  fc.uint8Array(),
);

describe("a value", () => {
  it("comes back as it went", () => {
    fc.assert(
      fc.property(bound, (value) => {
        const came = through(value, BIG);
        if (typeof value === "number" && isInteger(value)) expect(came).toBe(BigInt(value));
        else if (value instanceof Uint8Array) expect(came).toEqual(Buffer.from(value));
        else expect(Object.is(came, value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("that is an integer is a number where that is safe, else a bigint", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const came = through(value, AUTO);
        expect(BigInt(came as bigint)).toBe(value);
        expect(typeof came).toBe(Number.isSafeInteger(Number(value)) ? "number" : "bigint");
      }),
    );
    expect(() => through(2n ** 53n, { integers: "number", text: "string" })).toThrow(DataError);
  });

  it("that is text is its bytes where those are asked for", () => {
    expect(through("ä\0", { integers: "auto", text: "buffer" })).toEqual(Buffer.from("ä\0"));
  });

  it("that is part of a larger memory goes alone", () => {
    const memory = new Uint8Array([1, 2, 3, 4]);
    expect(through(memory.subarray(1, 3), AUTO)).toEqual(Buffer.from([2, 3]));
  });

  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("of %d does not go out", (value) => {
    expect(() => encodeValue(value)).toThrow(DataError);
  });

  it.each(['{"type":"float","value":null}', '{"type":"float","value":1e999}'])(
    "is no infinity: %s",
    (json) => {
      expect(() => decodeValue(parseJson(json), AUTO)).toThrow(DataError);
    },
  );
});

describe("what servers write otherwise", () => {
  it.each<[string, unknown]>([
    ['{"type":"integer","value":9223372036854775807}', 9223372036854775807n],
    ['{"type":"integer","value":-9223372036854775808}', -9223372036854775808n],
    ['{"type":"integer","value":9007199254740993}', 9007199254740993n],
    ['{"type":"integer","value":5}', 5],
    ['{"type":"integer","value":"-0"}', 0],
    ['{"type":"float","value":100000000000000000000}', 1e20],
    ['{"type":"float","value":9007199254740993}', 9007199254740992],
    ['{"type":"blob","base64":"AP8"}', Buffer.from([0, 255])],
    ['{"type":"blob","base64":"AP8="}', Buffer.from([0, 255])],
    ['{"type":"blob","base64":""}', Buffer.alloc(0)],
  ])("is understood: %s", (json, value) => {
    expect(decodeValue(parseJson(json), AUTO)).toEqual(value);
  });

  it.each([
    "null",
    "5",
    "{}",
    "[]",
    '{"type":"decimal","value":"1"}',
    '{"type":"integer"}',
    '{"type":"integer","value":"1.0"}',
    '{"type":"integer","value":" 1"}',
    '{"type":"integer","value":"0x1"}',
    '{"type":"integer","value":"1e3"}',
    '{"type":"integer","value":1.5}',
    '{"type":"integer","value":"9223372036854775808"}',
    '{"type":"integer","value":9223372036854775808}',
    '{"type":"float","value":"1.5"}',
    '{"type":"float"}',
    '{"type":"text","value":5}',
    '{"type":"text","value":"\\ud800"}',
    '{"type":"blob","base64":"A"}',
    '{"type":"blob","base64":"AP8=="}',
    '{"type":"blob","base64":"AP-_"}',
    '{"type":"blob","base64":"A P8"}',
    '{"type":"blob","base64":5}',
  ])("breaks the protocol: %s", (json) => {
    expect(() => decodeValue(parseJson(json), AUTO)).toThrow(LinkFailure);
  });

  it.each(["", "{", "nul", "[1,]", '{"a":1}}'])("is no JSON: %j", (text) => {
    expect(() => parseJson(text)).toThrow(LinkFailure);
  });
});

describe("a row", () => {
  const cell = { type: "integer", value: "1" };

  it("has exactly the width of its result", () => {
    expect(decodeRow([cell, cell], 2, AUTO)).toEqual([1, 1]);
    for (const row of [[cell], [cell, cell, cell], [], null, { 0: cell, 1: cell, length: 2 }]) {
      expect(() => decodeRow(row, 2, AUTO)).toThrow(LinkFailure);
    }
  });
});
