//! Price classes, each with a colour.

use crate::entities::Price;

pub const COLOURS: usize = 5;

/// Rooms of similar prices.
pub struct PriceClass {
    /// In euros per day.
    pub lowest: i32,
    pub highest: i32,
    /// The colour, 1 to [`COLOURS`].
    pub colour: usize,
}

/// Classes with about the same number of rooms each (quantiles). Each price is in one class only.
pub fn classes(prices: Vec<Price>) -> Vec<PriceClass> {
    let mut prices: Vec<i32> = prices.into_iter().map(Price::get).collect();
    prices.sort_unstable();
    let ends = (1..=COLOURS).filter_map(|class| (prices.len() * class / COLOURS).checked_sub(1));
    let mut highest: Vec<i32> = ends.map(|end| prices[end]).collect();
    highest.dedup();
    let number = highest.len();
    let mut rest = prices.as_slice();
    highest
        .into_iter()
        .enumerate()
        .map(|(index, highest)| {
            let (these, others) = rest.split_at(rest.partition_point(|price| *price <= highest));
            rest = others;
            // With few classes, the first and the last still have the first and the last colour.
            let colour = match number {
                1 => COLOURS.div_ceil(2),
                _ => 1 + index * (COLOURS - 1) / (number - 1),
            };
            PriceClass { lowest: these.first().copied().unwrap_or(highest), highest, colour }
        })
        .collect()
}

pub fn colour_of(price: Price, classes: &[PriceClass]) -> usize {
    let class = classes.iter().find(|class| price.get() <= class.highest);
    class.map_or(COLOURS, |class| class.colour)
}
