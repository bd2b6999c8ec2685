import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import { restoreBuffers } from "../../../../src/engine/thread/buffers.ts";
import { Callbacks, Caller, isThrownRef } from "../../../../src/engine/thread/callback.ts";

const call = { call: 1, instance: null, method: "" } as const;

describe("Callbacks", () => {
  it("calls a function by its number, with Buffers where clones came", () => {
    const callbacks = new Callbacks();
    const { callback } = callbacks.add((bytes) => Buffer.isBuffer(bytes), "answer");
    expect(callbacks.answer({ ...call, callback, args: [new Uint8Array(2)] })).toEqual({ value: true });
  });

  it("keeps what a function throws, whatever it is, and hands it out once", () => {
    const callbacks = new Callbacks();
    const reason = Symbol("anything");
    const { callback } = callbacks.add(() => {
      throw reason;
    }, "answer");
    const reply = callbacks.answer({ ...call, callback, args: [] });
    const ref = { thrownOnCallingThread: "thrown" in reply ? reply.thrown : -1 };
    expect(isThrownRef(ref)).toBe(true);
    expect(callbacks.take(ref)).toBe(reason);
    expect(callbacks.take(ref)).toBe(undefined);
  });

  it("makes instances, calls their methods, and forgets them with finalize", () => {
    const callbacks = new Callbacks();
    const { callback } = callbacks.add(() => {
      let sum = 0;
      const step = (n: unknown) => {
        sum += Number(n);
      };
      return { step, finalize: () => sum };
    }, "group");
    const made = callbacks.answer({ call: 1, callback, instance: null, method: "new", args: [] });
    const instance = "value" in made ? (made.value as number) : -1;
    callbacks.answer({ call: 1, callback, instance, method: "step", args: [2] });
    callbacks.answer({ call: 1, callback, instance, method: "step", args: [3] });
    const finalize = { call: 1, callback, instance, method: "finalize", args: [] };
    expect(callbacks.answer(finalize)).toEqual({ value: 5 });
    expect(callbacks.answer(finalize)).toEqual({ value: undefined });
  });

  it("answers what cannot be cloned with the failure, so that nobody waits for ever", () => {
    const callbacks = new Callbacks();
    const { port1, port2 } = new MessageChannel();
    const { callback } = callbacks.add(() => () => 1, "answer");
    let isAwake = false;
    callbacks.reply(port1, { ...call, callback, args: [] }, () => {
      isAwake = true;
    });
    expect(isAwake).toBe(true);
    const reply = receiveMessageOnPort(port2)?.message as { thrown: number };
    expect(callbacks.take({ thrownOnCallingThread: reply.thrown })).toBeInstanceOf(DOMException);
    port1.close();
  });

  it("a function that is forgotten is called no more", () => {
    const callbacks = new Callbacks();
    const ref = callbacks.add(() => 1, "answer");
    callbacks.remove(ref);
    expect(callbacks.answer({ ...call, callback: ref.callback, args: [] })).toEqual({ value: undefined });
  });
});

/** Wakes whoever asks again and again before it answers. */
const HASTY = `
  const { workerData: { port, memory } } = require("node:worker_threads");
  const nap = new Int32Array(new SharedArrayBuffer(4));
  port.on("message", ({ args: [value] }) => {
    for (let i = 0; i < 20; i++) {
      Atomics.notify(memory, 0);
      Atomics.wait(nap, 0, 0, 1);
    }
    port.postMessage({ value });
    Atomics.store(memory, 0, 1);
    Atomics.notify(memory, 0);
  });`;

describe("Caller", () => {
  it("sleeps on when it is woken before its answer is there, as by a late word of the one before", async () => {
    const { port1, port2 } = new MessageChannel();
    const memory = new Int32Array(new SharedArrayBuffer(64));
    const worker = new Worker(HASTY, {
      eval: true,
      workerData: { port: port2, memory },
      transferList: [port2],
      execArgv: [],
    });
    onTestFinished(async () => {
      port1.close();
      await worker.terminate();
    });
    const caller = new Caller(port1, memory, () => {});
    for (const value of [1, 2, 3]) expect(caller.ask(1, null, "", [value])).toBe(value);
  });
});

describe("restoreBuffers", () => {
  it("takes the bytes of a view and no more", () => {
    const values: unknown[] = [1, new Uint8Array(Buffer.from("abcdef").subarray(1, 3)), "x"];
    restoreBuffers(values);
    expect(values).toEqual([1, Buffer.from("bc"), "x"]);
  });
});
