//! A peer of rentomatic for `scripts/bench`: the same rooms from the same PostgreSQL database, with axum
//! and sqlx, written for speed.
//!
//! Tuning: statements are prepared once per connection (sqlx's default), a connection is not pinged
//! before each use, rows are written as JSON as they arrive, Nagle's algorithm is off. It reads
//! `DATABASE_URL`, `BIND` and `POOL` (connections) from the environment.

use std::env;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use axum::serve::ListenerExt;
use futures_util::{Stream, TryStreamExt};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::net::TcpListener;
use uuid::Uuid;

/// The default for `POOL`. `benches/peers/README.md` compares 8 and 16.
const POOL: u32 = 8;

/// Metres in a degree of latitude, on the sphere that `great_circle_distance` uses.
const METRES_A_DEGREE: f64 = 111_195.08;

const ALL: &str = "SELECT code, size, price, latitude, longitude FROM room ORDER BY id";
const PAGE: &str = "SELECT code, size, price, latitude, longitude FROM room ORDER BY id LIMIT $1";
const CHEAPER: &str = "SELECT code, size, price, latitude, longitude FROM room
    WHERE price < $1 ORDER BY id LIMIT $2";
// The location index finds few rooms. Find them first and sort them afterwards, otherwise the planner
// might read all rooms in order instead.
const BOX: &str = "WITH inside AS MATERIALIZED (
        SELECT * FROM room WHERE point(longitude, latitude) <@ box(point($1, $2), point($3, $4))
    )
    SELECT code, size, price, latitude, longitude FROM inside ORDER BY id LIMIT $5";
const NEAR: &str = "WITH inside AS MATERIALIZED (
        SELECT *, great_circle_distance($1, $2, latitude, longitude) AS distance FROM room
        WHERE point(longitude, latitude) <@ box(point($2 - $5, $1 - $4), point($2 + $5, $1 + $4))
    )
    SELECT code, size, price, latitude, longitude FROM inside
    WHERE distance <= $3 ORDER BY distance, id LIMIT $6";
const ONE: &str = "SELECT code, size, price, latitude, longitude FROM room WHERE code = $1";
const PUT: &str = "INSERT INTO room (code, size, price, latitude, longitude)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (code) DO UPDATE SET size = excluded.size, price = excluded.price,
        latitude = excluded.latitude, longitude = excluded.longitude
    RETURNING xmax = 0";

type Row = (Uuid, i32, i32, f64, f64);

/// A room, with its keys in rentomatic's order.
#[derive(Serialize)]
struct Room {
    code: Uuid,
    size: i32,
    price: i32,
    latitude: f64,
    longitude: f64,
}

impl From<Row> for Room {
    fn from((code, size, price, latitude, longitude): Row) -> Self {
        Self { code, size, price, latitude, longitude }
    }
}

#[derive(Deserialize)]
struct NewRoom {
    size: i32,
    price: i32,
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Parameters {
    limit: Option<i64>,
    #[serde(rename = "filter_price__lt")]
    cheaper_than: Option<i32>,
    bbox: Option<String>,
    near: Option<String>,
    radius: Option<f64>,
}

type Json = ([(HeaderName, &'static str); 1], Vec<u8>);

fn json(body: Vec<u8>) -> Json {
    ([(CONTENT_TYPE, "application/json")], body)
}

fn failed(error: sqlx::Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

/// Parses exactly `N` numbers, separated by commas.
fn numbers<const N: usize>(text: &str) -> Result<[f64; N], StatusCode> {
    let numbers: Option<Vec<f64>> = text.split(',').map(|part| part.parse().ok()).collect();
    numbers.and_then(|numbers| numbers.try_into().ok()).ok_or(StatusCode::BAD_REQUEST)
}

async fn list(
    State(pool): State<PgPool>,
    Query(asked): Query<Parameters>,
) -> Result<Json, StatusCode> {
    if let Some(bbox) = asked.bbox {
        let [west, south, east, north] = numbers(&bbox)?;
        let corners = sqlx::query_as(BOX).bind(west).bind(south).bind(east).bind(north);
        return written(corners.bind(asked.limit).fetch(&pool)).await;
    }
    if let Some(near) = asked.near {
        let [latitude, longitude] = numbers(&near)?;
        let radius = asked.radius.ok_or(StatusCode::BAD_REQUEST)?;
        // 1 % more, so that rounding loses no room. The poles and the antimeridian are not handled.
        let high = radius / METRES_A_DEGREE * 1.01;
        let wide = high / latitude.to_radians().cos();
        let circle = sqlx::query_as(NEAR).bind(latitude).bind(longitude).bind(radius);
        return written(circle.bind(high).bind(wide).bind(asked.limit).fetch(&pool)).await;
    }
    match (asked.cheaper_than, asked.limit) {
        (Some(price), limit) => {
            written(sqlx::query_as(CHEAPER).bind(price).bind(limit).fetch(&pool)).await
        }
        (None, Some(limit)) => written(sqlx::query_as(PAGE).bind(limit).fetch(&pool)).await,
        (None, None) => written(sqlx::query_as(ALL).fetch(&pool)).await,
    }
}

/// Writes rows as a JSON array, each as it arrives.
async fn written(
    mut rows: impl Stream<Item = Result<Row, sqlx::Error>> + Unpin,
) -> Result<Json, StatusCode> {
    let mut body = vec![b'['];
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        if body.len() > 1 {
            body.push(b',');
        }
        write(&mut body, row);
    }
    body.push(b']');
    Ok(json(body))
}

fn write(body: &mut Vec<u8>, row: Row) {
    serde_json::to_writer(body, &Room::from(row)).expect("a room can always be written to memory");
}

async fn one(State(pool): State<PgPool>, Path(code): Path<Uuid>) -> Result<Json, StatusCode> {
    let row = sqlx::query_as(ONE).bind(code).fetch_optional(&pool).await.map_err(failed)?;
    let mut body = Vec::new();
    write(&mut body, row.ok_or(StatusCode::NOT_FOUND)?);
    Ok(json(body))
}

async fn put(
    State(pool): State<PgPool>,
    Path(code): Path<Uuid>,
    body: Bytes,
) -> Result<(StatusCode, Json), StatusCode> {
    let room: NewRoom = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let NewRoom { size, price, latitude, longitude } = room;
    let is_new: bool = sqlx::query_scalar(PUT)
        .bind(code)
        .bind(size)
        .bind(price)
        .bind(latitude)
        .bind(longitude)
        .fetch_one(&pool)
        .await
        .map_err(failed)?;
    let mut body = Vec::new();
    write(&mut body, (code, size, price, latitude, longitude));
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, json(body)))
}

#[tokio::main]
async fn main() {
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let connections = env::var("POOL").map_or(POOL, |text| text.parse().expect("POOL is a number"));
    let pool = PgPoolOptions::new()
        .min_connections(connections)
        .max_connections(connections)
        .test_before_acquire(false)
        .connect(&variable("DATABASE_URL"))
        .await
        .expect("the database answers");
    let routes = Router::new()
        .route("/rooms", get(list))
        .route("/rooms/{code}", get(one).put(put))
        .with_state(pool);
    let listener = TcpListener::bind(variable("BIND")).await.expect("the address is free");
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("the socket is open"));
    axum::serve(listener, routes).await.expect("the server runs");
}
