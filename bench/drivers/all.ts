/**
 * The drivers side by side, the measure of the others first.
 */
import { betterSqlite3 } from "./better-sqlite3.ts";
import type { Driver } from "./driver.ts";
import { nodeSqlite } from "./node-sqlite.ts";
import { sqliteDbapi } from "./sqlite-dbapi.ts";

export const drivers: readonly Driver[] = [betterSqlite3, sqliteDbapi, nodeSqlite];
