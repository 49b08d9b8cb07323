"""The rows that wrk measures: what is asked, over how many rooms, with how many connections."""

import json
from dataclasses import dataclass

from contenders import BOX, FILTER, LIST, MIX, NEAR, ONE, PAGE, TAG
from load import CONNECTIONS

SCALE = (FILTER, PAGE, BOX, NEAR)


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    kind: str
    size: int
    database: str
    path: str = "/rooms"
    connections: int = CONNECTIONS


def throughput_rows(first_room):
    """With 64 connections. `first_room(size)` is one room that is there."""
    yield Row("list-4", "whole list of 4 rooms", LIST, 4, "4")
    yield Row("tag-4", "the same with a current tag", TAG, 4, "4")
    yield Row("mix", "95 % whole lists of 104 rooms, 5 % writes", MIX, 4, "mix")
    yield Row("list-1000", "whole list of 1,000 rooms", LIST, 1000, "1000")
    yield Row("one-1000", "one of 1,000 rooms", ONE, 1000, "1000",
              lambda: f"/rooms/{first_room('1000')['code']}")
    yield Row("list-10000", "whole list of 10,000 rooms", LIST, 10_000, "10000")


def scale_rows(sizes, first_room):
    """With one connection, over few rooms and over many: the same questions, about the same place."""
    def near_the_first(template):
        return lambda: template(first_room(str(sizes[0])))

    paths = {
        FILTER: "/rooms?filter_price__lt=60&limit=20",
        PAGE: "/rooms?limit=20",
        BOX: near_the_first(lambda room: "/rooms?limit=20&bbox={:.4f},{:.4f},{:.4f},{:.4f}".format(
            room["longitude"] - 0.25, room["latitude"] - 0.25,
            room["longitude"] + 0.25, room["latitude"] + 0.25)),
        NEAR: near_the_first(lambda room: "/rooms?limit=20&near={:.4f},{:.4f}&radius=50000".format(
            room["latitude"], room["longitude"])),
    }
    titles = {FILTER: "rooms below a price, limit=20", PAGE: "one page, limit=20",
              BOX: "a small box, limit=20", NEAR: "within 50 km, limit=20"}
    for kind in SCALE:
        for size in sizes:
            yield Row(f"{kind}-{size}", f"{titles[kind]}, of {size:,}", kind, size, str(size), paths[kind],
                      connections=1)


def first_room_of(ring):
    """The first of a list, as rentomatic shows it."""
    known = {}

    def first(database):
        if database not in known:
            url = ring.databases.postgres(database)
            known[database] = json.loads(ring.databases.tool(
                url, "rooms", "export", "--limit", "1", "--format", "json"))[0]
        return known[database]

    return first
