/**
 * Tests bench/budgets/sittings.ts: what several sittings have measured, as one.
 */
import { describe, expect, it } from "vitest";
import { joined } from "../../../bench/budgets/sittings.ts";
import type { Result } from "../../../bench/lib/rounds.ts";
import { pairedRatio, spreadOf } from "../../../bench/lib/statistics.ts";

function result(trial: string, drivers: Readonly<Record<string, readonly number[]>>): Result {
  const spreads = Object.entries(drivers).map(([name, samples]) => [name, spreadOf(samples)] as const);
  const rounds = Math.min(...Object.values(drivers).map(({ length }) => length));
  return { trial, unit: "row", quantity: "nanoseconds", rounds, drivers: Object.fromEntries(spreads) };
}

describe("sittings", () => {
  it("are joined round by round, so that ratios stay those of one round", () => {
    const [both] = joined(
      [result("read", { bare: [1, 2], ours: [2, 4] })],
      [result("read", { bare: [10, 20], ours: [30, 60] })],
    );
    expect(both?.rounds).toBe(4);
    const [bare, ours] = [both?.drivers.bare, both?.drivers.ours];
    if (bare === undefined || ours === undefined) throw new Error("both took part");
    expect(pairedRatio(ours, [bare])).toEqual({ median: 2.5, deviation: 0.5, samples: [2, 2, 3, 3] });
  });

  it("leave out who was missing in one of them", () => {
    const [both] = joined(
      [result("read", { bare: [1], gone: [1] }), result("write", { bare: [1] })],
      [result("read", { bare: [2] })],
    );
    expect(both?.trial).toBe("read");
    expect(Object.keys(both?.drivers ?? {})).toEqual(["bare"]);
    expect(joined([result("write", { bare: [1] })], [])).toEqual([]);
  });
});
