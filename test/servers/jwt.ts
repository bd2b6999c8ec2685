/**
 * A pair of ed25519 keys made on the fly, and the tokens that sqld accepts under it. Must not know servers.
 * Tests: test/unit/servers/sqld.test.ts.
 */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

export interface TokenOptions {
  /** Whether the bearer may write. Default true. */
  readonly isWritable?: boolean;
  /** Seconds until the token expires, an hour by default; a negative number makes one that has expired. */
  readonly lifetime?: number;
}

export class TokenMint {
  readonly #privateKey: KeyObject;
  /** The public key as `--auth-jwt-key-file` wants it. */
  readonly publicKey: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    this.#privateKey = privateKey;
    this.publicKey = publicKey.export({ type: "spki", format: "pem" }) as string;
  }

  token({ isWritable = true, lifetime = 3600 }: TokenOptions = {}): string {
    const expiry = Math.floor(Date.now() / 1000) + lifetime;
    const text = `${encode({ alg: "EdDSA", typ: "JWT" })}.${encode({ exp: expiry, a: isWritable ? "rw" : "ro" })}`;
    return `${text}.${sign(null, Buffer.from(text), this.#privateKey).toString("base64url")}`;
  }
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
