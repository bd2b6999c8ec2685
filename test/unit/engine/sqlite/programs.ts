/**
 * Statements for program.test.ts, with a database in which those that can return several rows do.
 * Not a test file.
 */
export const SCHEMA = `
  CREATE TABLE t(id INTEGER PRIMARY KEY, u UNIQUE, a, b, c, n NOT NULL DEFAULT 7, UNIQUE(a, b));
  CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
  CREATE TABLE r(x, y);
  CREATE TABLE self(id INTEGER PRIMARY KEY, parent);
  CREATE TABLE solo(z);
  CREATE TABLE nocase(name TEXT COLLATE NOCASE, UNIQUE(name COLLATE BINARY));
  CREATE INDEX r_x ON r(x);
  CREATE UNIQUE INDEX r_part ON r(y) WHERE x = 'p';
  CREATE UNIQUE INDEX r_expr ON r(x || y) WHERE y > 100;
  CREATE VIEW every AS SELECT id, a FROM t;
  CREATE VIEW first AS SELECT id, a FROM t WHERE id = 1;
  CREATE VIRTUAL TABLE f USING fts5(body);
  INSERT INTO t VALUES (1, 'one', 1, 1, 'x', 7), (2, 'two', 1, 2, 'x', 7), (3, NULL, 2, 1, 'y', 8), (4, NULL, NULL, NULL, 'y', 9),
    (5, NULL, NULL, NULL, NULL, 9);
  INSERT INTO w VALUES ('a', 1), ('b', 1), ('c', 2);
  INSERT INTO r VALUES ('p', 1), ('q', 1), ('q', 1), ('q', NULL), (NULL, NULL), (NULL, NULL), ('z', 101), ('z', 102);
  INSERT INTO self VALUES (1, NULL), (2, 1), (3, 1), (4, 2);
  INSERT INTO solo VALUES (1);
  INSERT INTO nocase VALUES ('a'), ('A');
  INSERT INTO f VALUES ('alpha beta'), ('alpha gamma'), ('delta');
`;

/** At most one row by their nature, and the program tells. */
export const ONE: readonly string[] = [
  "SELECT 1",
  "SELECT 1, 2 WHERE 1 = 2",
  "VALUES (1, 2)",
  "SELECT * FROM t WHERE id = 1",
  "SELECT * FROM t WHERE rowid = 2 AND a = 1",
  "SELECT * FROM t WHERE id IS 1",
  "SELECT * FROM t WHERE id IN (3)",
  "SELECT * FROM t WHERE u = 'one'",
  "SELECT id FROM t WHERE a = 1 AND b = 2",
  "SELECT id FROM t WHERE (a, b) = (1, 2)",
  "SELECT * FROM w WHERE k = 'b'",
  "SELECT count(*) FROM t",
  "SELECT count(*), sum(a), max(b), total(a) FROM t WHERE a = 1",
  "SELECT min(id) FROM t",
  "SELECT max(a) FROM t WHERE b = 1",
  "SELECT count(*) FROM t HAVING count(*) > 2",
  "SELECT EXISTS (SELECT 1 FROM t WHERE a = 1)",
  "SELECT 3 IN (SELECT id FROM t)",
  "SELECT (SELECT a FROM t WHERE id = 2)",
  "SELECT t.id, w.v FROM t JOIN w ON w.k = 'a' WHERE t.id = 1",
  "SELECT t.id, w.v FROM t LEFT JOIN w ON w.k = t.c WHERE t.id = 1",
  "SELECT * FROM first",
  "SELECT y FROM r WHERE x = 'p' AND y = 1",
  "SELECT group_concat(x) FROM r",
  "SELECT json_group_array(value) FROM json_each('[1,2,3]')",
];

