/**
 * The names of those trials that drivers must speak of which cannot do them.
 */
import { size, spelled } from "../../lib/table.ts";

export const firstRowTrial = `${spelled(size)} rows, the first of them`;
export const allRowsTrial = `${spelled(size)} rows, all of them`;
export const togetherTrial = "100 rows by key at one time";
