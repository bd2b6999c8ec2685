/**
 * Opens a connection to a server: finds out which version of the protocol it speaks, and whether it lets us in.
 * Tests: test/unit/engine/http/http.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import { Call } from "../http/call.ts";
import { HttpClient } from "../http/http.ts";
import { LinkFailure } from "../http/link-failure.ts";
import { type HranaOptions, type Settings, settingsOf } from "../http/options.ts";
import { errorOf } from "../http/outcome.ts";
import { patiently } from "../http/pause.ts";
import { HranaEngine } from "./engine.ts";
import { HttpStream } from "./http-stream.ts";
import type { Transport, Version } from "./stream.ts";
import { WsClient } from "./ws-client.ts";
import { WsStream } from "./ws-stream.ts";

/**
 * Opens a libSQL server (sqld, Turso Cloud, quicSQL).
 * @throws {InterfaceError} for a wrong option
 * @throws {OperationalError} when the server cannot be reached, does not let us in or does not speak Hrana
 */
export async function openHrana(options: HranaOptions): Promise<HranaEngine> {
  const settings = settingsOf(options);
  const call = new Call();
  const timer = setTimeout(() => {
    call.stop(new LinkFailure("timeout", `no connection within ${settings.totalTimeout} ms (totalTimeout)`));
  }, settings.totalTimeout);
  const open = settings.address.transport === "ws" ? overWebSocket : overHttp;
  try {
    return new HranaEngine(await open(settings, call), settings);
  } catch (failure) {
    if (!(failure instanceof LinkFailure)) throw failure;
    throw errorOf(failure, { effect: "read", inTransaction: false, sent: call.sent });
  } finally {
    clearTimeout(timer);
  }
}

async function overWebSocket(settings: Settings, call: Call): Promise<Transport> {
  const client = new WsClient(settings);
  const session = await patiently(settings.maxRetries, call, () => client.session(call));
  return {
    version: session.version,
    open: () => new WsStream(client, settings),
    redact: (text) => client.secret.redact(text),
    close: () => client.close(),
  };
}

async function overHttp(settings: Settings, call: Call): Promise<Transport> {
  const client = new HttpClient(settings);
  try {
    const version = await versionOf(client, settings, call);
    return {
      version,
      open: () => new HttpStream(client, settings, version),
      redact: (text) => client.secret.redact(text),
      close: () => client.close(),
    };
  } catch (failure) {
    client.close();
    throw failure;
  }
}

/** The newest version that the server answers to. */
async function versionOf(client: HttpClient, settings: Settings, call: Call): Promise<Version> {
  for (const version of [3, 2] as const) {
    if (await patiently(settings.maxRetries, call, () => answers(client, settings, version, call)))
      return version;
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
  try {
    // Something that every version has, and that a server lets nobody do without a token.
    await new HttpStream(client, settings, version).pipeline(
      [
        { type: "execute", members: '"stmt":{"sql":"SELECT 1"}' },
        { type: "close", members: "" },
      ],
      call,
    );
    return true;
  } catch (failure) {
    if (failure instanceof LinkFailure && failure.status === 404) return false;
    throw failure;
  }
}
