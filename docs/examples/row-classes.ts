/**
 * Rows as what the program wants: instances of a class that checks its data, and values of a type of one's own that go
 * in and out of a column. In a project of your own the import is `from "sqlite-dbapi"`.
 */
import { classRow, connect, PARSE_DECLTYPES, registerAdapter, registerConverter } from "../../src/index.ts";

/** A type of one's own: a sum of money in cents, stored as an INTEGER in columns declared `money`. */
class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
  toString(): string {
    return `${(this.cents / 100).toFixed(2)} EUR`;
  }
}
registerAdapter(Money, (money) => money.cents);
registerConverter("money", (stored) => new Money(Number(stored)));

/** A row: the constructor gets the columns as an object. */
class Order {
  readonly id: number;
  readonly total: Money;
  readonly placed: Date;
  constructor(row: { id: number; total: Money; placed: Date }) {
    this.id = row.id;
    this.total = row.total;
    this.placed = row.placed;
  }
  toString(): string {
    return `order ${this.id} of ${this.placed.toISOString().slice(0, 10)}: ${this.total}`;
  }
}

const conn = connect(":memory:", { detectTypes: PARSE_DECLTYPES });
conn.execute(
  'CREATE TABLE "order" (id INTEGER PRIMARY KEY, total money NOT NULL, placed timestamp NOT NULL)',
);
conn.executemany('INSERT INTO "order" (total, placed) VALUES (?, ?)', [
  [new Money(1999), new Date("2026-03-01T10:00:00Z")],
  [new Money(50), new Date("2026-03-02T11:30:00Z")],
]);
conn.commit();

const orders = conn.cursor(classRow(Order)).execute('SELECT id, total, placed FROM "order" ORDER BY id');
for (const order of orders) console.log(String(order));
const [stored] = conn.execute('SELECT typeof(total) FROM "order"').fetchone() ?? [];
console.log(`total is stored as ${stored}`);
conn.close();
