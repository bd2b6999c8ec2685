/** Tests src/engine/http/unpack.ts on real answers of node:http, whole and spoilt. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { expect, it, onTestFinished } from "vitest";
import { unpacked } from "../../../../src/engine/http/unpack.ts";

const TEXT = Buffer.from(`${randomBytes(300_000).toString("hex")}\n`.repeat(3));

/** A message whose body comes in chunks of so many bytes. */
async function message(body: Buffer, chunk: number): Promise<IncomingMessage> {
  const server = createServer((_, response) => {
    for (let at = 0; at < body.length; at += chunk) response.write(body.subarray(at, at + chunk));
    response.end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const request = get({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const [answer] = (await once(request, "response")) as [IncomingMessage];
  return answer;
}

it.each([61, 5_000, 10_000_000])("gives back what was packed, in chunks of %i bytes", async (chunk) => {
  const bytes = await buffer(unpacked(await message(gzipSync(TEXT), chunk)));
  expect(bytes.equals(TEXT)).toBe(true);
});

it("fails where the body is cut, instead of ending", async () => {
  const packed = gzipSync(TEXT);
  for (const length of [5, 1000, packed.length >> 1, packed.length - 1]) {
    const source = unpacked(await message(packed.subarray(0, length), 5_000));
    await expect(buffer(source), `${length} bytes`).rejects.toThrow();
  }
});

it("fails where a byte is another one", async () => {
  const packed = gzipSync(TEXT);
  for (const at of [0, 2, packed.length >> 1, packed.length - 6]) {
    const spoilt = Buffer.from(packed);
    spoilt.writeUInt8(spoilt.readUInt8(at) ^ 0xff, at);
    await expect(buffer(unpacked(await message(spoilt, 5_000))), `byte ${at}`).rejects.toThrow();
  }
});

it("unpacks no further than it is read", async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  const source = unpacked(await message(bomb, 5_000));
  await once(source, "readable");
  await sleep(100);
  expect(source.readableLength).toBeGreaterThan(0);
  expect(source.readableLength).toBeLessThan(1 << 20);
  source.destroy();
});
