/**
 * The trials in the order of the table.
 */
import { lookups } from "./lookup.ts";
import { reads } from "./read.ts";
import { startup } from "./startup.ts";
import type { Trial } from "./trial.ts";
import { writes } from "./write.ts";

export const trials: readonly Trial[] = [...lookups, ...reads, ...writes, startup];
