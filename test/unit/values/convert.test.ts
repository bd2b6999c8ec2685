import { afterEach, describe, expect, it } from "vitest";
import { DataError, InterfaceError, OperationalError } from "../../../src/errors/tree.ts";
import {
  applyConverters,
  type Converter,
  columnName,
  convertersFor,
  PARSE_COLNAMES,
  PARSE_DECLTYPES,
  registerConverter,
} from "../../../src/values/convert.ts";
import { parseDate } from "../../../src/values/dates.ts";

const registered = new Set<string>();
function register(name: string, fn: Converter): Converter {
  registered.add(name);
  registerConverter(name, fn);
  return fn;
}
afterEach(() => {
  for (const name of registered) registerConverter(name, null);
  registered.clear();
});

/** The converter of one column. */
function found(name: string, type: string | null, detectTypes: number): Converter | null {
  return convertersFor([{ name, type }], detectTypes)?.[0] ?? null;
}

const BOTH = PARSE_DECLTYPES | PARSE_COLNAMES;

describe("convertersFor", () => {
  it("has Python's constants", () => expect([PARSE_DECLTYPES, PARSE_COLNAMES]).toEqual([1, 2]));

  it("finds a declared type up to its first space or parenthesis, in any case", () => {
    const number = register("Number", Number);
    for (const type of ["number", "NUMBER", "NuMbEr(10)", "number (10)", "number primary key", "NUMBER("]) {
      expect(found("x", type, PARSE_DECLTYPES)).toBe(number);
    }
    for (const type of ["numbers", " number", "num", "", "(number)", "integer", null]) {
      expect(found("x", type, PARSE_DECLTYPES)).toBeNull();
    }
  });

  it("finds a type in brackets in the name, in any case", () => {
    const flag = register("flag", Boolean);
    for (const name of ["x [flag]", "x[FLAG]", "[Flag]", "x [flag] y", "x [y[flag]", "a]b [flag]"]) {
      expect(found(name, null, PARSE_COLNAMES)).toBe(flag);
    }
    for (const name of ["x", "x flag", "x [flag", "x flag]", "x [ flag]", "x []", "x [other] [flag]"]) {
      expect(found(name, null, PARSE_COLNAMES)).toBeNull();
    }
  });

  it("prefers the name to the declared type", () => {
    const [byName, byType] = [register("a", String), register("b", Number)];
    expect(found("x [a]", "b", BOTH)).toBe(byName);
    expect(found("x [unknown]", "b", BOTH)).toBe(byType);
    expect(found("x [a]", "b", PARSE_DECLTYPES)).toBe(byType);
    expect(found("x [a]", "b", PARSE_COLNAMES)).toBe(byName);
    expect(found("x", "b", PARSE_COLNAMES)).toBeNull();
  });

  it("is null when nothing is to be converted", () => {
    register("a", String);
    expect(convertersFor([{ name: "x [a]", type: "a" }], 0)).toBeNull();
    expect(convertersFor([], BOTH)).toBeNull();
    expect(convertersFor([{ name: "x", type: "text" }], BOTH)).toBeNull();
  });

  it("has an entry for every column when there is one to convert", () => {
    const fn = register("a", String);
    const columns = ["text", "a", null].map((type) => ({ name: "x", type }));
    expect(convertersFor(columns, PARSE_DECLTYPES)).toEqual([null, fn, null]);
  });

  it("has date and timestamp from the start", () => {
    expect(found("x", "DATE", PARSE_DECLTYPES)).toBe(parseDate);
    expect(found("x", "timestamp", PARSE_DECLTYPES)).toBe(parseDate);
    expect(found("x", "datetime", PARSE_DECLTYPES)).toBeNull();
    registerConverter("Date", null);
    expect(found("x", "date", PARSE_DECLTYPES)).toBeNull();
    registerConverter("date", parseDate);
  });

  it("is not taken in by names of Object.prototype", () => {
    expect(found("x [constructor]", "__proto__", BOTH)).toBeNull();
  });
});

describe("registerConverter", () => {
  it("refuses what can never be found", () => {
    for (const name of ["", "a]", "[a", "a[b]"]) {
      expect(() => registerConverter(name, String)).toThrow(InterfaceError);
    }
    for (const name of [undefined, null, 5, Symbol("x")]) {
      expect(() => registerConverter(name as unknown as string, String)).toThrow(InterfaceError);
    }
    for (const fn of [undefined, 5, "fn"]) {
      expect(() => registerConverter("a", fn as unknown as null)).toThrow(InterfaceError);
    }
  });
});

describe("columnName", () => {
  it("loses the type in brackets with PARSE_COLNAMES only", () => {
    expect(columnName("d [date]", PARSE_COLNAMES)).toBe("d");
    expect(columnName("d [date]", PARSE_DECLTYPES)).toBe("d [date]");
    expect(columnName("d [date]", 0)).toBe("d [date]");
  });

  it("ends where Python's does", () => {
    const names = {
      "d[date]": "d",
      "d  [date]": "d ",
      "[date]": "",
      " [date]": "",
      "a b [c] d": "a b",
      "d [": "d",
    };
    for (const [name, expected] of Object.entries(names))
      expect(columnName(name, PARSE_COLNAMES)).toBe(expected);
    expect(columnName("plain", PARSE_COLNAMES)).toBe("plain");
    expect(columnName("a]", PARSE_COLNAMES)).toBe("a]");
    expect(columnName("a\n[b]\nc", PARSE_COLNAMES)).toBe("a\n");
  });
});

describe("applyConverters", () => {
  it("converts in place and leaves NULL alone", () => {
    const row = [1, null, "x"];
    const values = applyConverters(row, [(value) => [value], () => "never", null]);
    expect(values).toEqual([[1], null, "x"]);
    expect(values).toBe(row);
  });

  it("gives the stored value as it is read", () => {
    const seen: unknown[] = [];
    const see: Converter = (value) => void seen.push(value);
    const row = [1, 2n, 1.5, "t", Buffer.from("b")];
    applyConverters(
      [...row],
      row.map(() => see),
    );
    expect(seen).toEqual(row);
  });

  it("keeps what a converter gives, also null and undefined", () => {
    expect(applyConverters([1, 2], [() => null, () => undefined])).toEqual([null, undefined]);
  });

  it("makes an OperationalError of what a converter throws", () => {
    const cause = new TypeError("secret");
    const run = (): unknown =>
      applyConverters(
        ["x"],
        [
          () => {
            throw cause;
          },
        ],
      );
    expect(run).toThrow(OperationalError);
    expect(run).toThrow(
      expect.objectContaining({ message: "user-defined converter raised exception", cause }),
    );
  });

  it("lets an error of the tree through", () => {
    expect(() => applyConverters(["nonsense"], [parseDate])).toThrow(DataError);
  });
});
