#!/usr/bin/env python3
"""Compares rentomatic with its peers. scripts/bench runs it; README.md describes the method.

One server runs at a time. Every contender has a turn in each round, so that changes in the machine's
speed affect all of them alike. A result is the median over the rounds, and a ratio compares results of
the same run.
"""

import sys

sys.dont_write_bytecode = True

import argparse
import os
import platform
import signal
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import contenders
import databases
import load
import once
import processes
import report
import rows
from contenders import CONTENDERS
from processes import Failed

ROOT = Path(__file__).resolve().parents[2]
# Rounds for rows that take a long time.
FEW_ROUNDS = 3
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Options:
    rounds: int
    seconds: int
    sizes: list
    only: list
    who: list
    million: int

    def wants(self, key, size=None):
        """`ONLY` lists row keys or prefixes of them."""
        chosen = not self.only or any(key.startswith(name) for name in self.only)
        return chosen and (size is None or size in self.sizes)

    @property
    def few_rounds(self):
        return min(self.rounds, FEW_ROUNDS)


@dataclass
class Paths:
    rentomatic: Path
    axum: Path
    venv: Path
    out: Path


class Bench:
    def __init__(self, options, ring):
        self.options, self.ring, self.databases = options, ring, ring.databases
        self.samples, self.failures, self.words = {}, [], {}
        configured = self.databases.tool("sqlite:none.db", "config")
        self.can_turn_off = any(line.startswith(f"{contenders.CACHE_SETTING} =")
                                for line in configured.splitlines())
        self.contenders = [who for who in CONTENDERS if not options.who or who.key in options.who]
        if not self.can_turn_off:
            self.contenders = [who for who in self.contenders if not who.key.endswith("-off")]

    def run(self):
        for size in self.options.sizes:
            for database in sorted({row.database for row in rows.THROUGHPUT if row.size == size}):
                chosen = [row for row in rows.THROUGHPUT
                          if row.database == database and self.options.wants(row.key, size)]
                large = max((row.size for row in chosen), default=0) >= rows.SMALL
                number = self.options.few_rounds if large else self.options.rounds
                self.rounds(chosen, self.options.seconds, number)
        scaled = [size for size in (rows.SMALL, self.options.million) if size in self.options.sizes]
        chosen = [row for row in rows.ALONE if self.options.wants(row.key, row.size)]
        chosen += [row for row in rows.scale_rows(scaled) if self.options.wants(row.key)]
        self.rounds(chosen, max(1, self.options.seconds // 3), self.options.few_rounds)
        if self.options.million in self.options.sizes:
            self.large(str(self.options.million))
        if self.options.wants("start"):
            self.starts()
        if self.options.wants("instructions"):
            self.instructions()

    def rounds(self, chosen, seconds, number):
        """Measures every row with every contender, once per round."""
        if not chosen:
            return
        print(f"== {', '.join(row.key for row in chosen)}", flush=True)
        for turn in range(number):
            # Rotate the order, so that no contender is always first.
            shift = turn % len(self.contenders)
            for who in self.contenders[shift:] + self.contenders[:shift]:
                for database in dict.fromkeys(row.database for row in chosen):
                    mine = [row for row in chosen if row.database == database and row.kind in who.kinds]
                    if mine:
                        self.turn(who, database, mine, seconds)

    def turn(self, who, database, chosen, seconds):
        chosen = [self.about(row) for row in chosen]
        expected = {row: self.ring.answer(database, row.path) for row in chosen}
        if database == "mix":
            self.databases.settle("rooms_mix")
        if who.key in load.PGBENCH_SQL:
            for row in chosen:
                self.record(row.key, who.key, load.measure_pgbench, self.ring, who, row, seconds)
            return
        try:
            with self.ring.serving(who, database) as (port, tree):
                load.wrk(port, chosen[0], 1, chosen[0].connections, 1, is_warming=True)
                for row in chosen:
                    self.record(row.key, who.key, load.measure, self.ring, who, port, tree, row, seconds,
                                expected[row])
        except Failed as error:
            for row in chosen:
                self.failed(row.key, who.key, error)

    def about(self, row):
        """The row with its path filled in, after creating its databases."""
        if row.database not in self.words:
            self.words[row.database] = rows.words_about(self.databases, row.database)
            # Create the SQLite file now, not in the middle of a round.
            if any(who.database == "sqlite" for who in self.contenders):
                self.databases.sqlite(row.database)
        return row.about(self.words[row.database])

    def large(self, million):
        ring, number = self.ring, self.options.few_rounds
        among = lambda *keys: [who for who in self.contenders if who.key in keys]
        parts = {
            "stream": [*((who.key, once.stream, ring, who, million)
                         for who in among("rm-sqlite", "rm-pg", "rm-pg-off", "axum")),
                       ("psql", once.copy, ring, million)],
            "export": [*((who.key, once.export, ring, who, million) for who in among("rm-sqlite", "rm-pg")),
                       ("psql", once.copy, ring, million, " (FORMAT csv, HEADER)")],
            "import": [(key, once.import_rooms, ring, million, by)
                       for key, by in (("rm-pg", "rentomatic"), ("psql", "psql"))],
        }
        for key, todo in parts.items():
            if not self.options.wants(key):
                continue
            print(f"== {key}", flush=True)
            # Create everything first, and have PostgreSQL read the table once.
            self.databases.csv(million)
            if key != "import":
                self.databases.sqlite(million)
                once.copy(ring, million)
            for _ in range(number):
                for who, measure, *arguments in todo:
                    self.record(key, who, measure, *arguments)

    def starts(self):
        print("== start", flush=True)
        chosen = [who for who in self.contenders if who.key in ("rm-sqlite", "rm-pg", "axum")]
        for _ in range(once.STARTS if self.options.rounds > 1 else 3):
            for who in chosen:
                self.record("start", who.key, once.start, self.ring, who, "4")
        for who in self.contenders:
            if who.key in ("flask", "starlette", "nginx"):
                self.record("start", who.key, once.start, self.ring, who, "4")

    def instructions(self):
        print("== instructions", flush=True)
        sqlite = next(who for who in CONTENDERS if who.key == "rm-sqlite")
        code = self.databases.tool(self.ring.url(sqlite, "4"), "rooms", "export", "--limit", "1").split()[1]
        one = "/rooms/" + code.split(",")[0]
        cases = [("list of 4", "/rooms", False, True), ("one room", one, False, True),
                 ("list of 4, with a current ETag", "/rooms", True, True)]
        if self.can_turn_off:
            cases.append(("list of 4, caching off", "/rooms", False, False))
        for name, path, tagged, caching in cases:
            self.record(f"instructions, {name}", sqlite.key, once.instructions, self.ring, sqlite, path,
                        tagged, caching)

    def record(self, row, who, measure, *arguments):
        try:
            sample = measure(*arguments)
        except Exception as error:  # Continue with the other rows, and report it at the end.
            return self.failed(row, who, error)
        self.samples.setdefault((row, who), []).append(sample)
        print(f"   {row} {who}: {report.brief(sample)}", flush=True)

    def failed(self, row, who, error):
        words = str(error) if isinstance(error, Failed) else repr(error)
        self.failures.append((row, who, words))
        print(f"FAILED: {row} {who}: {words}", file=sys.stderr, flush=True)

    def results(self):
        """Medians. A row that failed in one round has no result."""
        broken = {(row, who) for row, who, _ in self.failures}
        return {key: once.medians(samples) for key, samples in self.samples.items() if key not in broken}


def options():
    parser = argparse.ArgumentParser(description="Compares rentomatic with its peers.")
    env = os.environ.get
    parser.add_argument("--rounds", type=int, default=int(env("ROUNDS", "5")))
    parser.add_argument("--seconds-each", type=int, default=int(env("SECONDS_EACH", "3")))
    parser.add_argument("--only", default=env("ONLY", ""), help="rows, for example list-4,mix,import")
    parser.add_argument("--who", default=env("WHO", ""), help="contenders, for example rm-pg,axum")
    parser.add_argument("--sizes", default=env("SIZES", ""), help="any of 4, 1000, 10000 and the value of --million")
    parser.add_argument("--million", type=int, default=int(env("MILLION", "1000000")),
                        help="rooms in the largest table; fewer for a dry run")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",") if size] or [4, 1000, 10_000, given.million]
    only, who = ([name.strip() for name in names.split(",") if name.strip()]
                 for names in (given.only, given.who))
    if unknown := set(who) - {known.key for known in CONTENDERS}:
        parser.error(f"unknown contender: {', '.join(unknown)}. Choose from "
                     f"{', '.join(known.key for known in CONTENDERS)}")
    return Options(given.rounds, given.seconds_each, sizes, only, who, given.million)


