/**
 * JavaScript in SQL: a function, an aggregate and a window function.
 * In a project of your own the import is `from "sqlite-dbapi"`.
 */
import { connect } from "../../src/index.ts";

const conn = connect(":memory:");
conn.execute("CREATE TABLE visit (day INTEGER, page TEXT, seconds REAL)");
conn.executemany("INSERT INTO visit VALUES (?, ?, ?)", [
  [1, "/home?from=mail", 10],
  [2, "/home", 30],
  [3, "/docs", 2],
  [4, "/home", 20],
]);

// Deterministic: the same argument gives the same result, so it may stand in an index.
conn.createFunction("path", 1, (url: string) => url.replace(/\?.*/, ""), { deterministic: true });
conn.execute("CREATE INDEX visit_path ON visit (path(page))");

// One instance for each group. NULL comes as null.
conn.createAggregate(
  "median",
  1,
  class {
    readonly #values: number[] = [];
    step(value: number | null): void {
      if (value !== null) this.#values.push(value);
    }
    finalize(): number | null {
      const sorted = this.#values.sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length / 2)] ?? null;
    }
  },
);

// A window moves: rows come in with step, and leave with inverse.
conn.createWindowFunction(
  "moving_sum",
  1,
  class {
    #sum = 0;
    step(value: number): void {
      this.#sum += value;
    }
    inverse(value: number): void {
      this.#sum -= value;
    }
    value(): number {
      return this.#sum;
    }
    finalize(): number {
      return this.#sum;
    }
  },
);

console.log("median by path");
for (const row of conn.execute("SELECT path(page), median(seconds) FROM visit GROUP BY 1 ORDER BY 1")) {
  console.log(row.join("  "));
}
console.log("sum of two days");
for (const row of conn.execute(
  "SELECT day, moving_sum(seconds) OVER (ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM visit",
)) {
  console.log(row.join("  "));
}
conn.close();
