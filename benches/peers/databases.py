"""A PostgreSQL cluster for the benchmark, its databases, and SQLite files with the same rooms. The rooms are
the same in every run."""

import contextlib
import glob
import os
import pwd
import signal
import time

from processes import Failed, free_port, run, running

SAMPLE = """\
code,size,price,longitude,latitude
f853578c-fc0f-4e65-81b8-566c5dffa35a,215,39,-0.09998975,51.75436293
fe2c3195-aeff-487a-a08f-e0bdc0ec6e9a,405,66,0.18228006,51.74640997
913694c6-435a-4366-ba0d-da5334a611b2,56,60,0.27891577,51.45994069
eed76e77-55c1-41ce-985d-ca49bf6c0585,93,48,0.33894476,51.39916678
"""
# The rooms that the mix writes.
WRITTEN = "".join(f"00000000-0000-4000-8000-{i:012},20,45,-0.12,51.5\n" for i in range(100))

# Rooms all over the Earth, with a thousand combinations of size and price, and unordered codes. The
# locations are a low-discrepancy sequence, so small and large tables are distributed alike.
FILL = """
    INSERT INTO room (code, size, price, longitude, latitude)
    SELECT md5('room ' || i)::uuid, 1 + i %% 1000 * 7919 %% 250, i %% 1000 * 104729 %% 300,
        round((-180 + 360 * (i * x - floor(i * x)))::numeric, 8),
        round((-90 + 180 * (i * y - floor(i * y)))::numeric, 8)
    FROM generate_series(1, %d) AS i,
        (VALUES (0.7548776662466927::float8, 0.5698402909980532::float8)) AS r (x, y)
    ORDER BY i;
    ANALYZE room"""

COLUMNS = "code, size, price, latitude, longitude"
COPY = f"COPY (SELECT {COLUMNS} FROM room ORDER BY id) TO STDOUT"


class Cluster:
    """PostgreSQL with its default settings, except for the number of connections."""

    def __init__(self, binaries, folder, port, tree):
        self.binaries, self.folder, self.port, self.tree = binaries, folder, port, tree

    def url(self, database):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def psql(self, database, sql):
        command = [self.program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", self.url(database)]
        return run(command, input=sql).strip()

    def program(self, name):
        return f"{self.binaries}/{name}"

    def create(self, database):
        self.psql("postgres", f"CREATE DATABASE {database}")


def binaries():
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if not found:
        raise Failed("PostgreSQL is not installed in /usr/lib/postgresql")
    return os.path.dirname(max(found, key=lambda path: int(path.split("/")[4])))


@contextlib.contextmanager
def cluster(folder):
    """Runs as the user postgres if we are root, since initdb refuses to run as root."""
    where, data, port = binaries(), folder / "cluster", free_port()
    data.mkdir()
    user = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    run([*user, f"{where}/initdb", "-D", data / "data", "-A", "trust", "-U", "postgres", "-E", "UTF8",
         "--locale=C"], cwd=data)
    # Changing the user clears the parent-death signal, so setpriv sets it again.
    user += ["--pdeathsig", "INT"] if user else []
    command = [*user, f"{where}/postgres", "-D", data / "data", "-p", port, "-k", data,
               "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]
    with running(command, folder / "postgres.log", cwd=data, stop=signal.SIGINT) as tree:
        made = Cluster(where, data, port, tree)
        for _ in range(200):
            with contextlib.suppress(Failed):
                made.psql("postgres", "SELECT 1")
                break
            if not tree.alive():
                raise Failed(f"PostgreSQL exited at once: {tree.last_words()}")
            time.sleep(0.05)
        yield made


class Databases:
    """Creates each database on first use. Its name is a number of rooms, `mix` or `empty`."""

    def __init__(self, made, rentomatic, env, folder):
        self.cluster, self.rentomatic, self.env, self.folder = made, rentomatic, env, folder
        self.made = set()

    def tool(self, url, *arguments, **options):
        return run([self.rentomatic, "--database-url", url, *arguments], env=self.env,
                   cwd=self.folder, **options)

    def postgres(self, name):
        database = f"rooms_{name}"
        url = self.cluster.url(database)
        if database not in self.made:
            self.say(f"creating {name} rooms in PostgreSQL")
            self.cluster.create(database)
            self.tool(url, "migrate", "run")
            if name in ("4", "mix"):
                rooms = SAMPLE + (WRITTEN if name == "mix" else "")
                self.tool(url, "rooms", "import", "-", "--format", "csv", input=rooms)
            elif name != "empty":
                self.fill(database, int(name))
            self.settle(database)
            self.made.add(database)
        return url

    def fill(self, database, rooms):
        """Drops the indexes that belong to no constraint and recreates them afterwards, which is faster."""
        ask = lambda what: self.cluster.psql(database, f"""
            SELECT {what} FROM pg_index WHERE indrelid = 'room'::regclass
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
            ORDER BY indexrelid""").splitlines()
        definitions = ask("pg_get_indexdef(indexrelid)")
        for index in ask("indexrelid::regclass"):
            self.cluster.psql(database, f"DROP INDEX {index}")
        self.cluster.psql(database, FILL % rooms)
        for definition in definitions:
            self.cluster.psql(database, definition)
        if ask("pg_get_indexdef(indexrelid)") != definitions:
            raise Failed(f"the indexes of {database} were not recreated as they were")

    def settle(self, database):
        """Leaves PostgreSQL no background work to do during measurements."""
        self.cluster.psql(database, "VACUUM ANALYZE;\nCHECKPOINT;")

    def sqlite(self, name):
        """The same rooms, in a file."""
        path = self.folder / f"rooms_{name}.db"
        url = f"sqlite:{path}"
        if path.name not in self.made:
            csv = self.csv(name)
            self.say(f"creating {name} rooms in SQLite")
            self.tool(url, "init-db")
            self.tool(url, "migrate", "run")
            self.tool(url, "rooms", "import", csv)
            self.made.add(path.name)
        return url

    def csv(self, name):
        """The same rooms, as rentomatic exports them."""
        path = self.folder / f"rooms_{name}.csv"
        if not path.exists():
            exported = self.tool(self.postgres(name), "rooms", "export", "--format", "csv")
            path.write_text(exported)
        return path

    def say(self, words):
        print(f"   {words}", flush=True)
