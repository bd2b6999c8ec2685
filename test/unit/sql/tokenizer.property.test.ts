import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstIllegal } from "../../../src/sql/locate.ts";
import { Scanner, tokenAt, tokens } from "../../../src/sql/tokenizer.ts";
import { isWord } from "../../../src/sql/words.ts";
import { soup } from "./soup.ts";
import { openDatabase, refusal } from "./support.ts";

const database = openDatabase();

describe("tokens of any text", () => {
  it("cover it without gaps, and each reads the same on its own", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (sql) => {
        let at = 0;
        for (const token of tokens(sql)) {
          expect(token.start).toBe(at);
          expect(token.end).toBeGreaterThan(at);
          expect(tokenAt(sql, at)).toEqual(token);
          at = token.end;
        }
        expect(at).toBe(sql.length);
      }),
    );
  });
});

describe("tokens as SQLite sees them", () => {
  // After CREATE VIRTUAL only TABLE may follow, so SQLite names the very first token that it meets.
  it("the first token has SQLite's own boundaries", () => {
    fc.assert(
      fc.property(soup, (text) => {
        const sql = `create virtual/**/${text}`;
        const scanner = new Scanner(sql, "create virtual/**/".length);
        const found = scanner.nextSignificant();
        fc.pre(!(found && isWord(sql, scanner, "table")));
        const near = sql.slice(scanner.start, scanner.end);
        const message = refusal(database, sql);
        if (!found) expect(message).toBe("incomplete input");
        else if (scanner.kind === "illegal" && !/^\.?\d/.test(near))
          expect(message).toBe(`unrecognized token: "${near}"`);
        else expect([`near "${near}": syntax error`, `unrecognized token: "${near}"`]).toContain(message);
      }),
      { numRuns: 2000 },
    );
  });

  // The arguments of a virtual table may be any tokens at all, so SQLite's parser reads on to the first illegal one.
  it("a text has an illegal token exactly when SQLite meets an unrecognized one", () => {
    fc.assert(
      fc.property(soup, (text) => {
        const sql = `create virtual table v using nosuchmodule(${text.replace(/[()]/g, "")} )`;
        fc.pre(!/_(?![0-9])|[^0-9]_/.test(text));
        const at = firstIllegal(sql);
        const message = refusal(database, sql) ?? "";
        if (at === null) expect(message).not.toContain("unrecognized token");
        else expect(message).toBe(`unrecognized token: "${sql.slice(at, tokenAt(sql, at).end)}"`);
      }),
      { numRuns: 2000 },
    );
  });

  it("a number is illegal exactly when SQLite refuses it", () => {
    const numbers = fc.array(fc.constantFrom(..."0123456789", "_", ".", "e", "E", "x", "a", "f", "+", "-"), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(numbers, (characters) => {
        const number = `1${characters.join("")}`;
        const token = tokenAt(number, 0);
        const refused = refusal(database, `select ${number.slice(0, token.end)}`);
        if (token.kind === "illegal") expect(refused).toContain("unrecognized token");
        else expect(refused).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });
});
