"""The trials as a user of Python's sqlite3 writes them. Answers the questions of bench/lib/program-channel.ts, a line
each; every sample checks what it has read, off the clock."""

import json
import os
import platform
import sqlite3
import sys
from time import perf_counter

SIZE = int(os.environ["ROWS"])
COLUMNS = "id, name, score, note"
EVERYTHING = f"select {COLUMNS} from item"


def row_of(key):
    return (key, f"name {key}", key + 0.5, None if key % 4 == 0 else f"a note on {key}")


def random_keys(count):
    """The keys of bench/lib/table.ts, in their order."""
    state, keys = 20_240_229, []
    for _ in range(count):
        state = (state * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF
        keys.append(1 + int(state / 2**32 * SIZE))
    return keys


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def timed(work, check, reset=lambda: None):
    def sample():
        start = perf_counter()
        found = work()
        elapsed = perf_counter() - start
        check(found)
        reset()
        return elapsed * 1000

    return sample


def lookup(conn, count):
    keys = random_keys(count)
    sql = f"{EVERYTHING} where id = ?"
    for key in keys[:100]:
        same(conn.execute(sql, (key,)).fetchone(), row_of(key))

    def work():
        found = 0
        for key in keys:
            if conn.execute(sql, (key,)).fetchone()[0] == key:
                found += 1
        return found

    return timed(work, lambda found: same(found, count))


def page(length):
    def trial(conn, count):
        starts = [min(key, SIZE - length + 1) for key in random_keys(count // length)]
        sql = f"{EVERYTHING} where id >= ? limit {length}"
        for start in starts[:10]:
            same(conn.execute(sql, (start,)).fetchall(), [row_of(start + at) for at in range(length)])

        def work():
            found = 0
            for start in starts:
                if conn.execute(sql, (start,)).fetchall()[-1][0] == start + length - 1:
                    found += 1
            return found

        return timed(work, lambda found: same(found, len(starts)))

    return trial


def fetchall(conn, count):
    def check(rows):
        same([len(rows), rows[count // 2 - 1], rows[-1]], [count, row_of(count // 2), row_of(count)])

    return timed(lambda: conn.execute(EVERYTHING).fetchall(), check)


def iterate(conn, count):
    def work():
        total = 0.0
        for row in conn.execute(EVERYTHING):
            total += row[2]
        return total

    return timed(work, lambda total: same(total, count * (count + 1) / 2 + count / 2))


def writing(many):
    def trial(conn, count):
        sql = "insert into fresh values (?, ?, ?, ?)"
        rows = [row_of(key + 1) for key in range(count)]

        def work():
            if many:
                conn.executemany(sql, rows)
            else:
                for row in rows:
                    conn.execute(sql, row)
            conn.commit()

        def check(_):
            same(conn.execute("select count(*) from fresh").fetchone(), (count,))
            same(conn.execute(f"select {COLUMNS} from fresh where id = ?", (count,)).fetchone(), row_of(count))

        def reset():
            conn.execute("delete from fresh")
            conn.commit()

        return timed(work, check, reset)

    return trial


TRIALS = {
    "lookup": (lookup, "ITEM_SCRIPT"),
    "page10": (page(10), "ITEM_SCRIPT"),
    "page100": (page(100), "ITEM_SCRIPT"),
    "fetchall": (fetchall, "ITEM_SCRIPT"),
    "iterate": (iterate, "ITEM_SCRIPT"),
    "insert": (writing(many=False), "FRESH_SCRIPT"),
    "executemany": (writing(many=True), "FRESH_SCRIPT"),
}


class Driver:
    def __init__(self):
        self.conn = None
        self.sample = None

    def answer(self, question):
        ask, *words = question.split()
        if ask == "facts":
            facts = {"version": f"of Python {platform.python_version()}", "sqlite": sqlite3.sqlite_version}
            return {"say": "facts", "facts": facts}
        if ask == "prepare":
            word, count = words
            trial, script = TRIALS[word]
            self.conn = sqlite3.connect(":memory:")
            self.conn.executescript(os.environ[script])
            self.sample = trial(self.conn, int(count))
            return {"say": "done"}
        if ask == "sample":
            return {"say": "sample", "taken": self.sample()}
        if ask == "finish":
            self.conn.close()
            return {"say": "done"}
        raise ValueError(f"nobody knows the question {question!r}")


driver = Driver()
for line in sys.stdin:
    try:
        reply = driver.answer(line.strip())
    except Exception as error:  # told to who asks, who decides
        reply = {"say": "failed", "message": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
