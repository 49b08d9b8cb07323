"""The goals for rentomatic, and whether they were met."""

from dataclasses import dataclass

from contenders import BOX, FILTER, NEAR, PAGE
from rows import SMALL

MISSING = "not measured"

NAMES = ((PAGE, "one page"), (FILTER, "below a price"), (BOX, "a small box"), (NEAR, "within 50 km"))


@dataclass(frozen=True)
class Goal:
    work: str
    goal: str
    measured: str
    met: bool | None

    @property
    def verdict(self):
        return {True: "met", False: "**missed**", None: MISSING}[self.met]


class Goals:
    def __init__(self, results, failed_rows, facts):
        self.results, self.failed, self.facts = results, failed_rows, facts
        self.goals = []

    def value(self, row, who, name):
        result = self.results.get((row, who))
        return result and result[name]

    def at_least(self, work, factor, over, row, who, other, name="throughput", other_row=None):
        """`who` is at least `factor` times as fast as `other`."""
        ours, theirs = self.value(row, who, name), self.value(other_row or row, other, name)
        ratio = ours / theirs if ours and theirs else None
        self.add(work, f"≥ {factor} × {over}", ratio, "×", ratio is not None and ratio >= factor,
                 (row, other_row or row))

    def at_most(self, work, goal, value, unit, limit, row, strictly=False):
        met = value is not None and (value < limit if strictly else value <= limit)
        self.add(work, goal, value, unit, met, (row,))

    def add(self, work, goal, value, unit, met, concerned):
        if value is None:
            is_broken = any(row in self.failed for row in concerned)
            self.goals.append(Goal(work, goal, "failed", False) if is_broken
                              else Goal(work, goal, MISSING, None))
        else:
            self.goals.append(Goal(work, goal, f"{value:.2f} {unit}", met))

    def all(self):
        self.lists()
        self.million()
        self.start()
        return self.goals

    def lists(self):
        work = "whole list of 4 rooms, unchanged data"
        self.at_least(work, 0.9, "nginx's static file", "list-4", "rm-pg", "nginx")
        self.at_least(work, 6, "axum and sqlx", "list-4", "rm-pg", "axum")
        work = "the same with caching off"
        self.at_least(work, 1.3, "axum and sqlx", "list-4", "rm-pg-off", "axum")
        self.at_least(work, 0.33, "pgbench", "list-4", "rm-pg-off", "pgbench")
        self.at_least("conditional request with a current ETag", 1.15, "the whole list", "tag-4", "rm-pg",
                      "rm-pg", other_row="list-4")
        work = "whole list of 10,000 rooms, caching off"
        self.at_least(work, 2, "json_agg inside PostgreSQL", "list-10000", "rm-pg-off", "json-agg")
        self.at_least(work, 1.5, "axum and sqlx", "list-10000", "rm-pg-off", "axum")
        self.at_least("one of 1,000 rooms", 1.2, "axum and sqlx", "one-1000", "rm-pg", "axum")
        self.at_least("different filters, caching off", 1.0, "axum and sqlx", "different-1000", "rm-pg-off",
                      "axum")
        self.at_least("95/5 mix", 5, "axum and sqlx", "mix", "rm-pg", "axum")
        p99 = self.value("mix", "rm-sqlite", "p99_us")
        self.at_most("95/5 mix, SQLite", "p99 ≤ 20 ms", p99 and p99 / 1000, "ms", 20, "mix")
        self.alone()

    def alone(self):
        """With one connection, no two requests share a read."""
        work = "whole list of 4 rooms, caching off, 1 connection"
        self.at_least(work, 1.0, "axum and sqlx", "alone-4", "rm-pg-off", "axum")
        self.at_least(work, 0.33, "pgbench", "alone-4", "rm-pg-off", "pgbench")
        ours, theirs = (self.value("alone-4", who, "database_cpu_us") for who in ("rm-pg-off", "axum"))
        self.at_most(work, "≤ 1.3 × PostgreSQL's CPU with axum and sqlx", ours and theirs and ours / theirs,
                     "×", 1.3, "alone-4")
        work = "whole list of 10,000 rooms, caching off, 1 connection"
        self.at_least(work, 2, "json_agg inside PostgreSQL", "alone-10000", "rm-pg-off", "json-agg")
        self.at_least(work, 1.2, "axum and sqlx", "alone-10000", "rm-pg-off", "axum")
        for size in (SMALL, self.facts["million"]):
            for kind, name in NAMES:
                self.at_least(f"{name} of {size:,} rooms, caching off, 1 connection", 1.0, "axum and sqlx",
                              f"{kind}-{size}", "rm-pg-off", "axum")

    def million(self):
        million = self.facts["million"]
        work = f"{million:,} rooms streamed as JSON"
        self.at_least(work, 0.6, "psql's COPY TO STDOUT", "stream", "rm-pg", "psql", "rooms_a_second")
        growth = self.value("stream", "rm-pg", "growth_kib")
        self.at_most(work, "< 64 MB of growth", growth and growth * 1.024e-3, "MB", 64, "stream", True)
        ours, theirs = (self.value("import", who, "seconds") for who in ("rm-pg", "psql"))
        self.at_most(f"import of {million:,} rooms from CSV into PostgreSQL", "≤ 1.0 × psql's \\copy",
                     ours and theirs and ours / theirs, "×", 1.0, "import")
        for kind, name in ((PAGE, "one page"), (BOX, "a small box"), (NEAR, "near")):
            # Each request is the same, so with caching on it would never reach the database.
            for who, storage in (("rm-pg-off", "PostgreSQL"), ("rm-sqlite-off", "SQLite")):
                many, few = (self.value(f"{kind}-{size}", who, "p50_us") for size in (million, SMALL))
                self.at_most(f"{name} at {million:,} rooms, {storage}", f"≤ 3 × the median at {SMALL:,}",
                             many and few and many / few, "×", 3, f"{kind}-{million}")

    def start(self):
        for who, storage in (("rm-pg", "PostgreSQL"), ("rm-sqlite", "SQLite")):
            took, memory = (self.value("start", who, name) for name in ("start_ms", "rest_kib"))
            self.at_most(f"start-up to first response, {storage}", "< 100 ms", took, "ms", 100, "start", True)
            self.at_most(f"idle memory, {storage}", "< 25 MB", memory and memory * 1.024e-3, "MB", 25,
                         "start", True)
        self.at_most("binary", "< 23 MB", self.facts["rentomatic_bytes"] / 1e6, "MB", 23, "binary", True)
