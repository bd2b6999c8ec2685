/**
 * How the examples print: steps, tables, whole numbers.
 */
import Table from "cli-table3";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A number without decimals, its thousands apart. */
export const wholeNumber = (value: number): string => whole.format(value);

export const step = (title: string): void => console.log(`\n${title}`);

/** Prints rows under a head: numbers to the right, the rest to the left. */
export function print(head: readonly string[], rows: readonly (readonly unknown[])[]): void {
  const colAligns = head.map((_, i) => (typeof rows[0]?.[i] === "number" ? "right" : "left"));
  const table = new Table({ head: [...head], colAligns, style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => row.map(String)));
  console.log(table.toString());
}
