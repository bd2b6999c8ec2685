/**
 * Every class of the error table in docs/design/API.md by a real cause, with its code, its constraint and whether it can
 * be retried. That no message shows a bound value is error-values.test.ts; the place of a syntax error is
 * error-syntax.test.ts.
 */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import * as sqlite3 from "../../src/index.ts";
import { constraintCauses, otherCauses } from "./error-causes.ts";
import { conformance, raised } from "./quadrants.ts";

const { IntegrityError, ProgrammingError } = sqlite3;
const codes = new Map<string, unknown>(Object.entries(sqlite3));

conformance("errors of SQLite", (db) => {
  const causes = [...constraintCauses, ...otherCauses].filter(
    ({ needs }) => needs === undefined || db.can[needs],
  );

  it.each(causes)("$name is a $class.name $code", async (one) => {
    const conn = await db.connect(db.file());
    if (one.before !== undefined) await conn.executescript(one.before);
    const { fails } = one;
    const work =
      typeof fails === "string" ? async () => (await conn.execute(fails)).fetchall() : () => fails(conn, db);
    const error = await raised(sqlite3.Error, work);
    expect(error.constructor).toBe(one.class);
    expect(error.name).toBe(one.class.name);
    expect(error).toMatchObject({ code: one.code, sqliteErrorname: one.code });
    expect(error.sqliteErrorcode).toBe(codes.get(one.code));
    expect(error.constraint).toEqual(one.constraint);
    expect(error.retryable).toBe(one.retryable ?? false);
    expect(error.message).not.toBe("");
    if (typeof fails === "string") expect(error.sql).toBe(fails);
    expect(inspect(error)).toContain(one.code);
  });

  it.each(constraintCauses)(
    "$name is the same from executemany, in bulk and row by row, and from a script",
    async (one) => {
      const conn = await db.shared();
      if (one.before !== undefined) await conn.executescript(one.before);
      const sql = one.fails;
      for (const count of [1, 20]) {
        const error = await raised(IntegrityError, () => conn.executemany(sql, Array(count).fill([])));
        expect(error).toMatchObject({ code: one.code, constraint: one.constraint, index: 0, sql });
      }
      const error = await raised(IntegrityError, () => conn.executescript(`SELECT 1; ${sql}`));
      expect(error).toMatchObject({ code: one.code, constraint: one.constraint, index: 1 });
    },
  );

  describe("a table that somebody else drops", () => {
    const statements = [
      ["INSERT INTO t VALUES (1)", ProgrammingError],
      ["SELECT * FROM t", ProgrammingError],
      ["DELETE FROM t WHERE a = 5", ProgrammingError],
    ] as const;
    const isSeen = ([sql]: readonly [string, unknown]) => db.can.othersWrites || !sql.startsWith("SELECT");

    it.each(statements.filter(isSeen))(
      "%s is the same error whether the statement was cached or not",
      async (sql, Class) => {
        const errors: sqlite3.Error[] = [];
        for (const cached of [true, false]) {
          const conn = await db.connect(db.file(), cached ? {} : { cachedStatements: 0 });
          const other = await db.connect(db.file(), { isolationLevel: null });
          await other.execute("CREATE TABLE t (a)");
          if (cached) for (let i = 0; i < 3; i++) await (await conn.execute(sql)).fetchall();
          if (cached && !sql.startsWith("SELECT")) await conn.executemany(sql, Array(20).fill([]));
          await conn.commit();
          await other.execute("DROP TABLE t");
          errors.push(await raised(Class, () => conn.execute(sql)));
          expect(conn.inTransaction).toBe(false);
          if (!sql.startsWith("SELECT")) {
            await raised(Class, () => conn.executemany(sql, Array(20).fill([])));
            expect(conn.inTransaction).toBe(false);
          }
        }
        const [cached, fresh] = errors;
        expect(cached).toEqual(fresh);
        expect({ ...cached }).toEqual({ ...fresh });
        expect(cached?.message).toBe("no such table: t");
      },
    );
  });

  it("a statement that ends the transaction says so only through inTransaction", async () => {
    const conn = await db.shared();
    await conn.execute("CREATE TABLE t (a UNIQUE ON CONFLICT ROLLBACK)");
    await conn.execute("INSERT INTO t VALUES (1)");
    const error = await raised(IntegrityError, () => conn.execute("INSERT INTO t VALUES (1)"));
    expect(error.code).toBe("SQLITE_CONSTRAINT_UNIQUE");
    expect(conn.inTransaction).toBe(false);
  });
});
