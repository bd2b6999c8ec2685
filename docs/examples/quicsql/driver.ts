/**
 * A quicSQL server by its URL, whose path is the database: `http:` speaks Hrana and has transactions, `quicsql:` the JSON API, where
 * every call is a transaction of its own. In a project of your own the import is `from "sqlite-dbapi"`.
 * Run with QUICSQL_URL and QUICSQL_TOKEN; the default is a server on this machine.
 */
import { connect } from "../../../src/index.ts";

const url = process.env.QUICSQL_URL ?? "http://127.0.0.1:7775/app";
const authToken = process.env.QUICSQL_TOKEN ?? null;

// Over Hrana everything is as with a file: a write begins a transaction, commit() ends it.
const conn = connect(url, { authToken });
conn.executescript(`
  DROP TABLE IF EXISTS users;
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, balance INTEGER NOT NULL);
`);
const insert = "INSERT INTO users (name, balance) VALUES (?, ?)";
conn.execute(insert, ["ada", 100]);
conn.executemany(insert, [
  ["bob", 100],
  ["carol", 100],
]);
conn.commit();

// Both updates, or none of them.
conn.transaction(() => {
  conn.execute("UPDATE users SET balance = balance - ? WHERE name = ?", [30, "ada"]);
  conn.execute("UPDATE users SET balance = balance + ? WHERE name = ?", [30, "bob"]);
});
for (const [name, balance] of conn.execute("SELECT name, balance FROM users ORDER BY name")) {
  console.log(name, balance);
}
conn.close();

// The same database by the JSON API: nothing to commit, and each call is all or nothing.
const api = connect(url.replace(/^http/, "quicsql"), { authToken });
const many = api.executemany(insert, [
  ["dave", 50],
  ["erin", 50],
]);
console.log(`${many.rowcount} more`);
try {
  api.executemany(insert, [
    ["frank", 1],
    ["ada", 1],
  ]);
} catch (error) {
  if (!(error instanceof api.IntegrityError)) throw error;
  console.log(`set ${error.index}: ${error.message}`);
}
console.log(`${api.fetchone("SELECT count(*) FROM users")} users`);
api.close();
