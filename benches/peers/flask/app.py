"""A peer of rentomatic for scripts/bench: the Python original's design, Flask over SQLAlchemy, tuned.

Tuning: one engine with one pool per process instead of one per request, autocommit instead of a
transaction around each SELECT, Core rows instead of ORM objects, JSON without Flask's sorting. It runs
under gunicorn (gunicorn.conf.py) and reads DATABASE_URL and POOL (connections per process) from the
environment.
"""

import json
import os
import uuid

from flask import Flask, Response, abort, request
from sqlalchemy import create_engine, text

URL = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg2://", 1)
POOL = int(os.environ.get("POOL", "1"))

COLUMNS = "SELECT code::text, size, price, latitude, longitude FROM"
ALL = text(f"{COLUMNS} room ORDER BY id")
PAGE = text(f"{COLUMNS} room ORDER BY id LIMIT :limit")
CHEAPER = text(f"{COLUMNS} room WHERE price < :price ORDER BY id LIMIT :limit")
# The location index finds few rooms. Find them first and sort them afterwards, otherwise the planner
# might read all rooms in order instead.
BOX = text(f"""
    WITH inside AS MATERIALIZED (
        SELECT * FROM room
        WHERE point(longitude, latitude) <@ box(point(:west, :south), point(:east, :north))
    )
    {COLUMNS} inside ORDER BY id LIMIT :limit""")
ONE = text(f"{COLUMNS} room WHERE code = CAST(:code AS uuid)")
PUT = text("""
    INSERT INTO room (code, size, price, latitude, longitude)
    VALUES (:code, :size, :price, :latitude, :longitude)
    ON CONFLICT (code) DO UPDATE SET size = excluded.size, price = excluded.price,
        latitude = excluded.latitude, longitude = excluded.longitude
    RETURNING xmax = 0""")

app = Flask(__name__)
# Each worker connects after the fork, on first use, so no connection is shared.
engine = create_engine(URL, pool_size=POOL, max_overflow=0, isolation_level="AUTOCOMMIT")
encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def room(row):
    return {"code": row[0], "size": row[1], "price": row[2], "latitude": row[3], "longitude": row[4]}


def answer(value, status=200):
    return Response(encode(value), status, mimetype="application/json")


@app.get("/rooms")
def rooms():
    asked = request.args
    limit = asked.get("limit", type=int)
    if "bbox" in asked:
        west, south, east, north = map(float, asked["bbox"].split(","))
        query = BOX
        values = {"west": west, "south": south, "east": east, "north": north, "limit": limit}
    elif "filter_price__lt" in asked:
        query, values = CHEAPER, {"price": int(asked["filter_price__lt"]), "limit": limit}
    elif limit is not None:
        query, values = PAGE, {"limit": limit}
    else:
        query, values = ALL, None
    with engine.connect() as connection:
        rows = connection.execute(query, values).all()
    return answer([room(row) for row in rows])


@app.get("/rooms/<uuid:code>")
def one(code):
    with engine.connect() as connection:
        row = connection.execute(ONE, {"code": str(code)}).first()
    return answer(room(row)) if row else abort(404)


@app.put("/rooms/<uuid:code>")
def put(code: uuid.UUID):
    fields = json.loads(request.get_data())
    values = {name: fields[name] for name in ("size", "price", "latitude", "longitude")}
    values = {"code": str(code), **values}
    with engine.connect() as connection:
        is_new = connection.execute(PUT, values).scalar_one()
    return answer(values, 201 if is_new else 200)
