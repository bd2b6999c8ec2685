/**
 * Tests src/sql/number-parameters.ts: names become the numbers that SQLite gives them.
 */
import { expect, it } from "vitest";
import { numberParameters } from "../../../src/sql/number-parameters.ts";

it.each([
  ["SELECT :a, @b, $c, :a", "SELECT ?1, ?2, ?3, ?1"],
  ["SELECT ?, :a, ?", "SELECT ?1, ?2, ?3"],
  ["SELECT ?3, :a, ?", "SELECT ?3, ?4, ?5"],
  ["SELECT ':a', \":b\", [:c], -- :d\n :e", "SELECT ':a', \":b\", [:c], -- :d\n ?1"],
  ["SELECT 1", "SELECT 1"],
  ["", ""],
])("%j becomes %j", (sql, numbered) => {
  expect(numberParameters(sql)).toBe(numbered);
});
