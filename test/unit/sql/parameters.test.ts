import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStatement, type ParameterList } from "../../../src/sql/statement.ts";
import { openDatabase } from "./support.ts";

function parametersOf(sql: string): ParameterList {
  return describeStatement(sql).parameters;
}

describe("numbering", () => {
  it.each<[string, number, ParameterList["style"], (string | null)[]]>([
    ["select 1", 0, "none", []],
    ["select ?, ?", 2, "positional", [null, null]],
    ["select ?2, ?1", 2, "positional", ["?1", "?2"]],
    ["select ?5", 5, "positional", [null, null, null, null, "?5"]],
    ["select ?2, ?", 3, "positional", [null, "?2", null]],
    ["select ?, ?1, ?01", 1, "positional", ["?1"]],
    ["select ?01", 1, "positional", ["?01"]],
    ["select :a, :a, :A", 2, "named", [":a", ":A"]],
    ["select :a, @a, $a, #a", 4, "named", [":a", "@a", "$a", "#a"]],
    ["select :1", 1, "named", [":1"]],
    ["select :a, ?", 2, "mixed", [":a", null]],
    ["select :a, ?1", 1, "mixed", [":a"]],
    ["select '?', \"?\", [?], x -- ?\n, /* ? */ ?", 1, "positional", [null]],
    ["select ?; select ?, ?", 1, "positional", [null]],
    [";; select ?", 1, "positional", [null]],
    ["select ?1a", 1, "positional", ["?1"]],
  ])("%s", (sql, count, style, names) => {
    expect(parametersOf(sql)).toEqual({ count, style, names });
  });

  it("numbers that SQLite refuses are left out", () => {
    expect(parametersOf("select ?0, ?32767, ?99999999999999999999").count).toBe(0);
    expect(parametersOf("select ?32766").count).toBe(32766);
    expect(parametersOf("select #1").style).toBe("none");
  });

  it("thousands of names stay quick", () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `:n${i}`);
    expect(parametersOf(`select ${names.join()}, ${names.join()}`).count).toBe(30_000);
  });
});

const parameter = fc.oneof(
  fc.constantFrom("?", "?", "?1", "?2", "?3", "?7", "?02"),
  fc.constantFrom(":a", ":b", "@c", "$d", "#e", ":é", ":long_name$1"),
);

it("every parameter gets the number that SQLite gives it", () => {
  const database = openDatabase();
  fc.assert(
    fc.property(fc.array(parameter, { minLength: 1, maxLength: 12 }), (parameters) => {
      const sql = `select ${parameters.join(" , ")}`;
      const { count, names } = parametersOf(sql);
      // SQLite's program fetches the parameters in the order of the columns; better-sqlite3 checks count and names.
      const unnamed = names.filter((name) => name === null);
      const named = Object.fromEntries(
        names.flatMap((name) => (name === null ? [] : [[name.slice(1), null]])),
      );
      const program = database.prepare(`explain ${sql}`).all(unnamed, named) as {
        opcode: string;
        p1: number;
      }[];
      const theirs = program.filter((step) => step.opcode === "Variable").map((step) => step.p1);
      // Ours, read off the names: a text names its number, and the bare ones count up in order.
      let highest = 0;
      const ours = parameters.map((text) => {
        const number = text.startsWith("?") ? Number(text.slice(1)) || highest + 1 : names.indexOf(text) + 1;
        highest = Math.max(highest, number);
        return number;
      });
      expect(ours).toEqual(theirs);
      expect(count).toBe(Math.max(...theirs));
    }),
    { numRuns: 500 },
  );
});
