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
