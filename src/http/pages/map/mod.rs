//! A map of rooms, drawn as SVG in Web Mercator (EPSG:3857), which tile servers use as well.

use std::f64::consts::PI;

mod prices;

use self::prices::PriceClass;
use crate::entities::{Place, Room};
use crate::settings::{MapSettings, TileUrl};

/// Pixels; a narrow page shows the map smaller.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 480.0;

/// The empty margin around the rooms, in pixels.
const MARGIN: f64 = 40.0;

/// Degrees: places farther north or south are drawn here, at the edge of the square world.
const LARGEST_LATITUDE: f64 = 85.051_128_779_806_59;

/// The radius of the sphere of Web Mercator, in metres: the ellipsoid's semi-major axis.
const RADIUS: f64 = 6_378_137.0;

/// The width of a tile at its natural size, in pixels.
const TILE: f64 = 256.0;

/// The most pixels for the width of the world: the map then shows about two kilometres, at London.
const LARGEST_SCALE: f64 = TILE * 32_768.0;

/// The fewest pixels between two lines of the graticule.
const BETWEEN_LINES: f64 = 100.0;

/// The most pixels of the scale bar.
const LONGEST_BAR: f64 = 150.0;

/// A map, all of its numbers in pixels from its north-western corner.
pub struct Map {
    pub width: f64,
    pub height: f64,
    pub tiles: Vec<Tile>,
    pub attribution: String,
    /// Lines from north to south.
    pub meridians: Vec<Line>,
    /// Lines from west to east.
    pub parallels: Vec<Line>,
    /// The rooms, in reverse, so that the first of the list is drawn last and lies on top.
    pub points: Vec<Point>,
    pub legend: Vec<PriceClass>,
    pub bar: f64,
    /// The distance that the bar represents, at the map's centre.
    pub bar_label: String,
}

/// An image from the tile server.
pub struct Tile {
    pub url: String,
    pub x: f64,
    pub y: f64,
    pub size: f64,
}

/// A line of the graticule.
pub struct Line {
    /// Its distance from the west for a meridian, from the north for a parallel.
    pub at: f64,
    /// For example `51.5° N`.
    pub label: String,
}

pub struct Point {
    pub room: Room,
    pub x: f64,
    pub y: f64,
    /// The colour, 1 to [`prices::COLOURS`], from the lowest price.
    pub colour: usize,
}

impl Map {
    /// Draws these rooms; without any, there is no map.
    pub fn of<'a>(
        rooms: impl Iterator<Item = &'a Room> + Clone,
        settings: Option<&MapSettings>,
    ) -> Option<Self> {
        let server = settings.and_then(|settings| Some((settings.tile_url.as_ref()?, settings)));
        let mut places: Vec<(f64, f64)> = rooms.clone().map(|room| project(room.place)).collect();
        let seam = seam(places.iter().map(|(x, _)| *x).collect());
        for (x, _) in &mut places {
            if *x < seam {
                *x += 1.0;
            }
        }
        let view = View::around(&places)?;
        let legend = prices::classes(rooms.clone().map(|room| room.price).collect());
        let points = rooms.zip(&places).map(|(room, (x, y))| Point {
            room: room.clone(),
            x: (x - view.west) * view.scale,
            y: (y - view.north) * view.scale,
            colour: prices::colour_of(room.price, &legend),
        });
        let mut points: Vec<Point> = points.collect();
        points.reverse();
        let (bar, bar_label) = view.bar();
        Some(Self {
            width: WIDTH,
            height: HEIGHT,
            tiles: server.map(|(tiles, _)| view.tiles(tiles)).unwrap_or_default(),
            attribution: server.map(|(_, map)| map.tile_attribution.clone()).unwrap_or_default(),
            meridians: view.meridians(),
            parallels: view.parallels(),
            points,
            legend,
            bar,
            bar_label,
        })
    }
}

/// The part of the world that is drawn. The world is a square whose sides are 1, and repeats to the west
/// and to the east.
struct View {
    west: f64,
    north: f64,
    /// Pixels for the width of the world.
    scale: f64,
}

impl View {
    fn around(places: &[(f64, f64)]) -> Option<Self> {
        let range = |of: fn(&(f64, f64)) -> f64| {
            let values = places.iter().map(of);
            let least = values.clone().reduce(f64::min)?;
            Some((least, values.reduce(f64::max)?))
        };
        let (west, east) = range(|place| place.0)?;
        let (north, south) = range(|place| place.1)?;
        // For a single place, both are infinite.
        let scale = ((WIDTH - 2.0 * MARGIN) / (east - west))
            .min((HEIGHT - 2.0 * MARGIN) / (south - north))
            .min(LARGEST_SCALE);
        Some(Self {
            west: f64::midpoint(west, east) - WIDTH / scale / 2.0,
            north: f64::midpoint(north, south) - HEIGHT / scale / 2.0,
            scale,
        })
    }

    fn meridians(&self) -> Vec<Line> {
        let (west, east) = (longitude_at(self.west), longitude_at(self.west + WIDTH / self.scale));
        let step = step(BETWEEN_LINES / self.scale * 360.0);
        let line = |longitude: f64| Line {
            at: ((longitude + 180.0) / 360.0 - self.west) * self.scale,
            label: label((longitude + 180.0).rem_euclid(360.0) - 180.0, step, ["E", "W"]),
        };
        multiples(step, west, east).map(line).collect()
    }

