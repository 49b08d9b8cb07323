//! Names that differ by a few letters.

use fst::Automaton;

/// The longest name, in bytes, for which similar ones are searched.
pub const LONGEST: usize = 30;

/// Accepts the names that become a given one by at most some changes: a letter that is added, left out, or another
/// one, or two neighbours that are swapped (optimal string alignment). Folded names are ASCII.
///
/// The automaton that `fst` itself has is built for each name, and needs megabytes for one of ten letters.
pub struct Similar<'a> {
    name: &'a [u8],
    most: u8,
}

impl<'a> Similar<'a> {
    /// `None` if the name is too long.
    pub fn new(name: &'a str, most: u8) -> Option<Self> {
        (name.len() <= LONGEST).then_some(Self { name: name.as_bytes(), most })
    }
}

/// The fewest changes that make each start of the name out of the letters read so far.
type Row = [u8; LONGEST + 1];

#[derive(Clone, Copy)]
pub struct State {
    row: Row,
    /// The row before the last letter.
    before: Row,
    /// 0, if there is none.
    last: u8,
}

impl Automaton for Similar<'_> {
    type State = State;

    fn start(&self) -> State {
        let mut row = [u8::MAX; LONGEST + 1];
        for (cell, changes) in row[..=self.name.len()].iter_mut().zip(0..) {
            *cell = changes;
        }
        State { row, before: [u8::MAX; LONGEST + 1], last: 0 }
    }

    fn is_match(&self, state: &State) -> bool {
        state.row[self.name.len()] <= self.most
    }

    fn can_match(&self, state: &State) -> bool {
        state.row.iter().any(|changes| *changes <= self.most)
    }

    fn accept(&self, state: &State, letter: u8) -> State {
        let State { row: above, before, last } = state;
        let mut row = [u8::MAX; LONGEST + 1];
        row[0] = above[0].saturating_add(1);
        for (at, wanted) in (1..).zip(self.name) {
            let other = above[at - 1].saturating_add(u8::from(*wanted != letter));
            let added = above[at].saturating_add(1);
            let left_out = row[at - 1].saturating_add(1);
            row[at] = other.min(added).min(left_out);
            let is_swap = at > 1 && self.name[at - 2] == letter && wanted == last;
            if is_swap {
                row[at] = row[at].min(before[at - 2].saturating_add(1));
            }
        }
        State { row, before: *above, last: letter }
    }
}
