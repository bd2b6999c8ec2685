/**
 * A key and a certificate for 127.0.0.1 and localhost, signed by itself and made on the fly: X.509 in a few lines of DER,
 * so that no secret lies in the repository and no other program is needed. Must not know servers.
 * @see RFC 5280, section 4.1. Tests: test/unit/servers/certificate.test.ts.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface Certified {
  /** PEM. */
  readonly key: string;
  /** PEM; whoever trusts it trusts the server. */
  readonly certificate: string;
}

const DAY = 24 * 3600 * 1000;
const TAGS = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
  address: 0x87,
} as const;
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const COMMON_NAME = "550403";
const ALTERNATIVE_NAMES = "551d11";
const BASIC_CONSTRAINTS = "551d13";

export function selfSigned(): Certified {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der("sequence", oid(ECDSA_WITH_SHA256));
  const name = der(
    "sequence",
    der("set", der("sequence", oid(COMMON_NAME), der("utf8", Buffer.from("test")))),
  );
  const names = der(
    "sequence",
    der("dnsName", Buffer.from("localhost")),
    der("address", Buffer.from([127, 0, 0, 1])),
  );
  const isAuthority = der("sequence", der("boolean", Buffer.from([0xff])));
  const body = der(
    "sequence",
    der("version", der("integer", Buffer.from([2]))),
    der("integer", Buffer.from([0x10, ...randomBytes(8)])),
    algorithm,
    name,
    der("sequence", time(Date.now() - DAY), time(Date.now() + DAY)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(
      "extensions",
      der("sequence", extension(ALTERNATIVE_NAMES, names), extension(BASIC_CONSTRAINTS, isAuthority)),
    ),
  );
  const signature = der("bits", Buffer.from([0]), sign("sha256", body, privateKey));
  const text = der("sequence", body, algorithm, signature).toString("base64");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${text.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  };
}

function der(tag: keyof typeof TAGS, ...parts: readonly Buffer[]): Buffer {
  const { length } = Buffer.concat(parts);
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([TAGS[tag], ...size]), ...parts]);
}

function oid(hex: string): Buffer {
  return der("oid", Buffer.from(hex, "hex"));
}

function extension(id: string, value: Buffer): Buffer {
  return der("sequence", oid(id), der("octets", value));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[^0-9]/g, "");
  return der("utcTime", Buffer.from(`${digits.slice(2, 14)}Z`));
}
