/**
 * Who may go on, in which order, and who is sent away.
 */
import { describe, expect, it } from "vitest";
import { transactionActive } from "../../../src/client/errors.ts";
import { Seats } from "../../../src/client/seats.ts";

const one = () => ({ seats: 1, isLong: false });
const long = (seats = 1) => ({ seats, isLong: true });

describe("seats", () => {
  it("are taken at once while there are any", () => {
    const seats = new Seats(2, 1000, transactionActive);
    expect(seats.take(one())).toBeUndefined();
    expect(seats.isFull).toBe(false);
    expect(seats.take(one())).toBeUndefined();
    expect(seats.isFull).toBe(true);
  });

  it("are given in the order in which they were asked for, whatever their number", async () => {
    const seats = new Seats(2, 1000, transactionActive);
    const [first, second] = [one(), one()];
    void seats.take(first);
    void seats.take(second);
    const order: string[] = [];
    const all = { seats: 2, isLong: false };
    const big = Promise.resolve(seats.take(all)).then(() => order.push("all"));
    const small = Promise.resolve(seats.take(one())).then(() => order.push("one"));
    seats.give(first);
    await new Promise(setImmediate);
    expect(order).toEqual([]);
    seats.give(second);
    await big;
    expect(order).toEqual(["all"]);
    seats.give(all);
    await small;
  });

  it("are not waited for without patience, while a transaction has one", () => {
    const seats = new Seats(1, 0, transactionActive);
    const transaction = long();
    void seats.take(transaction);
    expect(() => seats.take(one())).toThrow("TRANSACTION_ACTIVE");
    seats.ends(transaction);
    expect(seats.take(one())).toBeInstanceOf(Promise);
    seats.give(transaction);
  });

  it("are waited for as long as patience lasts", async () => {
    const seats = new Seats(1, 20, transactionActive);
    const transaction = long();
    void seats.take(transaction);
    await expect(seats.take(one())).rejects.toMatchObject({ code: "TRANSACTION_ACTIVE" });
    seats.give(transaction);
    expect(seats.take(one())).toBeUndefined();
  });

  it("are waited for without end where no transaction is in the way", async () => {
    const seats = new Seats(1, 5, transactionActive);
    const first = one();
    void seats.take(first);
    const waiting = seats.take(one());
    await new Promise((resolve) => setTimeout(resolve, 30));
    seats.give(first);
    await waiting;
  });

  it("are taken again by the next when one who waits goes away", async () => {
    const seats = new Seats(2, 1000, transactionActive);
    void seats.take(one());
    const controller = new AbortController();
    const all = seats.take({ seats: 2, isLong: false }, controller.signal);
    const next = seats.take(one());
    controller.abort();
    await expect(all).rejects.toMatchObject({ code: "SQLITE_INTERRUPT" });
    await next;
    expect(() => seats.take(one(), AbortSignal.abort())).toThrow("SQLITE_INTERRUPT");
  });

  it("are refused to all who wait, when it is over", async () => {
    const seats = new Seats(1, 1000, transactionActive);
    void seats.take(one());
    const waiting = [seats.take(one()), seats.take(one())];
    seats.close(transactionActive);
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: "TRANSACTION_ACTIVE" });
  });
});
