/**
 * Tests src/engine/http/options.ts: defaults, and what is refused at the door.
 */
import { describe, expect, it } from "vitest";
import { type HranaOptions, settingsOf } from "../../../../src/engine/http/options.ts";
import { InterfaceError } from "../../../../src/errors/tree.ts";

const url = "http://h";

describe("settingsOf", () => {
  it("fills in what is left open", () => {
    expect(settingsOf({ url })).toMatchObject({
      connectTimeout: 10_000,
      maxResponseBytes: 64 * 1024 * 1024,
      maxRetries: 4,
      tls: {},
    });
  });

  it("takes the token from the option, else from the URL, else none", async () => {
    expect(await settingsOf({ url }).token()).toBeNull();
    expect(await settingsOf({ url: `${url}?authToken=a` }).token()).toBe("a");
    expect(await settingsOf({ url: `${url}?authToken=a`, authToken: "b" }).token()).toBe("b");
    expect(await settingsOf({ url, authToken: async () => "c" }).token()).toBe("c");
  });

  it.each<[string, Record<string, unknown>]>([
    ["connectTimeout", { connectTimeout: 0 }],
    ["firstByteTimeout", { firstByteTimeout: 1.5 }],
    ["idleTimeout", { idleTimeout: "9" }],
    ["totalTimeout", { totalTimeout: 2 ** 31 }],
    ["maxResponseBytes", { maxResponseBytes: 1023 }],
    ["maxRetries", { maxRetries: -1 }],
    ["tls", { tls: {} }],
    ["tls", { tls: true }],
    ["authToken", { authToken: 5 }],
    ["authToken", { authToken: "canary\r\nx: y" }],
    ["authToken", { authToken: "" }],
  ])("names %s when it is wrong: %j", (name, options) => {
    const settle = () => settingsOf({ url, ...options } as HranaOptions);
    expect(settle).toThrow(InterfaceError);
    expect(settle).toThrow(name);
    expect(settle).not.toThrow(/canary/);
  });

  it.each([5, "a b", "ä", "canary\n"])("refuses what a token function returns: %j", async (token) => {
    const { token: get } = settingsOf({ url, authToken: () => token as string });
    await expect(get()).rejects.toThrow(InterfaceError);
  });
});
