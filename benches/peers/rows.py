"""The rows that wrk measures: which request, with how many rooms and how many connections."""

import json
from dataclasses import dataclass, replace

from contenders import BOX, DIFFERENT, FILTER, LIST, MIX, NEAR, ONE, PAGE, TAG

CONNECTIONS = 64


@dataclass(frozen=True)
class Row:
    key: str
    title: str
    kind: str
    size: int
    database: str
    # May contain the keys of `words_about` in braces.
    path: str = "/rooms"
    connections: int = CONNECTIONS

    def about(self, words):
        return replace(self, path=self.path.format(**words))


THROUGHPUT = [
    Row("list-4", "whole list of 4 rooms", LIST, 4, "4"),
    Row("tag-4", "whole list of 4 rooms, with a current ETag", TAG, 4, "4"),
    Row("mix", "95 % whole lists of 104 rooms, 5 % writes", MIX, 4, "mix"),
    Row("list-1000", "whole list of 1,000 rooms", LIST, 1000, "1000"),
    Row("one-1000", "one of 1,000 rooms", ONE, 1000, "1000", "/rooms/{code}"),
    Row("different-1000", "rooms of 1,000 below different prices", DIFFERENT, 1000, "1000",
        "/rooms?filter_price__lt=60&limit=20"),
    Row("list-10000", "whole list of 10,000 rooms", LIST, 10_000, "10000"),
]

SCALE = [
    (FILTER, "rooms below a price, limit=20", "/rooms?filter_price__lt=60&limit=20"),
    (PAGE, "one page, limit=20", "/rooms?limit=20"),
    (BOX, "a small box, limit=20", "/rooms?bbox={west},{south},{east},{north}&limit=20"),
    (NEAR, "within 50 km, limit=20", "/rooms?near={latitude},{longitude}&radius=50000&limit=20"),
]
SMALL = 1000


# With one connection, no two requests can share a read.
ALONE = [
    Row("alone-4", "whole list of 4 rooms", LIST, 4, "4", connections=1),
    Row("alone-10000", "whole list of 10,000 rooms", LIST, 10_000, "10000", connections=1),
]


def scale_rows(sizes):
    """The same requests for the same location, with few rooms and with many, on one connection."""
    return [
        Row(f"{kind}-{size}", f"{title}, of {size:,} rooms", kind, size, str(size), path, 1)
        for size in sizes
        for kind, title, path in SCALE
    ]


def words_about(databases, database):
    """The first room and a box around it. Databases of every size begin with the same rooms."""
    output = databases.tool(databases.postgres(database), "rooms", "export", "--limit", "1", "--format",
                            "json")
    room = json.loads(output)[0]
    latitude, longitude = room["latitude"], room["longitude"]
    return {
        "code": room["code"],
        "latitude": round(latitude, 4),
        "longitude": round(longitude, 4),
        "west": round(longitude - 0.25, 4),
        "east": round(longitude + 0.25, 4),
        "south": round(latitude - 0.25, 4),
        "north": round(latitude + 0.25, 4),
    }
