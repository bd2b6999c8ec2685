/**
 * How long to wait before trying again, and when to.
 */
import { expect, it } from "vitest";
import { backoff, retrying } from "../../../src/aio/pool/backoff.ts";
import { Limits } from "../../../src/aio/pool/limits.ts";
import { OperationalError } from "../../../src/errors/tree.ts";

const busy = () => new OperationalError("database is locked", { code: "SQLITE_BUSY", retryable: true });

it("waits twice as long every time, up to a limit, and half of it by chance", () => {
  const least = [0, 1, 2, 3, 20].map((failures) => backoff(failures, () => 0));
  const most = [0, 1, 2, 3, 20].map((failures) => backoff(failures, () => 1));
  expect(least).toEqual([10, 20, 40, 80, 1000]);
  expect(most).toEqual([20, 40, 80, 160, 2000]);
});

it("runs again while it may and the error says that it can help", async () => {
  let [runs, told] = [0, 0];
  const work = async () => {
    if (++runs < 3) throw busy();
    return runs;
  };
  expect(
    await retrying(
      work,
      () => true,
      new Limits(undefined),
      () => void told++,
    ),
  ).toBe(3);
  expect(told).toBe(2);
});

it.each([new OperationalError("disk full"), new Error("mine"), "text", undefined])(
  "passes %s on at once",
  async (thrown) => {
    let runs = 0;
    const work = () => {
      runs++;
      return Promise.reject(thrown);
    };
    const settled = await Promise.allSettled([
      retrying(
        work,
        () => true,
        new Limits(undefined),
        () => {},
      ),
    ]);
    expect(settled).toEqual([{ status: "rejected", reason: thrown }]);
    expect(runs).toBe(1);
  },
);

it("a signal ends the pause", async () => {
  const controller = new AbortController();
  const waiting = retrying(
    () => Promise.reject(busy()),
    () => true,
    new Limits({ signal: controller.signal }),
    () => {
      queueMicrotask(() => controller.abort("enough"));
    },
  );
  await expect(waiting).rejects.toMatchObject({ code: "SQLITE_INTERRUPT", cause: "enough" });
});
