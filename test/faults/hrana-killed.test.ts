/**
 * A server killed in the middle of writing, and started again: no commit that was acknowledged is lost, none is there by
 * halves, what is said to be lost is not there, and the client that was writing goes on by itself.
 */
import { expect, it } from "vitest";
import { ask, engineFor, serve, write } from "./hrana-support.ts";
import { start } from "./support.ts";

const WRITER = new URL("./children/hrana-writer.ts", import.meta.url);
const ROUNDS = 6;

it("a server killed again and again under a writer keeps every word it gave", async () => {
  const sqld = await serve();
  const setUp = await engineFor(sqld.url);
  await setUp.execute(write("CREATE TABLE pair(n, half, filler)"));
  const child = start(WRITER, [sqld.url, 0]);
  const count = () => child.lines.filter((line) => line.startsWith("committed")).length;
  for (let round = 0; round < ROUNDS; round++) {
    const before = count();
    while (count() < before + 3 + round * 2) await new Promise((resolve) => setTimeout(resolve, round));
    await sqld.kill();
    await sqld.restart();
  }
  const last = count();
  while (count() < last + 3) await new Promise((resolve) => setTimeout(resolve, 5));
  child.process.kill("SIGKILL");
  await child.ended();
  expect(child.errors).toEqual([]);

  const told = { committed: new Set<number>(), unknown: new Set<number>() };
  for (const line of child.lines) {
    const [outcome, n] = line.split(" ");
    if (outcome === "committed" || outcome === "unknown") told[outcome].add(Number(n));
  }
  // Read with a client of its own, when everything is over.
  await sqld.restart();
  const engine = await engineFor(sqld.url);
  const rows = await ask(engine, "SELECT n, count(*), sum(half) FROM pair GROUP BY n");
  const stored = new Set(rows.map(([n]) => Number(n)));
  expect(rows.filter(([, halves, sum]) => halves !== 2 || sum !== 1)).toEqual([]);
  expect([...told.committed].filter((n) => !stored.has(n))).toEqual([]);
  const most = Math.max(...told.committed, ...told.unknown);
  // The one that the child was at when it was ended may be there too.
  expect([...stored].filter((n) => !told.committed.has(n) && !told.unknown.has(n) && n !== most + 1)).toEqual(
    [],
  );
  expect(told.committed.size).toBeGreaterThan(ROUNDS * 3);
  expect(await ask(engine, "PRAGMA integrity_check")).toEqual([["ok"]]);
});
