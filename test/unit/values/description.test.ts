import { expect, it, describe as suite } from "vitest";
import { PARSE_COLNAMES } from "../../../src/values/convert.ts";
import { describe } from "../../../src/values/description.ts";

suite("describe", () => {
  const columns = [
    { name: "id", type: "INTEGER" },
    { name: "d [date]", type: null },
  ];

  it("makes a tuple of seven for each column", () => {
    expect(describe(columns, 0)).toEqual([
      ["id", "INTEGER", null, null, null, null, null],
      ["d [date]", null, null, null, null, null, null],
    ]);
    expect(describe([], 0)).toEqual([]);
  });

  it("cuts the type from a name with PARSE_COLNAMES", () => {
    expect(describe(columns, PARSE_COLNAMES).map(([name]) => name)).toEqual(["id", "d"]);
  });
});
