"""Measurements without wrk: streaming, exporting and importing a million rooms, start-up time, idle memory,
and instructions per request."""

import os
import re
import statistics
import subprocess
import threading
import time

import asking
from contenders import CACHE_OFF
from databases import COLUMNS, COPY
from processes import Failed, free_port, running, timed

STARTS = 15
FEW, MANY = 200, 1200


def stream(ring, who, database):
    """Reads a whole list over HTTP twice: the first time it counts the rooms, the second time it discards them, as
    psql does. The rate is that of the second time, the growth in memory that of both."""
    with ring.serving(who, database) as (port, tree):
        tree.forget_peak()
        rest = tree.memory_kib("VmRSS")
        measured = asking.stream(port, "/rooms")
        again = asking.stream(port, "/rooms", counts=False)
        growth = tree.memory_kib("VmHWM") - rest
    if measured["rooms"] != int(database):
        raise Failed(f"received {measured['rooms']} rooms instead of {database}")
    # Only the length of the ETag or the date may differ.
    if abs(again["bytes"] - measured["bytes"]) > 16:
        raise Failed(f"received {again['bytes']} bytes the second time, after {measured['bytes']}")
    return summary(int(database), again["seconds"]) | {
        "megabytes_a_second": again["bytes"] / 1e6 / again["seconds"],
        "first_ms": measured["first_seconds"] * 1000,
        "growth_kib": growth,
    }


def summary(rooms, seconds):
    return {"seconds": seconds, "rooms_a_second": rooms / seconds}


def copy(ring, database, options=""):
    """COPY of the same columns with psql."""
    cluster = ring.databases.cluster
    url = ring.databases.postgres(database)
    command = [cluster.program("psql"), "-Xq", "-c", COPY + options, url]
    return run_once(ring, command, int(database))


def export(ring, who, database):
    url = ring.url(who, database)
    command = [ring.paths.rentomatic, "--database-url", url, "rooms", "export", "--format", "csv"]
    return run_once(ring, command, int(database), who.env)


def run_once(ring, command, rooms, env=None):
    usage = timed(command, ring.folder / "once.log", env=ring.env | (env or {}), cwd=ring.folder,
                  stdout=subprocess.DEVNULL)
    return usage | summary(rooms, usage["seconds"])


def import_rooms(ring, database, by):
    """Imports a file of rooms into an empty table with all its indexes, triggers and checks."""
    cluster, rooms = ring.databases.cluster, int(database)
    file = ring.databases.csv(database)
    url = ring.databases.postgres("empty")
    cluster.psql("rooms_empty", "TRUNCATE room RESTART IDENTITY;\nVACUUM;\nCHECKPOINT;")
    if by == "psql":
        # In the column order of the file.
        sql = f"\\copy room ({COLUMNS}) FROM '{file}' WITH (FORMAT csv, HEADER)"
        command = [cluster.program("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]
    else:
        command = [ring.paths.rentomatic, "--database-url", url, "rooms", "import", file]
    with Writer(cluster, "rooms_empty") as writer:
        measured = run_once(ring, command, rooms)
    measured["longest_write_ms"] = max(writer.waits) * 1000
    found = int(cluster.psql("rooms_empty", "SELECT count(*) FROM room")) - len(writer.waits)
    if found != rooms:
        raise Failed(f"imported {found} rooms instead of {rooms}")
    return measured


class Writer(threading.Thread):
    """Another client that adds a room by hand every 50 ms, and notes how long each takes."""

    SQL = ("INSERT INTO room (code, size, price, longitude, latitude) "
           "VALUES (gen_random_uuid(), 1, 1, 0, 0) RETURNING 1;\n")

    def __init__(self, cluster, database):
        super().__init__(daemon=True)
        self.command = [cluster.program("psql"), "-XqAt", cluster.url(database)]
        self.waits, self.done = [], threading.Event()

    def run(self):
        with subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as session:
            while not self.done.wait(0.05):
                begin = time.perf_counter()
                session.stdin.write(self.SQL.encode())
                session.stdin.flush()
                if session.stdout.readline() != b"1\n":
                    return
                self.waits.append(time.perf_counter() - begin)
            session.stdin.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.join()


def start(ring, who, database):
    """The time from start-up to the first response, on a migrated database, and the idle memory a moment later."""
    port = free_port()
    command, env, cwd = ring.command(who, database, port)
    start = time.perf_counter()
    with running(command, ring.folder / f"{who.key}.log", env=ring.env | env, cwd=cwd) as tree:
        asking.wait_until_served(tree, port, "/rooms")
        seconds = time.perf_counter() - start
        time.sleep(0.3)
        return {"start_ms": seconds * 1000, "rest_kib": tree.memory_kib("VmRSS")}


def instructions(ring, who, path, tagged, caching):
    """Instructions per request: the difference between 1,200 and 200 requests, by callgrind."""
    totals = [callgrind(ring, who, path, number, tagged, caching) for number in (FEW, MANY)]
    return {"instructions": (totals[1] - totals[0]) / (MANY - FEW)}


def callgrind(ring, who, path, number, tagged, caching):
    port = free_port()
    command, env, cwd = ring.command(who, "4", port)
    out = ring.folder / "callgrind.out"
    out.unlink(missing_ok=True)
    env |= {} if caching else CACHE_OFF
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command]
    with running(command, ring.folder / "callgrind.log", env=ring.env | env, cwd=cwd) as tree:
        asking.wait_until_served(tree, port, "/rooms", seconds=300)
        headers, status = {}, 200
        if tagged:
            headers, status = {"If-None-Match": asking.get(port, path)[1]["etag"]}, 304
        asking.repeat(port, path, number, status, headers)
    found = re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.MULTILINE)
    if not found:
        raise Failed("callgrind's output has no total")
    return int(found[1])


def binary_size(path):
    return os.path.getsize(path)


def medians(samples):
    """The median of each value over the rounds."""
    return {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}
