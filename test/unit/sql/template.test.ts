import { describe, expect, it } from "vitest";
import { InterfaceError } from "../../../src/errors/tree.ts";
import { templateText } from "../../../src/sql/template.ts";

function sql(strings: TemplateStringsArray, ..._values: unknown[]): string {
  return templateText(strings);
}

/** Writes the message with which a template is refused. */
function refusalOf(call: () => string): string {
  try {
    return `accepted: ${call()}`;
  } catch (error) {
    if (!(error instanceof InterfaceError)) throw error;
    return error.message;
  }
}

describe("templateText", () => {
  it("puts a placeholder where each value stands", () => {
    expect(sql`select 1`).toBe("select 1");
    expect(sql`select ${1}, ${2}`).toBe("select ?, ?");
    expect(sql`${1}${2}`).toBe("??");
    expect(sql``).toBe("");
    expect(sql`select '?' where a=${1} -- ?`).toBe("select '?' where a=? -- ?");
  });

  it("one call site is read once", () => {
    const seen: TemplateStringsArray[] = [];
    const keep = (strings: TemplateStringsArray, ..._values: unknown[]): string => {
      seen.push(strings);
      return templateText(strings);
    };
    const call = (): string => keep`select ${"x"}`;
    expect([call(), call()]).toEqual(["select ?", "select ?"]);
    expect(seen[0]).toBe(seen[1]);
  });

  it.each([
    ["select 1"],
    [["select 1"]],
    [undefined],
    [null],
    [{ raw: [] }],
    [Object.assign(["a"], { raw: ["a", "b"] })],
  ])("%j is no template", (value) => {
    const call = (): string => (templateText as (strings: unknown) => string)(value);
    expect(refusalOf(call)).toMatch(/^sql is a template tag: write sql`/);
  });

  it("an invalid escape is refused", () => {
    expect(refusalOf(() => sql`select ${1} \u`)).toBe("part 2 of the template has an invalid escape");
  });

  it("a value cannot stand inside a string, a quoted name or a comment", () => {
    const inside = (index: number, what: string): string =>
      `value ${index} of the template stands inside ${what}`;
    expect(refusalOf(() => sql`select '${1}'`)).toBe(inside(1, "a string"));
    expect(refusalOf(() => sql`select ${1}, '%${2}%'`)).toBe(inside(2, "a string"));
    expect(refusalOf(() => sql`select 'a${1}`)).toBe(inside(1, "a string"));
    expect(refusalOf(() => sql`select x'${1}'`)).toBe(inside(1, "a string"));
    expect(refusalOf(() => sql`select "${1}"`)).toBe(inside(1, "a quoted name"));
    expect(refusalOf(() => sql`select [${1}]`)).toBe(inside(1, "a quoted name"));
    expect(refusalOf(() => sql`select 1 -- ${1}`)).toBe(inside(1, "a comment"));
    expect(refusalOf(() => sql`select 1 /* ${1} */`)).toBe(inside(1, "a comment"));
    expect(refusalOf(() => sql`select 1 /*${1}`)).toBe(inside(1, "a comment"));
  });

  it("a template has no parameters of its own", () => {
    const own = (name: string): string =>
      `expected a template without parameters of its own, got ${name}: write \${value} instead`;
    expect(refusalOf(() => sql`select ?`)).toBe(own("?"));
    expect(refusalOf(() => sql`select ${1}, :a`)).toBe(own(":a"));
    expect(refusalOf(() => sql`select @a, ${1}`)).toBe(own("@a"));
    expect(refusalOf(() => sql`select ?1`)).toBe(own("?1"));
    expect(refusalOf(() => sql`select ${1}2`)).toBe(own("?2"));
  });

  it("a refused template is refused again", () => {
    const call = (): string => sql`select ?`;
    expect(refusalOf(call)).toBe(refusalOf(call));
  });
});
