/**
 * Who has which connection: how many may share one, when, and when what waits is taken back.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { type Held, Sharing } from "../../../src/aio/pool/sharing.ts";

class Connection {
  mayShare = true;
  withdrawals = 0;
  withdraw(): void {
    this.withdrawals++;
  }
}

/** A clock that stands still. */
const still = () => 7;

it("hands a connection to one caller only, or to as many short reads as may share it", () => {
  const [busy, alone, shared] = [new Sharing<Connection>(still), new Connection(), new Connection()];
  const one = busy.begin(alone, false);
  expect(busy.join()).toBe(null);
  const uses = [busy.begin(shared, true)];
  for (let held = busy.join(); held !== null; held = busy.join()) uses.push(held);
  expect(uses).toHaveLength(32);
  expect(new Set(uses.map(({ member }) => member))).toEqual(new Set([shared]));
  expect(busy.size).toBe(2);
  expect(busy.end(one, false)).toBe(true);
  expect(uses.map((held) => busy.end(held, false))).toEqual([...new Array(31).fill(false), true]);
  // Until somebody says what becomes of them.
  expect([busy.has(alone), busy.has(shared), busy.size]).toEqual([true, true, 2]);
  expect([busy.join(), busy.join(shared)]).toEqual([null, null]);
  expect(busy.leaveAll()).toEqual([alone, shared]);
  expect([busy.size, busy.has(shared)]).toEqual([0, false]);
});

it("takes the one that fewest have, and none that may not be shared", () => {
  const busy = new Sharing<Connection>(still);
  const all = [new Connection(), new Connection(), new Connection()];
  for (const each of all) busy.begin(each, true);
  (all[2] as Connection).mayShare = false;
  const joined = Array.from({ length: 4 }, () => busy.join()?.member);
  expect(joined).toEqual([all[0], all[1], all[0], all[1]]);
  expect(busy.join(all[2])).toBe(null);
  busy.leave(all[0] as Connection);
  expect([busy.join()?.member, busy.join()?.member]).toEqual([all[1], all[1]]);
});

it("takes back what waits behind a call that does not end, again and again, and lets nobody join it", async () => {
  const [busy, member] = [new Sharing<Connection>(), new Connection()];
  busy.begin(member, true);
  const behind = busy.join() as Held<Connection>;
  while (member.withdrawals < 3) await sleep(1);
  expect(busy.join()).toBe(null);
  busy.end(behind, true);
  expect(busy.join()).toBe(null);
  const last = member.withdrawals;
  await sleep(20);
  expect(member.withdrawals).toBe(last);
});

it("lets others join again when the long one has ended", async () => {
  const [busy, member] = [new Sharing<Connection>(), new Connection()];
  const long = busy.begin(member, true);
  busy.join();
  while (member.withdrawals === 0) await sleep(1);
  busy.end(long, false);
  expect(busy.join()?.member).toBe(member);
});

it("takes nothing back from one caller alone, nor from those who do not share", async () => {
  const [busy, one, other] = [new Sharing<Connection>(), new Connection(), new Connection()];
  busy.begin(one, false);
  busy.begin(other, true);
  busy.end(busy.join() as Held<Connection>, false);
  await sleep(20);
  expect([one.withdrawals, other.withdrawals]).toEqual([0, 0]);
});
