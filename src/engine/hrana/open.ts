/**
 * Opens a connection to a server: finds out which version of the protocol it speaks, and whether it lets us in.
 * Tests: test/unit/engine/hrana/open.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import { Call } from "./call.ts";
import { HranaEngine } from "./engine.ts";
import { HttpClient } from "./http.ts";
import { HttpStream } from "./http-stream.ts";
import { LinkFailure } from "./link-failure.ts";
import { type HranaOptions, type Settings, settingsOf } from "./options.ts";
import { errorOf } from "./outcome.ts";
import { pause } from "./pause.ts";
import { isPutOff, type Transport, type Version } from "./stream.ts";

/**
 * Opens a libSQL server (sqld, Turso Cloud, quicSQL).
 * @throws {InterfaceError} for a wrong option
 * @throws {OperationalError} when the server cannot be reached, does not let us in or does not speak Hrana
 */
export async function openHrana(options: HranaOptions): Promise<HranaEngine> {
  const settings = settingsOf(options);
  const client = new HttpClient(settings);
  const call = new Call();
  const timer = setTimeout(() => {
    call.stop(new LinkFailure("timeout", `no connection within ${settings.totalTimeout} ms (totalTimeout)`));
  }, settings.totalTimeout);
  try {
    const version = await versionOf(client, settings, call);
    return new HranaEngine(overHttp(client, settings, version), settings);
  } catch (failure) {
    client.close();
    if (!(failure instanceof LinkFailure)) throw failure;
    throw errorOf(failure, { effect: "read", inTransaction: false, sent: call.sent });
  } finally {
    clearTimeout(timer);
  }
}

function overHttp(client: HttpClient, settings: Settings, version: Version): Transport {
  return {
    version,
    open: () => new HttpStream(client, settings, version),
    redact: (text) => client.secret.redact(text),
    close: () => client.close(),
  };
}

/** The newest version that the server answers to. */
async function versionOf(client: HttpClient, settings: Settings, call: Call): Promise<Version> {
  for (const version of [3, 2] as const) {
    if (await answers(client, settings, version, call)) return version;
  }
  throw new OperationalError(
    `there is no libSQL server at ${settings.address.text}: it does not know Hrana 3 or 2`,
    {
      code: "HTTP_404",
      outcome: "not-executed",
    },
  );
}

async function answers(
  client: HttpClient,
  settings: Settings,
  version: Version,
  call: Call,
): Promise<boolean> {
  const stream = new HttpStream(client, settings, version);
  for (let tries = 0; ; tries++) {
    try {
      // Something that every version has, and that a server lets nobody do without a token.
      await stream.pipeline(
        [
          { type: "execute", members: '"stmt":{"sql":"SELECT 1"}' },
          { type: "close", members: "" },
        ],
        call,
      );
      return true;
    } catch (failure) {
      if (isPutOff(failure) && tries < settings.maxRetries && (await pause(tries, failure.retryAfter, call)))
        continue;
      if (failure instanceof LinkFailure && failure.status === 404) return false;
      throw failure;
    }
  }
}
