/**
 * Drizzle's libSQL driver on our client: what accepts `@libsql/client` accepts ours.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { migrate } from "drizzle-orm/libsql/migrator";
import { blob, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { expect, it } from "vitest";
import { everyForm, promisedOnly, raised } from "./forms.ts";

const author = sqliteTable("author", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  name: text("name").notNull().unique(),
  isAlive: integer("is_alive", { mode: "boolean" }).notNull(),
  born: integer("born", { mode: "timestamp_ms" }),
  portrait: blob("portrait", { mode: "buffer" }),
});

const book = sqliteTable("book", {
  id: integer("id").primaryKey(),
  title: text("title").notNull(),
  author: integer("author_id")
    .notNull()
    .references(() => author.id),
});

const MIGRATIONS = {
  "0000_first.sql": `CREATE TABLE author (
      id integer PRIMARY KEY AUTOINCREMENT NOT NULL, name text NOT NULL UNIQUE,
      is_alive integer NOT NULL, born integer, portrait blob
    );
    --> statement-breakpoint
    CREATE TABLE book (id integer PRIMARY KEY, title text NOT NULL, author_id integer NOT NULL REFERENCES author (id));`,
  "0001_second.sql": "CREATE INDEX book_by_title ON book (title);",
};

everyForm(
  "drizzle",
  (db) => {
    const open = async () => {
      const client = db.create();
      const orm = drizzle({ client, schema: { author, book } });
      const folder = join(db.directory, "migrations");
      await mkdir(join(folder, "meta"), { recursive: true });
      for (const [name, text] of Object.entries(MIGRATIONS)) await writeFile(join(folder, name), text);
      const entries = Object.keys(MIGRATIONS).map((name, idx) => ({
        ...{ idx, version: "6", when: 1_700_000_000_000 + idx, breakpoints: true },
        tag: name.replace(".sql", ""),
      }));
      await writeFile(
        join(folder, "meta", "_journal.json"),
        JSON.stringify({ version: "7", dialect: "sqlite", entries }),
      );
      await migrate(orm, { migrationsFolder: folder });
      await migrate(orm, { migrationsFolder: folder });
      return { client, orm };
    };

    it("migrates, inserts and selects with a join", async () => {
      const { orm } = await open();
      const born = new Date("1775-12-16T00:00:00Z");
      const portrait = Buffer.from([1, 2, 3]);
      const [jane] = await orm
        .insert(author)
        .values({ name: "Jane Austen", isAlive: false, born, portrait })
        .returning();
      expect(jane).toEqual({ id: 1, name: "Jane Austen", isAlive: false, born, portrait });
      const written = await orm.insert(book).values([
        { title: "Emma", author: 1 },
        { title: "Persuasion", author: 1 },
      ]);
      expect(written).toMatchObject({ rowsAffected: 2, lastInsertRowid: 2n });
      const rows = await orm
        .select({ title: book.title, author: author.name })
        .from(book)
        .innerJoin(author, eq(author.id, book.author))
        .orderBy(book.title);
      expect(rows).toEqual([
        { title: "Emma", author: "Jane Austen" },
        { title: "Persuasion", author: "Jane Austen" },
      ]);
      expect(await orm.query.author.findFirst({ columns: { name: true } })).toEqual({ name: "Jane Austen" });
      expect(await orm.get(sql`SELECT count(*) AS n FROM book`)).toEqual({ n: 2 });
      expect(await orm.all(sql`SELECT title FROM book WHERE id = ${2}`)).toEqual([{ title: "Persuasion" }]);
      expect(await orm.values(sql`SELECT 1, 'x'`)).toHaveLength(1);
    });

    it("commits and rolls back, savepoints included", async () => {
      const { orm } = await open();
      await orm.transaction(async (tx) => {
        await tx.insert(author).values({ name: "a", isAlive: true });
        await expect(
          tx.transaction(async (inner) => {
            await inner.insert(author).values({ name: "b", isAlive: true });
            inner.rollback();
          }),
        ).rejects.toThrow();
        await tx.insert(author).values({ name: "c", isAlive: true });
      });
      const failure = new Error("no");
      const thrown = await raised(Error, () =>
        orm.transaction(async (tx) => {
          await tx.delete(author);
          throw failure;
        }),
      );
      expect(thrown).toBe(failure);
      const names = await orm.select({ name: author.name }).from(author).orderBy(author.name);
      expect(names.map(({ name }) => name)).toEqual(["a", "c"]);
    });

    it("runs transactions of several tasks one after the other", async () => {
      const { orm } = await open();
      await orm.insert(author).values({ id: 1, name: "0", isAlive: true });
      const work = Array.from({ length: 10 }, () =>
        orm.transaction(async (tx) => {
          const [row] = await tx.select().from(author).where(eq(author.id, 1));
          await tx.update(author).set({ name: String(Number(row?.name) + 1) });
        }),
      );
      await Promise.all(work);
      expect(await orm.select({ name: author.name }).from(author)).toEqual([{ name: "10" }]);
    });

    it("runs batches, and undoes one that fails", async () => {
      const { orm } = await open();
      const [, count] = await orm.batch([
        orm.insert(author).values({ name: "a", isAlive: true }),
        orm.select({ n: sql<number>`count(*)` }).from(author),
      ]);
      expect(count).toEqual([{ n: 1 }]);
      const insert = () => orm.insert(author).values({ name: "b", isAlive: true });
      await expect(orm.batch([insert(), insert()])).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT" });
      expect(await orm.$count(author)).toBe(1);
    });

    it("passes the error on as its cause", async () => {
      const { client, orm } = await open();
      await client.execute("INSERT INTO author (name, is_alive) VALUES ('a', 1)");
      const error = await raised(Error, () => orm.insert(author).values({ name: "a", isAlive: true }));
      expect(error.cause).toMatchObject({
        code: "SQLITE_CONSTRAINT",
        extendedCode: "SQLITE_CONSTRAINT_UNIQUE",
      });
    });
  },
  promisedOnly,
);
