/**
 * One more form of a query: its rows by the group, each group one text, for servers that hand over a few long rows in a fraction of
 * the time that many short ones take. Writes SQL only; what reads such a result is engine/hrana/grouped-rows.ts.
 * Tests: test/unit/engine/hrana/{grouped,grouped-rows}.test.ts.
 */
import { statementAlone } from "./exact.ts";

/** Rows in a group. Measured on sqld: from 16 to 64 cost the same. */
export const GROUP_ROWS = 32;

/**
 * Begins a text that stands for a value JSON has no word for; the letter behind it says which: `r` REAL, `i` an INTEGER past 2^53, `b`
 * a BLOB as hexadecimal digits, `t` a text that begins with this character.
 */
export const MARK = "\u007f";

/**
 * Bytes of a value, and of a row if all of its values were such, from which it goes alone: every row is copied as often as a group has rows, and
 * sqld lets no text be longer than 5 MB.
 */
const [LONG, LONG_ROW] = [1000, 8192];

/** No table can have these names, so that the statement cannot mean one by it. */
const [ROWS, CELLS, TEXTS, GROUPS] = ["sqlite_rows", "sqlite_cells", "sqlite_texts", "sqlite_groups"];

/** Values of every kind that a server must give as they are, in SQL and here; the version, which is not known, stands before them. */
export const PROBE: readonly { readonly sql: string; readonly value: string | number | bigint | null }[] = [
  { sql: "NULL", value: null },
  { sql: "-9223372036854775807 - 1", value: -(2n ** 63n) },
  { sql: "9007199254740991", value: 2 ** 53 - 1 },
  { sql: "''", value: "" },
  { sql: `char(127, 34, 92, 0, 1, 233, 128512)`, value: '\u007f"\\\0\u0001\u00e9\u{1f600}' },
  { sql: "json_array(1)", value: "[1]" },
  { sql: "0.0 * -1", value: -0 },
  { sql: "1.0", value: 1 },
  { sql: `1.0 / 3${" * 4611686018427387904.0".repeat(16)}`, value: (1 / 3) * 2 ** 992 },
  { sql: `-1.0 / 7${" / 4611686018427387904.0".repeat(16)}`, value: -1 / 7 / 2 ** 992 },
];

/**
 * Wraps a SELECT or VALUES of `width` columns. Parameters keep their numbers, rows their order, and no value is worked out twice.
 * The result has two columns more, the names of the others being those of the query, and begins with a row `[..., 0, PROBE]`.
 * Then every row that begins a group comes as `[..., its number, the group's rows]`, and every row with a long value as it is,
 * `[the row, its number, ...]`; in its group it is a 0. The other rows of a group are JSON arrays.
 */
export function groupedQuery(sql: string, width: number): string {
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const long = Math.min(LONG, Math.floor(LONG_ROW / width));
  const isLong = names.map(
    (name) => `typeof(${name}) IN ('text', 'blob') AND octet_length(${name}) > ${long}`,
  );
  const alone = names.map((name) => `CASE WHEN x IS NULL THEN ${name} END`);
  const probes = PROBE.map((_, index) => `p${index}`);
  const probe = `json_array(${["sqlite_version()", ...probes.map(valueAsJson)]})`;
  return (
    `WITH ${ROWS} AS NOT MATERIALIZED (${statementAlone(sql)}), ` +
    `${CELLS}(${names}) AS NOT MATERIALIZED (SELECT * FROM ${ROWS}), ` +
    // SQLite merges no query into one with a window, so each value is there before it is looked at: random() is the same all the way.
    `${TEXTS} AS (SELECT row_number() OVER () AS n, *, ` +
    `CASE WHEN ${isLong.join(" OR ")} THEN NULL ELSE json_array(${names.map(valueAsJson)}) END AS x FROM ${CELLS}), ` +
    `${GROUPS} AS (SELECT *, ` +
    `group_concat(ifnull(x, '0'), ',') OVER (ROWS BETWEEN CURRENT ROW AND ${GROUP_ROWS - 1} FOLLOWING) AS g FROM ${TEXTS}) ` +
    // A query is called what its first part is called. Here that has no rows.
    `SELECT *, NULL, NULL FROM ${ROWS} WHERE 0 UNION ALL ` +
    `SELECT ${names.map(() => "NULL")}, 0, ${probe} FROM (SELECT ${PROBE.map(({ sql: value }, index) => `${value} AS p${index}`)}) ` +
    `UNION ALL SELECT ${alone}, n, CASE WHEN n % ${GROUP_ROWS} = 1 THEN g END FROM ${GROUPS} ` +
    `WHERE n % ${GROUP_ROWS} = 1 OR x IS NULL`
  );
}

/** A value as an argument of json_array(). What it gives of functions of JSON is text like any other once something is put before it. */
function valueAsJson(name: string): string {
  const marked = (letter: string) => `char(127, ${letter.charCodeAt(0)})`;
  return (
    `CASE typeof(${name}) ` +
    `WHEN 'integer' THEN CASE WHEN +${name} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${name} ELSE ${marked("i")} || ${name} END ` +
    `WHEN 'text' THEN CASE WHEN unicode(${name}) = 127 THEN ${marked("t")} || ${name} ELSE '' || ${name} END ` +
    // Neither way of writing a number keeps the sign of a zero.
    `WHEN 'real' THEN ${marked("r")} || CASE WHEN +${name} = 0 AND atan2(${name}, -1) < 0 THEN '-0' ELSE printf('%!.17g', ${name}) END ` +
    `WHEN 'blob' THEN ${marked("b")} || hex(${name}) END`
  );
}
