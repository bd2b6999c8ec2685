import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ExecuteRequest } from "../../../../src/engine/port.ts";
import { CallsReceived, CallsSent } from "../../../../src/engine/thread/calls.ts";
import type { Call } from "../../../../src/engine/thread/messages.ts";

const REQUEST: ExecuteRequest = {
  sql: "SELECT 1",
  values: [],
  discard: 0,
  begin: null,
  guard: false,
  rows: "first",
  reading: { integers: "auto", text: "string" },
  reads: true,
};

function execute(id: number, request: Partial<ExecuteRequest>, isStoppable = false): Call {
  return { id, method: "execute", args: [{ ...REQUEST, ...request }], isStoppable };
}

/** A Buffer and a Uint8Array of the same bytes are the same to an engine. */
function bytesAsArrays(calls: readonly Call[]): unknown {
  return calls.map(({ args, ...call }) => {
    const [request] = args as [{ readonly values: readonly unknown[] }];
    const values = request.values.map((one) => (one instanceof Uint8Array ? { bytes: [...one] } : one));
    return { ...call, request: { ...request, values } };
  });
}

describe("calls", () => {
  it("are what they were, with everything that a statement may ask for", () => {
    const [sent, received] = [new CallsSent(), new CallsReceived()];
    let id = 0;
    for (const rows of ["first", "page", "all"] as const) {
      for (const integers of ["auto", "bigint", "number"] as const) {
        for (const text of ["string", "buffer"] as const) {
          for (const flag of [true, false]) {
            const calls = [
              execute(++id, { rows, reading: { integers, text }, guard: flag, reads: !flag }, flag),
              execute(++id, { values: [null, 1n, 0.5, "", new Uint8Array(2)], begin: "BEGIN", discard: 7 }),
            ];
            expect(received.decode(structuredClone(sent.encode(calls)))).toStrictEqual(calls);
          }
        }
      }
    }
  });

  it("are what they were, with sets of values, few and many, of any kind", () => {
    const [sent, received] = [new CallsSent(), new CallsReceived()];
    const kinds = [1, 0.5, -0, 2 ** 53, 1n, "text", "", null, new Uint8Array([1, 2]), new Uint8Array(0)];
    for (const count of [0, 1, 63, 64, 1000]) {
      for (const width of [0, 1, 3, 10]) {
        const values = Array.from({ length: width * count }, (_, i) => kinds[(i % width) % kinds.length]);
        const mixed = Array.from({ length: width * count }, (_, i) => kinds[i % kinds.length]);
        const calls = [values, mixed].flatMap((each, i): Call[] => {
          const request = { sql: "INSERT", width, count, values: each, begin: "BEGIN", guard: i === 1 };
          return [
            { id: 2 * i, method: "executemany", args: [request], isStoppable: i === 0 },
            execute(2 * i + 1, { values: [count] }),
          ];
        });
        const decoded = received.decode(structuredClone(sent.encode(calls)));
        expect(bytesAsArrays(decoded)).toStrictEqual(bytesAsArrays(calls));
      }
    }
  });

  it("sets that are views of larger memory send their own bytes only", () => {
    const pool = new Uint8Array(10_000);
    for (const count of [1, 100]) {
      const values = Array.from({ length: count }, (_, i) => pool.subarray(i, i + 2));
      const request = { sql: "INSERT", width: 1, count, values, begin: null, guard: false };
      const message = new CallsSent().encode([
        { id: 1, method: "executemany", args: [request], isStoppable: false },
      ]);
      const sizes: number[] = [];
      JSON.stringify(message, (_key, value: unknown) => {
        if (!ArrayBuffer.isView(value)) return value;
        sizes.push(value.buffer.byteLength);
        return null;
      });
      expect(sizes).toEqual(count === 1 ? [2] : [200, 400]);
    }
  });

  it("of every method keep their places among one another", () => {
    const [sent, received] = [new CallsSent(), new CallsReceived()];
    const calls: Call[] = [
      { id: 1, method: "fetch", args: [3, 256], isStoppable: true },
      execute(2, { sql: "a", values: [1n] }),
      { id: 3, method: "control", args: [[{ sql: "COMMIT", when: "open" }]], isStoppable: false },
      execute(4, { sql: "b" }, true),
      { id: 5, method: "totalChanges", args: [], isStoppable: false },
      execute(6, { sql: "a", values: [2n, 3n] }),
    ];
    for (let i = 0; i < 3; i++) {
      expect(received.decode(structuredClone(sent.encode(calls)))).toStrictEqual(calls);
    }
    expect(received.decode(sent.encode([]))).toEqual([]);
  });

  it("that differ in their values only are one entry, and what they were", () => {
    const [sent, received] = [new CallsSent(), new CallsReceived()];
    const calls = Array.from({ length: 100 }, (_, i) => execute(i + 1, { values: [i, `row ${i}`] }));
    const message = sent.encode(calls);
    expect(message.length).toBeLessThan(2 * 100 + 10);
    expect(received.decode(structuredClone(message))).toStrictEqual(calls);
  });

  it("are what they were, whatever stands beside whatever", () => {
    const odd: readonly Partial<ExecuteRequest>[] = [
      { sql: "SELECT 2" },
      { values: [] },
      { values: [1n, "two"] },
      { discard: 4 },
      { begin: "BEGIN" },
      { guard: true },
      { rows: "all" },
      { reading: { integers: "bigint", text: "buffer" } },
      { reads: false },
    ];
    const one = fc.record({
      step: fc.constantFrom(1, 1, 1, 1, 1, 1, 2, -3),
      isStoppable: fc.constantFrom(false, false, false, false, false, true),
      request: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, fc.constantFrom(...odd)),
      isOther: fc.constantFrom(false, false, false, false, false, true),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (list) => {
        let id = 100;
        const calls = list.map(({ step, isStoppable, request, isOther }): Call => {
          id += step;
          if (isOther) return { id, method: "fetch", args: [id, 256], isStoppable };
          return execute(id, { values: [1], ...request }, isStoppable);
        });
        const [sent, received] = [new CallsSent(), new CallsReceived()];
        expect(received.decode(structuredClone(sent.encode(calls)))).toStrictEqual(calls);
      }),
      { numRuns: 300 },
    );
  });

  it("a text crosses once, and again after a message that did not go out", () => {
    const [sent, received] = [new CallsSent(), new CallsReceived()];
    const call = execute(1, { sql: "SELECT 'the text'" });
    const texts = () => {
      const message = sent.encode([call]);
      expect(received.decode(message)).toStrictEqual([call]);
      return message.includes("SELECT 'the text'");
    };
    expect([texts(), texts()]).toEqual([true, false]);
    sent.encode([execute(2, { sql: "never arrives" })]);
    sent.forget();
    expect([texts(), texts()]).toEqual([true, false]);
  });
});
