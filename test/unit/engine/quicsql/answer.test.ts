/**
 * Tests src/engine/quicsql/answer.ts: answers are looked at before they are believed.
 */
import { describe, expect, it } from "vitest";
import { LinkFailure } from "../../../../src/engine/http/link-failure.ts";
import { readRefusal, readResult, readResults, rowsOf } from "../../../../src/engine/quicsql/answer.ts";
import { DataError, OperationalError } from "../../../../src/errors/tree.ts";
import type { Reading } from "../../../../src/values/types.ts";

const AUTO: Reading = { integers: "auto", text: "string" };
const whole = { columns: ["a"], rows: [[1], [2]], rows_affected: 0, last_insert_id: 0 };

describe("an answer", () => {
  it.each([
    ["no columns", { columns: undefined }],
    ["a column without a name", { columns: [null] }],
    ["no rows", { rows: null }],
    ["no count", { rows_affected: undefined }],
    ["a negative count", { rows_affected: -1 }],
    ["half a change", { rows_affected: 0.5 }],
    ["a rowid that is a text", { last_insert_id: "1" }],
    ["a truncation that is no yes or no", { truncated: "true" }],
  ])("with %s breaks the protocol", (_what, change) => {
    expect(() => readResult({ ...whole, ...change })).toThrow(LinkFailure);
  });

  it.each([null, 1, "x", [], {}])("that is %j breaks the protocol", (answer) => {
    expect(() => readResult(answer)).toThrow(LinkFailure);
    expect(() => readResults(answer, 1)).toThrow(LinkFailure);
  });

  it("to several statements has a result for each", () => {
    expect(readResults({ results: [whole, whole] }, 2)).toHaveLength(2);
    expect(() => readResults({ results: [whole] }, 2)).toThrow(LinkFailure);
  });

  it("with a large rowid keeps every digit of it", () => {
    expect(readResult({ ...whole, last_insert_id: 2n ** 60n }).lastrowid).toBe(2n ** 60n);
  });
});

describe("an error", () => {
  it("has its codes as numbers or by name", () => {
    const read = (error: object) => readRefusal({ error: { message: "m", ...error } })?.error;
    expect(read({ code: 19, extended_code: 2067 })).toEqual({ message: "m", code: null, extendedCode: 2067 });
    expect(read({ code: 1 })).toMatchObject({ extendedCode: 1 });
    expect(read({ code: "SQLITE_BUSY" })).toMatchObject({ code: "SQLITE_BUSY", extendedCode: null });
    expect(read({ code: 0, extended_code: 0 })).toMatchObject({ code: null, extendedCode: null });
  });

  it("says which statement it was, the first one too", () => {
    expect(readRefusal({ error: { message: "m" }, failed_index: 0 })?.index).toBe(0);
    expect(readRefusal({ error: { message: "m" } })?.index).toBe(-1);
    expect(readRefusal({ error: { message: "m" }, failed_index: -3 })?.index).toBe(-1);
  });

  it("without words breaks the protocol, and none is no error", () => {
    expect(() => readRefusal({ error: "no" })).toThrow(LinkFailure);
    expect(readRefusal({ error: null })).toBeNull();
    expect(readRefusal(whole)).toBeNull();
  });
});

describe("rows", () => {
  it("that were cut off end with an error behind the last", () => {
    const { rows, error } = rowsOf(readResult({ ...whole, truncated: true }), AUTO);
    expect(rows).toEqual([[1], [2]]);
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ code: "RESULT_TRUNCATED" });
  });

  it("of which one cannot be told end before it", () => {
    const result = readResult({ ...whole, rows: [[1], [2n ** 60n], [3]] });
    const { rows, error } = rowsOf(result, { integers: "number", text: "string" });
    expect([rows, error instanceof DataError]).toEqual([[[1]], true]);
  });

  it("of another width break the protocol", () => {
    expect(() => rowsOf(readResult({ ...whole, rows: [[1, 2]] }), AUTO)).toThrow(LinkFailure);
  });
});
