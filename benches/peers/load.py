"""wrk and pgbench: one measurement of one row, with the CPU time of the server and of PostgreSQL."""

import json
import os
import re
from pathlib import Path

import asking
from contenders import DIFFERENT, LIST, MIX, PEERS, TAG, TOKEN
from databases import COLUMNS
from processes import Failed, run, timed
from rows import SMALL

THREADS = 2
PGBENCH_CONNECTIONS = 8
# On a small table pgbench runs so many transactions that it logs the latency of only one in 20.
PGBENCH_SAMPLE = 20

# wrk's scripts for requests that are not all the same.
SCRIPTS = {MIX: "mix.lua", DIFFERENT: "different.lua"}

PGBENCH_SQL = {
    "pgbench": f"SELECT {COLUMNS} FROM room ORDER BY id;",
    # The query that PostgREST would send.
    "json-agg": f"""SELECT coalesce(json_agg(rooms), '[]')::text FROM
        (SELECT {COLUMNS} FROM room ORDER BY id) AS rooms;""".replace("\n", " "),
}


def wrk(port, row, seconds, connections, threads=THREADS, headers=None, is_warming=False):
    command = ["wrk", "-c", connections, "-t", threads, "-d", f"{seconds}s", "--timeout", "30s",
               "-s", PEERS / SCRIPTS.get(row.kind, "report.lua")]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    env = os.environ | {"BENCH_TOKEN": TOKEN, "BENCH_REPORT": str(PEERS / "report.lua")}
    output = run([*command, f"http://127.0.0.1:{port}{row.path}"], env=env)
    measured = json.loads(output.strip().splitlines()[-1])
    errors = {name: measured[name] for name in ("connect", "read", "write", "status", "timeout")}
    if any(errors.values()) or not (measured["requests"] or is_warming):
        raise Failed(f"errors in {measured['requests']} requests: {errors}")
    return measured


def check(port, row, expected):
    """Checks the response against rentomatic's, and returns the request headers for wrk."""
    headers = {}
    status, named, body = asking.get(port, row.path)
    if status != 200:
        raise Failed(f"GET {row.path}: {status}")
    # While rooms are being written, no two lists are the same.
    if row.kind != MIX and body != expected:
        raise Failed(f"GET {row.path}: {len(body)} bytes, not rentomatic's {len(expected)}: "
                     f"{body[:300]!r} instead of {expected[:300]!r}")
    if row.kind == TAG:
        headers["If-None-Match"] = named["etag"]
        status, _, body = asking.get(port, row.path, headers)
        if (status, body) != (304, b""):
            raise Failed(f"GET {row.path} with its ETag: {status}")
    return headers


def measure(ring, who, port, tree, row, seconds, expected):
    """Measures one row of one contender in one round."""
    headers = check(port, row, expected)
    cluster = ring.databases.cluster.tree
    tree.forget_peak()
    before = tree.cpu_seconds(), cluster.cpu_seconds()
    measured = wrk(port, row, seconds, row.connections, min(THREADS, row.connections), headers)
    after = tree.cpu_seconds(), cluster.cpu_seconds()
    check(port, row, expected)
    requests = measured["requests"]
    if row.kind == LIST and measured["bytes"] < requests * len(expected):
        raise Failed(f"{measured['bytes']} bytes are too few for {requests} lists of {len(expected)} bytes")
    if row.kind == TAG and measured["bytes"] > requests * 1000:
        raise Failed(f"{measured['bytes']} bytes are too many for {requests} responses without a body")
    return {
        "throughput": requests / (measured["microseconds"] / 1e6),
        "p50_us": measured["p50"],
        "p99_us": measured["p99"],
        "cpu_us": (after[0] - before[0]) / requests * 1e6,
        "database_cpu_us": (after[1] - before[1]) / requests * 1e6 if who.database == "postgres" else 0,
        "peak_kib": tree.memory_kib("VmHWM"),
    }


def measure_pgbench(ring, who, row, seconds):
    """Queries the same list with PostgreSQL's own benchmark: no HTTP, and it does not read the rows."""
    made = ring.databases.cluster
    url = ring.databases.postgres(row.database)
    connections = min(PGBENCH_CONNECTIONS, row.connections)
    folder = ring.folder / "pgbench"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    script, output = folder / "list.sql", folder / "output"
    script.write_text(PGBENCH_SQL[who.key] + "\n")
    command = [made.program("pgbench"), "-n", "-M", "prepared", "-c", connections,
               "-j", min(THREADS, connections), "-T", seconds, "-f", script, "-l", f"--log-prefix={folder}/latency",
               f"--sampling-rate={1 / PGBENCH_SAMPLE if row.size < SMALL else 1}", url]
    before = made.tree.cpu_seconds()
    with open(output, "wb") as out:
        usage = timed(command, folder / "errors", env=ring.env, stdout=out)
    cpu = made.tree.cpu_seconds() - before
    text = output.read_text()
    requests = number(r"actually processed: (\d+)", text)
    if number(r"failed transactions: (\d+)", text) or not requests:
        raise Failed(text)
    latencies = sorted(latency for log in folder.glob("latency*") for latency in logged(log))
    if not latencies:
        raise Failed(f"pgbench logged no latency for its {requests} transactions")
    at = lambda share: latencies[int(len(latencies) * share)]
    return {
        "throughput": number(r"tps = ([\d.]+)", text),
        "p50_us": at(0.5),
        "p99_us": at(0.99),
        "cpu_us": usage["cpu_seconds"] / requests * 1e6,
        "database_cpu_us": cpu / requests * 1e6,
        "peak_kib": usage["peak_kib"],
    }


def logged(log: Path):
    return [float(line.split()[2]) for line in log.read_text().splitlines()]


def number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise Failed(f"{pattern} does not match {text}")
    return float(found[1])
