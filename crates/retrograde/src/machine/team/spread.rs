//! Elementwise work on vectors as long as Θ, spread over a team.

use super::{Parts, Pieces, Team};
use crate::machine::vectorised::vectorised;

/// Who does what of an elementwise loop over Θ: the calling thread all of it, or each thread of a team its own part, which is
/// then in its cache for the next loop.
#[derive(Debug)]
pub struct Spread<'a>(Option<(&'a mut Team, &'a Parts)>);

impl<'a> Spread<'a> {
    /// The calling thread does it all.
    pub fn alone() -> Self {
        Self(None)
    }

    /// A team does it, by parts that cover the whole vector.
    pub(crate) fn over(team: &'a mut Team, parts: &'a Parts) -> Self {
        Self(Some((team, parts)))
    }

    /// Runs a loop over all slices, which are equally long, with the processor's vectors.
    pub(crate) fn each<P: Pieces>(&mut self, slices: P, work: impl Fn(P::Piece) + Sync) {
        let length = slices.length();
        if let Some((team, parts)) = &mut self.0 {
            assert_eq!(parts.end(), length, "the length that the threads share out");
            team.for_parts(slices, parts, |_, pieces| {
                for piece in pieces {
                    run(&work, piece);
                }
            });
        } else {
            let shares = slices.share();
            // SAFETY: the one piece is all of it.
            let all = unsafe { P::piece(&shares, 0..length) };
            run(&work, all);
        }
    }
}

/// The loop over one piece.
#[inline(always)]
fn run<P>(work: &impl Fn(P), piece: P) {
    let mut piece = Some(piece);
    vectorised(
        #[inline(always)]
        || {
            if let Some(piece) = piece.take() {
                work(piece);
            }
        },
    );
}
