"""A peer of rentomatic for scripts/bench: Starlette over asyncpg, with orjson.

Tuning: uvicorn with uvloop and httptools, two processes; asyncpg prepares each statement once per
connection, and a connection is not reset when it goes back to the pool, since its state is never changed.
It reads DATABASE_URL and POOL (connections per process) from the environment.
"""

import contextlib
import math
import os
import uuid

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

POOL = int(os.environ.get("POOL", "8"))
# Metres in a degree of latitude, on the sphere that great_circle_distance uses.
METRES_A_DEGREE = 111_195.08

COLUMNS = "SELECT code::text, size, price, latitude, longitude FROM"
ALL = f"{COLUMNS} room ORDER BY id"
PAGE = f"{COLUMNS} room ORDER BY id LIMIT $1"
CHEAPER = f"{COLUMNS} room WHERE price < $1 ORDER BY id LIMIT $2"
# The location index finds few rooms. Find them first and sort them afterwards, otherwise the planner
# might read all rooms in order instead.
BOX = f"""
    WITH inside AS MATERIALIZED (
        SELECT * FROM room WHERE point(longitude, latitude) <@ box(point($1, $2), point($3, $4))
    )
    {COLUMNS} inside ORDER BY id LIMIT $5"""
NEAR = f"""
    WITH inside AS MATERIALIZED (
        SELECT *, great_circle_distance($1, $2, latitude, longitude) AS distance FROM room
        WHERE point(longitude, latitude) <@ box(point($2 - $5, $1 - $4), point($2 + $5, $1 + $4))
    )
    {COLUMNS} inside WHERE distance <= $3 ORDER BY distance, id LIMIT $6"""
ONE = f"{COLUMNS} room WHERE code = $1"
PUT = """
    INSERT INTO room (code, size, price, latitude, longitude) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (code) DO UPDATE SET size = excluded.size, price = excluded.price,
        latitude = excluded.latitude, longitude = excluded.longitude
    RETURNING xmax = 0"""


async def no_reset(_connection):
    pass


@contextlib.asynccontextmanager
async def lifespan(app):
    url = os.environ["DATABASE_URL"]
    pool = asyncpg.create_pool(url, min_size=POOL, max_size=POOL, reset=no_reset)
    async with pool as app.state.pool:
        yield


def room(row):
    return {"code": row[0], "size": row[1], "price": row[2], "latitude": row[3], "longitude": row[4]}


def answer(value, status=200):
    return Response(orjson.dumps(value), status, media_type="application/json")


def near(asked, limit):
    latitude, longitude = map(float, asked["near"].split(","))
    radius = float(asked["radius"])
    # 1 % more, so that rounding loses no room. The poles and the antimeridian are not handled.
    high = radius / METRES_A_DEGREE * 1.01
    wide = high / math.cos(math.radians(latitude))
    return NEAR, latitude, longitude, radius, high, wide, limit


async def rooms(request):
    asked = request.query_params
    limit = int(asked["limit"]) if "limit" in asked else None
    if "bbox" in asked:
        query = BOX, *map(float, asked["bbox"].split(",")), limit
    elif "near" in asked:
        query = near(asked, limit)
    elif "filter_price__lt" in asked:
        query = CHEAPER, int(asked["filter_price__lt"]), limit
    elif limit is not None:
        query = PAGE, limit
    else:
        query = (ALL,)
    async with request.app.state.pool.acquire() as connection:
        rows = await connection.fetch(*query)
    return answer([room(row) for row in rows])


async def one(request):
    async with request.app.state.pool.acquire() as connection:
        row = await connection.fetchrow(ONE, request.path_params["code"])
    return answer(room(row)) if row else Response(status_code=404)


async def put(request):
    code: uuid.UUID = request.path_params["code"]
    fields = orjson.loads(await request.body())
    values = [fields[name] for name in ("size", "price", "latitude", "longitude")]
    async with request.app.state.pool.acquire() as connection:
        is_new = await connection.fetchval(PUT, code, *values)
    return answer(room([str(code), *values]), 201 if is_new else 200)


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/rooms", rooms),
        Route("/rooms/{code:uuid}", one),
        Route("/rooms/{code:uuid}", put, methods=["PUT"]),
    ],
)
