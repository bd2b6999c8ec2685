/**
 * A real server for pages and examples that ask for one: `process.env.DATABASE_URL` and `DATABASE_TOKEN`, as a reader would
 * set them. A page that names `process.env.QUICSQL_URL` and `QUICSQL_TOKEN` gets one that speaks as quicSQL does. Others get none.
 */
import { startFakeQuicsql } from "../../servers/fake-quicsql.ts";
import { startSqld } from "../../servers/sqld.ts";

/** Runs work with the variables of the environment that the page needs. */
export async function withServer<R>(
  markdown: string,
  work: (environment: Readonly<Record<string, string>>) => Promise<R>,
): Promise<R> {
  if (markdown.includes("process.env.QUICSQL_URL")) return withQuicsql(work);
  if (!markdown.includes("process.env.DATABASE_URL")) return work({});
  const server = await startSqld({ jwt: true });
  try {
    return await work({ DATABASE_URL: server.url, DATABASE_TOKEN: server.token() });
  } finally {
    await server.stop();
  }
}

async function withQuicsql<R>(
  work: (environment: Readonly<Record<string, string>>) => Promise<R>,
): Promise<R> {
  const token = "a-token-of-the-page";
  const server = await startFakeQuicsql({ token });
  try {
    return await work({ QUICSQL_URL: `http://${server.host}/app`, QUICSQL_TOKEN: token });
  } finally {
    await server.stop();
  }
}
