/**
 * `npm run sqld`: a libSQL server for developers, until Ctrl-C. `npm run sqld -- --port 8080 --jwt --dir data.sqld`.
 * Tests: test/unit/servers/run-sqld.test.ts.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type SqldOptions, startSqld } from "./sqld.ts";

const USAGE = `npm run sqld -- [options]
  --port N     listen on this port of 127.0.0.1 (default: a free one)
  --jwt        ask for a token, and print one
  --dir PATH   keep the databases there (default: a temporary directory that goes with the server)`;

function readOptions(): SqldOptions {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      jwt: { type: "boolean" },
      dir: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    process.exit(0);
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new Error(`expected --port to be a number from 1 to 65535, got ${values.port}`);
  }
  return {
    jwt: values.jwt ?? false,
    ...(port === undefined ? {} : { port }),
    ...(values.dir === undefined ? {} : { directory: resolve(values.dir) }),
  };
}

async function main(): Promise<void> {
  const options = readOptions();
  const sqld = await startSqld(options);
  let isStopping = false;
  const stop = () => {
    isStopping = true;
    void sqld.stop();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  console.log(`url: ${sqld.url}`);
  if (options.jwt === true) console.log(`token: ${sqld.token({ lifetime: 30 * 24 * 3600 })}`);
  console.log(`databases: ${sqld.directory}`);
  console.log("Ctrl-C stops the server.");
  await sqld.ended();
  if (isStopping) return;
  await sqld.stop();
  throw new Error(`sqld ended by itself: ${sqld.log.trim()}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 1;
}
