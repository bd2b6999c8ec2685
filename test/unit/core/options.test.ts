/**
 * Tests src/core/options.ts: every option with its default, the values it takes, and a message that names it for the others.
 */
import { describe, expect, it } from "vitest";
import {
  checkAutocommit,
  checkIsolationLevel,
  checkOptions,
  checkRowFactory,
  checkTextFactory,
} from "../../../src/core/options.ts";
import { InterfaceError } from "../../../src/errors/tree.ts";

const DEFAULTS = {
  timeout: 5000,
  isolationLevel: "",
  autocommit: -1,
  detectTypes: 0,
  cachedStatements: 128,
  readonly: false,
  fileMustExist: false,
  integers: "auto",
  rowFactory: null,
  server: {},
  replica: {},
};

const factory = () => null;

describe("checkOptions", () => {
  it("shows a wrong word as it was written, and takes a right one in any case", () => {
    expect(() => checkOptions({ isolationLevel: "bogus" })).toThrow('not "bogus"');
    expect(checkOptions({ isolationLevel: "immediate" }).isolationLevel).toBe("IMMEDIATE");
  });

  it("fills in the defaults", () => {
    expect(checkOptions(undefined)).toEqual(DEFAULTS);
    expect(checkOptions({})).toEqual(DEFAULTS);
    expect(checkOptions({ timeout: undefined, rowFactory: undefined })).toEqual(DEFAULTS);
    expect(checkOptions(Object.create(null))).toEqual(DEFAULTS);
  });

  it.each<readonly [string, unknown, unknown]>([
    ["timeout", 0, 0],
    ["timeout", 2147483647, 2147483647],
    ["isolationLevel", null, null],
    ["isolationLevel", "immediate", "IMMEDIATE"],
    ["isolationLevel", "Exclusive", "EXCLUSIVE"],
    ["isolationLevel", "", ""],
    ["autocommit", true, true],
    ["autocommit", false, false],
    ["autocommit", -1, -1],
    ["detectTypes", 3, 3],
    ["cachedStatements", 0, 0],
    ["readonly", true, true],
    ["fileMustExist", true, true],
    ["integers", "bigint", "bigint"],
    ["integers", "number", "number"],
    ["rowFactory", factory, factory],
    ["rowFactory", null, null],
  ])("takes %s = %s", (name, value, setting) => {
    expect(checkOptions({ [name]: value })).toEqual({ ...DEFAULTS, [name]: setting });
  });

  it.each<readonly [string, unknown]>([
    ["timeout", -1],
    ["timeout", 0.5],
    ["timeout", 2147483648],
    ["timeout", Number.NaN],
    ["timeout", Number.POSITIVE_INFINITY],
    ["timeout", "5000"],
    ["timeout", 5000n],
    ["timeout", null],
    ["isolationLevel", "SERIALIZABLE"],
    ["isolationLevel", "BEGIN"],
    ["isolationLevel", "IMMEDIATE; DROP TABLE t"],
    ["isolationLevel", 0],
    ["isolationLevel", false],
    ["autocommit", 0],
    ["autocommit", 1],
    ["autocommit", "true"],
    ["autocommit", null],
    ["detectTypes", 4],
    ["detectTypes", -1],
    ["detectTypes", true],
    ["cachedStatements", -1],
    ["cachedStatements", 1.5],
    ["cachedStatements", null],
    ["readonly", 1],
    ["readonly", "false"],
    ["readonly", null],
    ["fileMustExist", 0],
    ["integers", "string"],
    ["integers", "AUTO"],
    ["integers", null],
    ["rowFactory", {}],
    ["rowFactory", "Row"],
    ["rowFactory", 0],
  ])("refuses %s = %s and names the option", (name, value) => {
    const call = () => checkOptions({ [name]: value });
    expect(call).toThrow(InterfaceError);
    expect(call).toThrow(`${name} must be `);
  });

  it("says what it takes and what came", () => {
    expect(() => checkOptions({ integers: "int" })).toThrow(
      'integers must be "auto", "bigint", "number", not "int"',
    );
    expect(() => checkOptions({ timeout: [] })).toThrow(
      "timeout must be a whole number from 0 to 2147483647, not an array",
    );
    expect(() => checkOptions({ isolationLevel: {} })).toThrow("or null, not an object");
    expect(() => checkOptions({ readonly: factory })).toThrow(
      "readonly must be true or false, not a function",
    );
    expect(() => checkOptions({ rowFactory: Symbol("x") })).toThrow("not Symbol(x)");
  });

  it.each([
    "timeOut",
    "isolation_level",
    "uri",
    "__proto__x",
    "constructor",
    "toString",
    "check_same_thread",
  ])("refuses an option that there is not: %s", (name) =>
    expect(() => checkOptions({ [name]: 1 })).toThrow(`unknown option '${name}': expected one of timeout, `),
  );

  it.each([null, 5, "timeout=5", true, factory])("refuses what is no object: %s", (options) => {
    expect(() => checkOptions(options)).toThrow(/options must be an object/);
  });

  it("lets nothing in by way of a prototype", () => {
    expect(checkOptions(Object.create({ readonly: true }))).toEqual(DEFAULTS);
    const polluting: unknown = JSON.parse('{"__proto__": {"readonly": true}}');
    expect(() => checkOptions(polluting)).toThrow(InterfaceError);
    expect(Reflect.get({}, "readonly")).toBeUndefined();
  });
});

describe("the checks of single settings", () => {
  it("are the same ones", () => {
    expect(checkIsolationLevel("deferred")).toBe("DEFERRED");
    expect(checkAutocommit(false)).toBe(false);
    expect(checkRowFactory(factory)).toBe(factory);
    expect(checkTextFactory("buffer")).toBe("buffer");
    for (const call of [
      () => checkIsolationLevel("x"),
      () => checkAutocommit(2),
      () => checkTextFactory("bytes"),
    ]) {
      expect(call).toThrow(InterfaceError);
    }
  });
});
