/** How long a soak is: a few seconds in CI, minutes with `npm run soak`. */
import { it } from "vitest";

export const isLong: boolean = process.env.MODE === "soak";

/** A test whose deadline is that of a soak. */
export function soak(title: string, body: () => Promise<void>): void {
  it(title, { timeout: isLong ? 900_000 : 120_000 }, body);
}
