"""The contenders: how to start each on a database, and the rows in which it takes part."""

import contextlib
import os
import pwd
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import asking
from processes import Failed, free_port, running

PEERS = Path(__file__).resolve().parent

# Turns the cache off. Concurrent requests for the same list still share one read, so only rows with one
# connection show what an unshared read takes. For a binary without this setting, the contenders with
# caching off are left out rather than replaced by something else.
CACHE_SETTING = "cache.max_mib"
CACHE_OFF = {"RENTOMATIC_CACHE__MAX_MIB": "0"}

# Makes rentomatic comparable with the others. At level info it logs each request, and no other contender
# does. It answers 503 after 500 ms in the queue, and the others let requests wait.
LIKE_OTHERS = {
    "RENTOMATIC_LOG__LEVEL": "warn",
    "RENTOMATIC_DATABASE__POOL_WAIT_MS": "30000",
    "RENTOMATIC_SERVER__REQUEST_TIMEOUT_MS": "60000",
}

# Not a secret: the server listens on loopback and its rooms are generated.
TOKEN = "benchmark-" * 4

# File size in bytes above which nginx is faster with sendfile.
SENDFILE_ABOVE = 32 * 1024

# Kinds of requests; see rows.py.
LIST, TAG, ONE, FILTER, PAGE, BOX, NEAR, MIX = "list", "tag", "one", "filter", "page", "box", "near", "mix"
DIFFERENT = "different"
ALL_KINDS = {LIST, TAG, ONE, FILTER, PAGE, BOX, NEAR, MIX, DIFFERENT}
SCALE_KINDS = {FILTER, PAGE, BOX, NEAR, DIFFERENT}
# No conditional requests: these frameworks would read the whole list to hash it.
PEER_KINDS = ALL_KINDS - {TAG}


@dataclass(frozen=True)
class Contender:
    key: str
    name: str
    kinds: frozenset
    database: str = "postgres"
    env: dict = field(default_factory=dict)


def contender(key, name, kinds, **options):
    return Contender(key, name, frozenset(kinds), **options)


CONTENDERS = [
    contender("rm-sqlite", "rentomatic, SQLite", ALL_KINDS, database="sqlite", env=LIKE_OTHERS),
    contender("rm-pg", "rentomatic, PostgreSQL", ALL_KINDS, env=LIKE_OTHERS),
    contender("rm-sqlite-off", "rentomatic, SQLite, caching off", SCALE_KINDS, database="sqlite",
              env=LIKE_OTHERS | CACHE_OFF),
    contender("rm-pg-off", "rentomatic, PostgreSQL, caching off", ALL_KINDS, env=LIKE_OTHERS | CACHE_OFF),
    contender("flask", "Flask, SQLAlchemy", PEER_KINDS - {NEAR}),
    contender("starlette", "Starlette, asyncpg", PEER_KINDS),
    contender("axum", "axum, sqlx", PEER_KINDS),
    contender("nginx", "nginx, static file", {LIST, TAG}),
    # These two are not servers; see load.py.
    contender("pgbench", "pgbench, rows", {LIST}),
    contender("json-agg", "pgbench, json_agg", {LIST}),
]


class Ring:
    """Starts contenders, one at a time."""

    def __init__(self, databases, paths, env, folder):
        self.databases, self.paths, self.env, self.folder = databases, paths, env, folder
        self.answers = {}

    def url(self, who, database):
        made = self.databases.sqlite if who.database == "sqlite" else self.databases.postgres
        return made(database)

    def command(self, who, database, port):
        """The command, its environment variables and its working directory."""
        if who.key == "nginx":
            return ["nginx", "-p", self.folder, "-c", self.nginx_conf(database, port)], {}, self.folder
        url = self.url(who, database)
        env = {"DATABASE_URL": url, "BIND": f"127.0.0.1:{port}", **who.env}
        if who.key.startswith("rm-"):
            env["RENTOMATIC_WRITES__ADMIN_TOKEN"] = TOKEN
            return [self.paths.rentomatic, "serve", "--bind", env["BIND"]], env, self.folder
        if who.key == "axum":
            return [self.paths.axum], env, self.folder
        python = self.paths.venv / "bin/python"
        env["PYTHONDONTWRITEBYTECODE"] = "1"
        if who.key == "flask":
            return ([python, "-m", "gunicorn", "-c", PEERS / "flask/gunicorn.conf.py", "app:app"], env,
                    PEERS / "flask")
        return ([python, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", port,
                 "--workers", "2", "--loop", "uvloop", "--http", "httptools", "--no-access-log",
                 "--log-level", "warning"], env, PEERS / "starlette")

    def nginx_conf(self, database, port):
        file = self.folder / f"rooms_{database}.json"
        file.write_bytes(self.answer(database, "/rooms"))
        text = (PEERS / "nginx.conf").read_text()
        words = {"FOLDER": self.folder, "FILE": file, "PORT": port,
                 "USER": pwd.getpwuid(os.geteuid()).pw_name,
                 "SENDFILE": os.environ.get("NGINX_SENDFILE") or self.sendfile(file)}
        for word, value in words.items():
            text = text.replace(f"@{word}@", str(value))
        conf = self.folder / "nginx.conf"
        conf.write_text(text)
        return conf

    def sendfile(self, file):
        """A small file is sent faster when it is read and written together with the response head."""
        return "on" if file.stat().st_size > SENDFILE_ABOVE else "off"

    def answer(self, database, path):
        """rentomatic's response with PostgreSQL, which every other contender has to match."""
        if (database, path) not in self.answers:
            rentomatic = next(who for who in CONTENDERS if who.key == "rm-pg")
            with self.serving(rentomatic, database) as (port, _):
                status, _, body = asking.get(port, path)
            if status != 200:
                raise Failed(f"GET {path}: {status}")
            self.answers[database, path] = body
        return self.answers[database, path]

    @contextlib.contextmanager
    def serving(self, who, database):
        """Yields its port and its processes once it has sent its first response."""
        port = free_port()
        command, env, cwd = self.command(who, database, port)
        log = self.folder / f"{who.key}.log"
        with running(command, log, env=self.env | env, cwd=cwd) as tree:
            asking.wait_until_served(tree, port, "/rooms?limit=1")
            yield port, tree


def clean_environment():
    """Our environment, without variables that would configure a contender."""
    theirs = ("RENTOMATIC_", "DATABASE_URL", "RUST_LOG", "APPLICATION_CONFIG", "GUNICORN", "UVICORN",
              "WEB_CONCURRENCY", "PG", "PYTHONPATH")
    env = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    # Debian installs nginx in a directory that is only on root's PATH.
    env["PATH"] += ":/usr/sbin:/sbin"
    os.environ["PATH"] = env["PATH"]
    return env


def missing(programs):
    return [program for program in programs if not shutil.which(program)]
