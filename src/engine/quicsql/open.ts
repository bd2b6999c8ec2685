/**
 * Opens a database of a quicSQL server by its JSON API: finds out whether it is there, and whether it lets us in.
 * Tests: test/conformance/quicsql.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import { Call } from "../http/call.ts";
import { LinkFailure } from "../http/link-failure.ts";
import { type HranaOptions, type Settings, settingsOf } from "../http/options.ts";
import { Api } from "./api.ts";
import { QuicsqlEngine } from "./engine.ts";

const SCHEME = /^quicsql(?=s?:)/i;

/**
 * @param options as for a Hrana server, with a URL of `quicsql:` or `quicsqls:`; its path is the database
 * @throws {InterfaceError} for a wrong option
 * @throws {OperationalError} when the server cannot be reached, does not let us in or has no such database
 */
export async function openQuicsql(options: HranaOptions): Promise<QuicsqlEngine> {
  const { address, ...others } = settingsOf({ ...options, url: String(options.url).replace(SCHEME, "http") });
  const settings: Settings = {
    ...others,
    address: { ...address, text: address.text.replace(/^http/, "quicsql") },
  };
  const api = new Api(settings);
  const call = new Call();
  const timer = setTimeout(() => {
    call.stop(new LinkFailure("timeout", `no connection within ${settings.totalTimeout} ms (totalTimeout)`));
  }, settings.totalTimeout);
  try {
    await api.statement('{"sql":"SELECT 1"}', "SELECT 1", "read", call);
    return new QuicsqlEngine(api, settings);
  } catch (error) {
    api.close();
    throw error instanceof OperationalError && error.code === "HTTP_404" ? notThere(settings, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

function notThere({ address }: Settings, { message }: OperationalError): OperationalError {
  return new OperationalError(`there is no database of a quicSQL server at ${address.text}: ${message}`, {
    code: "HTTP_404",
    outcome: "not-executed",
  });
}