    fn parallels(&self) -> Vec<Line> {
        let south = latitude_at(self.north + HEIGHT / self.scale).max(-LARGEST_LATITUDE);
        let north = latitude_at(self.north).min(LARGEST_LATITUDE);
        // Parallels are closest together where the map is nearest to the equator.
        let nearest = if south < 0.0 && north > 0.0 { 0.0 } else { south.abs().min(north.abs()) };
        let step = step(BETWEEN_LINES / self.scale * 360.0 * nearest.to_radians().cos());
        let line = |latitude: f64| Line {
            at: (height_of(latitude) - self.north) * self.scale,
            label: label(latitude, step, ["N", "S"]),
        };
        multiples(step, south, north).map(line).collect()
    }

    fn bar(&self) -> (f64, String) {
        let latitude = latitude_at(self.north + HEIGHT / self.scale / 2.0);
        let metres_a_pixel = 2.0 * PI * RADIUS * latitude.to_radians().cos() / self.scale;
        let longest = LONGEST_BAR * metres_a_pixel;
        let power = 10_f64.powf(longest.log10().floor());
        let fits = |factor: &f64| factor * power <= longest;
        let metres = [5.0, 2.0, 1.0].into_iter().find(fits).unwrap_or(1.0) * power;
        let label = match metres {
            1_000.0.. => format!("{} km", metres / 1_000.0),
            _ => format!("{metres} m"),
        };
        (metres / metres_a_pixel, label)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "zoom levels up to 15, and tile numbers below 2 to the power of that"
    )]
    fn tiles(&self, server: &TileUrl) -> Vec<Tile> {
        let zoom = (self.scale / TILE).log2().round().max(0.0);
        let number = zoom.exp2();
        let size = self.scale / number;
        let all = |start: f64, pixels: f64| {
            let first = (start * number).floor();
            let last = ((start + pixels / self.scale) * number).floor();
            (0..=(last - first) as u32).map(move |offset| first + f64::from(offset))
        };
        let is_in_world = |row: &f64| (0.0..number).contains(row);
        let mut tiles = Vec::new();
        for row in all(self.north, HEIGHT).filter(is_in_world) {
            for column in all(self.west, WIDTH) {
                let wrapped = column.rem_euclid(number);
                tiles.push(Tile {
                    url: server.tile(zoom as u32, wrapped as u32, row as u32),
                    x: (column / number - self.west) * self.scale,
                    y: (row / number - self.north) * self.scale,
                    size,
                });
            }
        }
        tiles
    }
}

/// The position of a place in the square world, from its north-western corner.
fn project(place: Place) -> (f64, f64) {
    // The antimeridian has two longitudes, but is one line.
    let x = ((place.longitude.get() + 180.0) / 360.0).rem_euclid(1.0);
    (x, height_of(place.latitude.get()))
}

fn height_of(latitude: f64) -> f64 {
    let latitude = latitude.clamp(-LARGEST_LATITUDE, LARGEST_LATITUDE).to_radians();
    (1.0 - latitude.tan().asinh() / PI) / 2.0
}

fn latitude_at(y: f64) -> f64 {
    (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees()
}

fn longitude_at(x: f64) -> f64 {
    x * 360.0 - 180.0
}

/// Where the world is cut open: at the eastern end of the widest gap between the rooms, so that rooms on
/// both sides of the antimeridian lie together.
fn seam(mut places: Vec<f64>) -> f64 {
    places.sort_by(f64::total_cmp);
    let (Some(first), Some(last)) = (places.first(), places.last()) else { return 0.0 };
    let gaps = places.windows(2).map(|pair| (pair[1] - pair[0], pair[1]));
    let around = (first + 1.0 - last, *first);
    gaps.fold(around, |widest, gap| if gap.0 > widest.0 { gap } else { widest }).1
}

/// The smallest round number of degrees that is at least `least`.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let decimal = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let steps = if least > 10.0 { [15.0, 30.0, 45.0, 90.0] } else { decimal };
    steps.into_iter().find(|step| *step >= least).unwrap_or(90.0)
}

fn multiples(step: f64, from: f64, to: f64) -> impl Iterator<Item = f64> {
    let first = (from / step).ceil();
    (0..).map(move |count| (first + f64::from(count)) * step).take_while(move |value| *value <= to)
}

fn label(degrees: f64, step: f64, [positive, negative]: [&str; 2]) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to about 10"
    )]
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let number = format!("{:.decimals$}", degrees.abs());
    let is_zero = number.bytes().all(|byte| byte == b'0' || byte == b'.');
    let side = match degrees {
        _ if is_zero || degrees.abs() >= 180.0 => "",
        0.0.. => positive,
        _ => negative,
    };
    format!("{number}° {side}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{Latitude, Longitude};

    #[test]
    fn the_projection_is_that_of_tiles() {
        // The example of EPSG's Guidance Note 7-2, "Popular Visualisation Pseudo Mercator": metres from
        // the crossing of the equator and Greenwich's meridian.
        let latitude = 24.0 + 22.0 / 60.0 + 54.433 / 3_600.0;
        let longitude = -(100.0 + 20.0 / 60.0);
        let (x, y) = project(Place {
            latitude: Latitude::new(latitude).unwrap(),
            longitude: Longitude::new(longitude).unwrap(),
        });
        let metres = 2.0 * PI * RADIUS;
        assert!(((x - 0.5) * metres + 11_169_055.58).abs() < 0.01);
        assert!(((0.5 - y) * metres - 2_800_000.00).abs() < 0.01);
        let is_close = |left: f64, right: f64| (left - right).abs() < 1e-6;
        assert!(is_close(latitude_at(height_of(51.5)), 51.5));
        assert!(is_close(height_of(90.0), 0.0) && is_close(height_of(-90.0), 1.0));
    }
}
