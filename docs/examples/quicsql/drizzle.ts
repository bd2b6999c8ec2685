/**
 * An ORM on a quicSQL server: Drizzle's libSQL driver takes our client as it takes `@libsql/client`. In a project of your own the
 * import is `from "sqlite-dbapi/client"`. Run with QUICSQL_URL and QUICSQL_TOKEN.
 */
import { asc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { createClient } from "../../../src/client.ts";

const client = createClient({
  url: process.env.QUICSQL_URL ?? "http://127.0.0.1:7775/app",
  ...(process.env.QUICSQL_TOKEN && { authToken: process.env.QUICSQL_TOKEN }),
});
const db = drizzle({ client });

const users = sqliteTable("users", {
  id: integer("id").primaryKey(),
  name: text("name").notNull().unique(),
  balance: integer("balance").notNull(),
});

await db.run(sql`DROP TABLE IF EXISTS users`);
await db.run(
  sql`CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, balance INTEGER NOT NULL)`,
);
await db.insert(users).values([
  { name: "ada", balance: 100 },
  { name: "bob", balance: 100 },
]);
await db.transaction(async (tx) => {
  await tx.update(users).set({ balance: sql`balance - 30` }).where(eq(users.name, "ada"));
  await tx.update(users).set({ balance: sql`balance + 30` }).where(eq(users.name, "bob"));
});
try {
  await db.transaction(async (tx) => {
    await tx.delete(users);
    throw new Error("on second thought, no");
  });
} catch (error) {
  console.log(String(error));
}
for (const { name, balance } of await db.select().from(users).orderBy(asc(users.name)))
  console.log(name, balance);
client.close();
