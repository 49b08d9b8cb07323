"""What is not measured with wrk: a million rooms streamed, exported and imported, the start, the memory
at rest, and instructions a request."""

import os
import re
import statistics
import subprocess
import time

import asking
from contenders import CACHE_OFF
from databases import COLUMNS, COPY
from processes import Failed, free_port, running, timed

STARTS = 15
FEW, MANY = 200, 1200


def stream(ring, who, database):
    """A whole list over HTTP, twice: its rooms are counted, then it is read without a look at what comes, as
    psql throws away what it reads. Rooms a second of the second time, and how much the server grew by both."""
    with ring.serving(who, database) as (port, tree):
        tree.forget_peak()
        rest = tree.memory_kib("VmRSS")
        measured = asking.stream(port, "/rooms")
        again = asking.stream(port, "/rooms", counts=False)
        growth = tree.memory_kib("VmHWM") - rest
    if measured["rooms"] != int(database):
        raise Failed(f"{measured['rooms']} rooms came instead of {database}")
    # All that may differ is a digit of a tag's or a date's.
    if abs(again["bytes"] - measured["bytes"]) > 16:
        raise Failed(f"{again['bytes']} bytes came after {measured['bytes']}")
    return summary(int(database), again["seconds"]) | {
        "megabytes_a_second": again["bytes"] / 1e6 / again["seconds"],
        "first_ms": measured["first_seconds"] * 1000,
        "growth_kib": growth,
    }


def summary(rooms, seconds):
    return {"seconds": seconds, "rooms_a_second": rooms / seconds}


def copy(ring, database, options=""):
    """psql's COPY of the same columns."""
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
    """A file of rooms into an empty table with all its indexes, triggers and checks."""
    cluster, rooms = ring.databases.cluster, int(database)
    file = ring.databases.csv(database)
    url = ring.databases.postgres("empty")
    cluster.psql("rooms_empty", "TRUNCATE room RESTART IDENTITY;\nVACUUM;\nCHECKPOINT;")
    if by == "psql":
        # The order of the columns is that of the file.
        sql = f"\\copy room ({COLUMNS}) FROM '{file}' WITH (FORMAT csv, HEADER)"
        command = [cluster.program("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-c", sql, url]
    else:
        command = [ring.paths.rentomatic, "--database-url", url, "rooms", "import", file]
    measured = run_once(ring, command, rooms)
    found = int(cluster.psql("rooms_empty", "SELECT count(*) FROM room"))
    if found != rooms:
        raise Failed(f"{found} rooms were imported instead of {rooms}")
    return measured


def start(ring, who, database):
    """From nothing to the first answer, on a migrated database; then the memory, a moment later."""
    port = free_port()
    command, env, cwd = ring.command(who, database, port)
    start = time.perf_counter()
    with running(command, ring.folder / f"{who.key}.log", env=ring.env | env, cwd=cwd) as tree:
        asking.wait_until_served(tree, port, "/rooms")
        seconds = time.perf_counter() - start
        time.sleep(0.3)
        return {"start_ms": seconds * 1000, "rest_kib": tree.memory_kib("VmRSS")}


def instructions(ring, who, path, tagged, caching):
    """Instructions a request: what 1,200 take more than 200, by callgrind."""
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
        raise Failed("callgrind wrote no total")
    return int(found[1])


def binary_size(path):
    return os.path.getsize(path)


def medians(samples):
    """Of each measured value, the median over the rounds."""
    return {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}