def paths():
    env = os.environ.get
    found = Paths(
        Path(env("RENTOMATIC") or ROOT / "target/release/rentomatic").resolve(),
        Path(env("PEER_AXUM") or ROOT / "target/peers/release/peer-axum").resolve(),
        Path(env("PEERS_VENV") or ROOT / "target/peers-venv"),
        Path(env("BENCH_OUT") or ROOT / "target/bench"),
    )
    for path in (found.rentomatic, found.axum, found.venv / "bin/python"):
        if not path.exists():
            sys.exit(f"{path} does not exist: run scripts/bench, which creates it")
    found.out.mkdir(parents=True, exist_ok=True)
    return found


def machine(ring, rentomatic):
    cpus = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")]
    return {
        "processor": cpus[0] if cpus else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "postgresql": ring.databases.cluster.psql("postgres", "SHOW server_version"),
        "rentomatic": processes.run([rentomatic, "--version"]).strip(),
        "rentomatic_bytes": once.binary_size(rentomatic),
        "cache_setting": contenders.CACHE_SETTING,
    }


def leave(number, _frame):
    """Exits through the context managers, which end everything that was started; further signals are ignored."""
    for other in ENDING:
        signal.signal(other, signal.SIG_IGN)
    print("stopping", file=sys.stderr)
    sys.exit(128 + number)


def main():
    asked, where = options(), paths()
    env = contenders.clean_environment()
    if missing := contenders.missing(["wrk", "nginx", "setpriv", "valgrind"]):
        sys.exit(f"not installed: {', '.join(missing)}. Run scripts/bench, which installs them")
    begin = time.time()
    for number in ENDING:
        signal.signal(number, leave)
    with tempfile.TemporaryDirectory(prefix="rentomatic-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with databases.cluster(folder) as cluster:
            made = databases.Databases(cluster, where.rentomatic, env, folder)
            ring = contenders.Ring(made, where, env, folder)
            bench = Bench(asked, ring)
            facts = machine(ring, where.rentomatic) | {"rounds": asked.rounds,
                                                       "seconds_each": asked.seconds,
                                                       "million": asked.million,
                                                       "can_turn_caching_off": bench.can_turn_off}
            try:
                bench.run()
            except BaseException as error:  # Also on a signal: keep the results so far.
                traceback.print_exc()
                bench.failed("the run", "itself", error)
    facts["minutes"] = (time.time() - begin) / 60
    report.write(where.out, facts, bench)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
