/**
 * quicSQL's JSON API with nothing but `fetch`: one endpoint, JSON in, JSON out. Run with QUICSQL_URL and QUICSQL_TOKEN.
 * What this little leaves to you: an integer past 2^53 is rounded by `res.json()`, and a result may be `truncated`.
 */
const url = process.env.QUICSQL_URL ?? "http://127.0.0.1:7775/app";
const token = process.env.QUICSQL_TOKEN;

interface Statement {
  readonly sql: string;
  readonly args?: readonly (null | number | string | { readonly base64: string })[];
}

interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rows_affected: number;
  readonly last_insert_id: number;
  readonly truncated?: boolean;
}

/** Sends one statement, or several that are one transaction. An error may come with HTTP 200. */
async function query(body: Statement): Promise<Result>;
async function query(body: {
  readonly statements: readonly Statement[];
}): Promise<{ readonly results: readonly Result[] }>;
async function query(body: object): Promise<unknown> {
  const response = await fetch(`${url}/query`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as {
    readonly error?: { readonly message: string };
    readonly failed_index?: number;
    readonly truncated?: boolean;
  };
  if (answer.error) {
    const which = answer.failed_index === undefined ? "" : `statement ${answer.failed_index}: `;
    throw new Error(`${which}${answer.error.message}`);
  }
  if (answer.truncated) throw new Error("the result was cut off");
  return answer;
}

await query({
  statements: [
    { sql: "DROP TABLE IF EXISTS users" },
    {
      sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, balance INTEGER NOT NULL)",
    },
    { sql: "INSERT INTO users (name, balance) VALUES (?, ?)", args: ["ada", 100] },
    { sql: "INSERT INTO users (name, balance) VALUES (?, ?)", args: ["bob", 100] },
  ],
});
await query({
  statements: [
    { sql: "UPDATE users SET balance = balance - ? WHERE name = ?", args: [30, "ada"] },
    { sql: "UPDATE users SET balance = balance + ? WHERE name = ?", args: [30, "bob"] },
  ],
});
try {
  const insert = "INSERT INTO users (name, balance) VALUES (?, ?)";
  await query({
    statements: [
      { sql: insert, args: ["carol", 1] },
      { sql: insert, args: ["ada", 1] },
    ],
  });
} catch (error) {
  console.log(String(error));
}
const { columns, rows } = await query({
  sql: "SELECT name, balance FROM users WHERE balance > ? ORDER BY name",
  args: [0],
});
console.log(columns.join(" "));
for (const row of rows) console.log(row.join(" "));
