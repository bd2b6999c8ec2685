/**
 * A real server for pages and examples that ask for one: `process.env.DATABASE_URL` and `DATABASE_TOKEN`, as a reader would
 * set them. A page that does not name the first one gets none.
 */
import { startSqld } from "../../servers/sqld.ts";

/** Runs work with the variables of the environment that the page needs. */
export async function withServer<R>(
  markdown: string,
  work: (environment: Readonly<Record<string, string>>) => Promise<R>,
): Promise<R> {
  if (!markdown.includes("process.env.DATABASE_URL")) return work({});
  const server = await startSqld({ jwt: true });
  try {
    return await work({ DATABASE_URL: server.url, DATABASE_TOKEN: server.token() });
  } finally {
    await server.stop();
  }
}
