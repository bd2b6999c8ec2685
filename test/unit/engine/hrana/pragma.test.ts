/**
 * Tests src/engine/hrana/pragma.ts: which PRAGMAs set something that lasts as long as a connection.
 */
import { describe, expect, it } from "vitest";
import { settingOf } from "../../../../src/engine/hrana/pragma.ts";
import { describeStatement } from "../../../../src/sql/statement.ts";

describe("settingOf", () => {
  it.each([
    ["PRAGMA foreign_keys=OFF", "foreign_keys"],
    ["pragma Foreign_Keys = 1;", "foreign_keys"],
    ["PRAGMA foreign_keys(0)", "foreign_keys"],
    ["/* x */ ; PRAGMA main . cache_size = 5 -- y", "cache_size"],
    ['PRAGMA "query_only" = on', "query_only"],
    ["PRAGMA [recursive_triggers] = 1", "recursive_triggers"],
    ["PRAGMA foreign_keys", null],
    ["PRAGMA table_info(t)", null],
    ["PRAGMA user_version = 5", null],
    ["PRAGMA application_id = 5", null],
    ["PRAGMA defer_foreign_keys = ON", null],
    ["PRAGMA journal_mode = WAL", null],
    ["PRAGMA", null],
    ["SELECT 'PRAGMA foreign_keys = OFF'", null],
    ["", null],
  ])("of %j is %j", (sql, name) => {
    expect(settingOf(describeStatement(sql))).toBe(name);
  });
});
