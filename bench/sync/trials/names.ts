/**
 * The names of those trials that others must speak of: drivers that cannot do them, programs that know them by a word.
 */
import { size, spelled } from "../../lib/table.ts";

const all = `${spelled(size)} rows`;

export const lookupTrial = "one row by key, execute + fetchone";
export const tagTrial = "one row by key, sql tag";
export const tenRowsTrial = "10 rows with LIMIT, execute + fetchall";
export const hundredRowsTrial = "100 rows with LIMIT, execute + fetchall";
export const fetchallTrial = `${all}, conn.fetchall`;
export const iterationTrial = `${all}, for…of`;
export const insertCount = size / 10;
export const insertTrial = `${spelled(insertCount)} inserts one by one in a transaction`;
export const executemanyTrial = `executemany of ${spelled(size)} × 4`;
export const mixedTrial = `executemany of ${spelled(size)} × 4, types mixed in every column`;