/** Several rows come out of each of these. */
export const MANY: readonly string[] = [
  "SELECT * FROM t",
  "SELECT * FROM t WHERE id > 1",
  "SELECT * FROM t WHERE id IN (1, 2)",
  "SELECT * FROM t WHERE id IN (SELECT id FROM t)",
  "SELECT * FROM t WHERE id = 1 OR id = 2",
  "SELECT * FROM t WHERE id = 1 OR u = 'two'",
  "SELECT * FROM t WHERE u IS NULL",
  "SELECT * FROM t WHERE u IS (SELECT NULL)",
  "SELECT * FROM t WHERE u IN ('one', 'two')",
  "SELECT * FROM t WHERE a = 1",
  "SELECT * FROM t WHERE a IS NULL AND b IS NULL",
  "SELECT * FROM t WHERE (a, b) IN (VALUES (1, 1), (1, 2))",
  "SELECT * FROM t WHERE c = 'x' ORDER BY b DESC",
  "SELECT * FROM t ORDER BY c LIMIT 2",
  "SELECT * FROM t LIMIT 5 OFFSET 1",
  "SELECT * FROM t WHERE n = 7 ORDER BY id",
  "SELECT * FROM t WHERE id BETWEEN 1 AND 3",
  "SELECT DISTINCT c FROM t",
  "SELECT DISTINCT a FROM t ORDER BY a",
  "SELECT a, count(*) FROM t GROUP BY a",
  "SELECT c, max(id) FROM t GROUP BY c HAVING count(*) > 0 ORDER BY 2",
  "SELECT count(*) FROM t GROUP BY id",
  "SELECT 1 UNION ALL SELECT 2",
  "SELECT 1 UNION SELECT 2",
  "SELECT id FROM t INTERSECT SELECT id FROM self",
  "SELECT id FROM t EXCEPT SELECT 1",
  "SELECT id FROM t WHERE id = 1 UNION ALL SELECT id FROM t WHERE id = 2",
  "SELECT id FROM t WHERE id = 1 UNION SELECT id FROM t WHERE id = 2 ORDER BY 1",
  "SELECT count(*) FROM t UNION ALL SELECT count(*) FROM w",
  "SELECT 2 AS x UNION ALL SELECT 1 ORDER BY x DESC LIMIT 2",
  "VALUES (1), (2)",
  "VALUES (1), (2), (3), (4), (5)",
  "SELECT * FROM (VALUES (1), (2))",
  "SELECT id, row_number() OVER (ORDER BY id) FROM t",
  "SELECT sum(a) OVER (PARTITION BY c) FROM t",
  "SELECT lag(id) OVER w1, lead(id) OVER w1 FROM t WINDOW w1 AS (ORDER BY id)",
  "WITH x(v) AS (SELECT id FROM t) SELECT * FROM x",
  "WITH x(v) AS MATERIALIZED (SELECT id FROM t) SELECT a.v, b.v FROM x a JOIN x b",
  "WITH RECURSIVE x(v) AS (VALUES (1) UNION ALL SELECT v + 1 FROM x WHERE v < 5) SELECT v FROM x",
  "WITH RECURSIVE x(v) AS (VALUES (1) UNION SELECT v + 1 FROM x LIMIT 4) SELECT v FROM x",
  "WITH RECURSIVE d(id) AS (SELECT 1 UNION ALL SELECT s.id FROM self s JOIN d ON s.parent = d.id) SELECT * FROM d",
  "SELECT t.id, w.k FROM t JOIN w WHERE t.id = 1",
  "SELECT w.k FROM t JOIN w ON w.v = t.a WHERE t.id = 1",
  "SELECT t.id, s.id FROM self s LEFT JOIN t ON t.id = s.parent",
  "SELECT t.id, s.id FROM t RIGHT JOIN self s ON t.id = s.parent",
  "SELECT t.id, s.id FROM t RIGHT JOIN self s ON t.id = 1 AND s.id = 1",
  "SELECT t.id, w.k FROM t FULL JOIN w ON t.id = 1 AND w.k = 'a'",
  "SELECT s.z, w.k FROM solo s FULL JOIN w ON w.k = 'a'",
  "SELECT * FROM t a NATURAL JOIN t b",
  "SELECT * FROM t, json_each('[1,2]') WHERE t.id = 1",
  "SELECT value FROM json_each('[1,2,3]')",
  "SELECT value FROM json_tree('[1,[2]]')",
  "SELECT * FROM f WHERE f MATCH 'alpha'",
  "SELECT rowid FROM f WHERE rowid IN (1, 2)",
  "SELECT name FROM pragma_table_info('t')",
  "SELECT * FROM pragma_function_list WHERE name = 'substr'",
  "SELECT name FROM sqlite_schema",
  "SELECT * FROM every",
  "SELECT * FROM every JOIN first",
  "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM self WHERE self.id = t.id)",
  "SELECT id, (SELECT count(*) FROM self WHERE parent = t.id) FROM t",
  "SELECT id FROM t WHERE a = (SELECT min(a) FROM t)",
  "SELECT x FROM r WHERE y = 1",
  "SELECT y FROM r WHERE x = 'q'",
  "SELECT y FROM r WHERE x IS NULL",
  "SELECT x FROM r WHERE y > 100 AND x || y > ''",
  "SELECT name FROM nocase WHERE name = 'a'",
  "SELECT id FROM t WHERE u = 'one' COLLATE NOCASE OR u = 'two'",
  "SELECT (SELECT max(id) FROM self s WHERE s.parent IS t.a) FROM t",
  "SELECT max(id) FROM t GROUP BY c LIMIT 3",
  "SELECT * FROM (SELECT * FROM t WHERE id = 1 UNION ALL SELECT * FROM t WHERE id = 2)",
  "SELECT * FROM (SELECT id FROM t ORDER BY a LIMIT 3) WHERE id > 0",
  "SELECT * FROM t NOT INDEXED WHERE u > ''",
  "SELECT a.id FROM t a JOIN t b ON a.a = b.a WHERE b.id = 1",
];

/** At most one row, and nobody minds if the program does not tell. */
export const ONE_OR_UNTOLD: readonly string[] = [
  "SELECT * FROM t LIMIT 1",
  "SELECT * FROM t ORDER BY c LIMIT 1",
  "SELECT max(id), a FROM t",
  "SELECT count(DISTINCT a) FROM t",
  "SELECT * FROM (SELECT count(*) FROM t)",
  "WITH x(v) AS (SELECT count(*) FROM t) SELECT v FROM x",
  "SELECT rowid FROM f WHERE rowid = 1",
  "SELECT z FROM solo",
  "SELECT x FROM r WHERE x || y = 'z101' AND y > 100",
  "SELECT 1 UNION SELECT 1",
  "SELECT sum(id) OVER () FROM t WHERE id = 1",
  "SELECT id FROM t WHERE a = 1 GROUP BY a",
  "SELECT value FROM json_each('[9]')",
  "SELECT id FROM t WHERE u = 'one' OR id = 1",
];
