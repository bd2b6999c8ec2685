/* The trials in C: what SQLite itself takes, every column of every row read, none of it copied. Answers the questions of
   bench/lib/program-channel.ts, a line each; every sample checks what it has read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "sqlite3.h"

#define EVERYTHING "select id, name, score, note from item"

typedef struct {
  sqlite3_int64 rows, bytes;
  double sum;
  int hits;
} Found;

typedef struct {
  char name[24], note[32];
} Text;

static sqlite3 *db;
static sqlite3_stmt *statement;
static char word[32];
static int count, size, *keys;
static Text *texts;
static char failure[256];

static int fail(const char *what) {
  snprintf(failure, sizeof failure, "%s: %s", what, db ? sqlite3_errmsg(db) : "no database");
  for (char *at = failure; *at; at++) if (*at == '"' || *at == '\\' || *at < ' ') *at = '\'';
  return 0;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int is(const char *other) { return strcmp(word, other) == 0; }

static int page(void) { return is("page10") ? 10 : is("page100") ? 100 : 1; }

/* How many bytes the two texts of a row have. */
static int bytes_of(int id) {
  char text[48];
  int length = snprintf(text, sizeof text, "name %d", id);
  return id % 4 == 0 ? length : length + snprintf(text, sizeof text, "a note on %d", id);
}

/* Takes all rows of the statement at hand. */
static int read_rows(Found *found, int last) {
  int status, id = 0;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    id = sqlite3_column_int(statement, 0);
    if (sqlite3_column_text(statement, 1)) found->bytes += sqlite3_column_bytes(statement, 1);
    found->sum += sqlite3_column_double(statement, 2);
    if (sqlite3_column_type(statement, 3) != SQLITE_NULL && sqlite3_column_text(statement, 3))
      found->bytes += sqlite3_column_bytes(statement, 3);
    found->rows++;
  }
  if (id == last) found->hits++;
  sqlite3_reset(statement);
  return status == SQLITE_DONE;
}

static int write_rows(void) {
  if (sqlite3_exec(db, "begin", 0, 0, 0)) return 0;
  for (int id = 1; id <= count; id++) {
    sqlite3_bind_int(statement, 1, id);
    sqlite3_bind_text(statement, 2, texts[id - 1].name, -1, SQLITE_STATIC);
    sqlite3_bind_double(statement, 3, id + 0.5);
    if (id % 4 == 0) sqlite3_bind_null(statement, 4);
    else sqlite3_bind_text(statement, 4, texts[id - 1].note, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) return 0;
    sqlite3_reset(statement);
  }
  return sqlite3_exec(db, "commit", 0, 0, 0) == SQLITE_OK;
}

static int written(void *rows, int columns, char **values, char **names) {
  (void)columns, (void)names;
  *(int *)rows = atoi(values[0]);
  return 0;
}

static int is_writing(void) { return is("insert") || is("executemany"); }

static int sample(double *taken) {
  Found found = {0}, wanted = {0};
  double start = now();
  if (is_writing()) {
    int rows = 0;
    if (!write_rows()) return fail("writing");
    *taken = now() - start;
    if (sqlite3_exec(db, "select count(*) from fresh where typeof(id) = 'integer'", written, &rows, 0))
      return fail("counting");
    if (rows != count) return fail("the rows are not all there");
    return sqlite3_exec(db, "delete from fresh", 0, 0, 0) ? fail("deleting") : 1;
  }
  int length = page();
  if (is("fetchall") || is("iterate")) {
    if (!read_rows(&found, size)) return fail("reading");
  } else {
    for (int at = 0; at < count / length; at++) {
      sqlite3_bind_int(statement, 1, keys[at]);
      if (!read_rows(&found, keys[at] + length - 1)) return fail("reading");
    }
  }
  *taken = now() - start;
  int sets = is("fetchall") || is("iterate") ? 1 : count / length;
  for (int at = 0; at < sets; at++) {
    int first = sets == 1 ? 1 : keys[at], last = sets == 1 ? size : keys[at] + length - 1;
    for (int id = first; id <= last; id++) {
      wanted.rows++;
      wanted.sum += id + 0.5;
      wanted.bytes += bytes_of(id);
    }
  }
  if (found.hits != sets || found.rows != wanted.rows || found.bytes != wanted.bytes || found.sum != wanted.sum)
    return fail("the rows are not those of the table");
  return 1;
}

/* The keys of bench/lib/table.ts, in their order. */
static int make_keys(int length) {
  unsigned int state = 20240229;
  keys = malloc(sizeof *keys * count);
  if (!keys) return fail("memory");
  for (int at = 0; at < count; at++) {
    state = state * 1664525u + 1013904223u;
    int key = 1 + (int)(state / 4294967296.0 * size);
    keys[at] = key > size - length + 1 ? size - length + 1 : key;
  }
  return 1;
}

static int prepare(void) {
  char sql[128];
  const char *script = getenv(is_writing() ? "FRESH_SCRIPT" : "ITEM_SCRIPT");
  if (!script || sqlite3_open(":memory:", &db) || sqlite3_exec(db, script, 0, 0, 0)) return fail("opening");
  if (is_writing()) {
    snprintf(sql, sizeof sql, "insert into fresh values (?, ?, ?, ?)");
    texts = malloc(sizeof *texts * count);
    if (!texts) return fail("memory");
    for (int at = 0; at < count; at++) {
      snprintf(texts[at].name, sizeof texts[at].name, "name %d", at + 1);
      snprintf(texts[at].note, sizeof texts[at].note, "a note on %d", at + 1);
    }
  } else if (is("fetchall") || is("iterate")) {
    snprintf(sql, sizeof sql, EVERYTHING);
  } else if (is("lookup")) {
    snprintf(sql, sizeof sql, EVERYTHING " where id = ?");
  } else if (page() > 1) {
    snprintf(sql, sizeof sql, EVERYTHING " where id >= ? limit %d", page());
  } else {
    return fail("nobody knows this trial");
  }
  if (!is_writing() && !make_keys(page())) return 0;
  return sqlite3_prepare_v2(db, sql, -1, &statement, 0) == SQLITE_OK ? 1 : fail("preparing");
}

static void finish(void) {
  sqlite3_finalize(statement);
  sqlite3_close(db);
  free(keys);
  free(texts);
  statement = NULL, db = NULL, keys = NULL, texts = NULL;
}

int main(void) {
  char line[128];
  const char *rows = getenv("ROWS");
  size = rows ? atoi(rows) : 0;
  while (fgets(line, sizeof line, stdin)) {
    double taken = 0;
    int done = 1;
    if (strncmp(line, "facts", 5) == 0) {
      printf("{\"say\": \"facts\", \"facts\": {\"version\": \"loop\", \"sqlite\": \"%s\"}}\n", sqlite3_libversion());
    } else if (sscanf(line, "prepare %31s %d", word, &count) == 2) {
      if ((done = prepare())) printf("{\"say\": \"done\"}\n");
    } else if (strncmp(line, "sample", 6) == 0) {
      if ((done = sample(&taken))) printf("{\"say\": \"sample\", \"taken\": %.6f}\n", taken);
    } else if (strncmp(line, "finish", 6) == 0) {
      finish();
      printf("{\"say\": \"done\"}\n");
    } else {
      done = fail("nobody knows this question");
    }
    if (!done) printf("{\"say\": \"failed\", \"message\": \"%s\"}\n", failure);
    fflush(stdout);
  }
  return 0;
}
