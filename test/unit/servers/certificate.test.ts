import { X509Certificate } from "node:crypto";
import { get } from "node:https";
import { describe, expect, it, onTestFinished } from "vitest";
import { selfSigned } from "../../servers/certificate.ts";
import { startFakeHrana } from "../../servers/fake-hrana.ts";

describe("selfSigned", () => {
  it("makes a certificate for loopback that verifies with its own key, now", () => {
    const certificate = new X509Certificate(selfSigned().certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkHost("example.org")).toBeUndefined();
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
  });

  it("opens a fake server over TLS to those who trust it, and to nobody else", async () => {
    const server = await startFakeHrana("", { tls: true });
    onTestFinished(() => server.stop());
    await server.rules({ answer: { status: 203 } });
    const status = (ca: string[]) =>
      new Promise((resolve) => {
        const request = get(server.url, { ca }, (response) => resolve(response.statusCode));
        request.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code));
      });
    expect(await status([server.certificate ?? ""])).toBe(203);
    expect(await status([selfSigned().certificate])).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect((await server.seen()).length).toBe(1);
  });
});
