//! Slices handed out in pieces to threads that work on them at once.

use std::marker::PhantomData;
use std::ops::Range;

/// What can be cut into pieces that do not overlap: a slice, or several equally long ones at the same places.
///
/// # Safety
/// `length` is that of what `share` lets take pieces of.
pub(crate) unsafe trait Pieces {
    /// What the threads take pieces of.
    type Shares: Sync;
    /// One piece.
    type Piece;

    /// The length of the slice, of each slice.
    fn length(&self) -> usize;

    /// Lets threads take pieces.
    fn share(self) -> Self::Shares;

    /// The piece at `range`.
    ///
    /// # Safety
    /// `range` lies within the length, and no other piece that overlaps it is in use.
    unsafe fn piece(shares: &Self::Shares, range: Range<usize>) -> Self::Piece;
}

/// A slice that threads may take disjoint pieces of.
pub(crate) struct Shares<'a, T> {
    first: *mut T,
    length: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: a thread reaches only the pieces it takes, each of which is its own (the contract of `piece`), as if the slice
// had been split before: T must be able to go to another thread for that, and need not be shared.
unsafe impl<T: Send> Sync for Shares<'_, T> {}

impl<'a, T> Shares<'a, T> {
    pub fn new(slice: &'a mut [T]) -> Self {
        Self { first: slice.as_mut_ptr(), length: slice.len(), slice: PhantomData }
    }

    /// The piece at `range`.
    ///
    /// # Safety
    /// `range` lies within the slice, and no other piece that overlaps it is in use.
    pub unsafe fn piece(&self, range: Range<usize>) -> &'a mut [T] {
        debug_assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: within the slice, which is borrowed mutably for 'a, and disjoint from all other pieces in use.
        unsafe { std::slice::from_raw_parts_mut(self.first.add(range.start), range.len()) }
    }
}

// SAFETY: the length is the slice's.
unsafe impl<'a, T: Send> Pieces for &'a mut [T] {
    type Shares = Shares<'a, T>;
    type Piece = &'a mut [T];

    fn length(&self) -> usize {
        self.len()
    }

    fn share(self) -> Shares<'a, T> {
        Shares::new(self)
    }

    unsafe fn piece(shares: &Shares<'a, T>, range: Range<usize>) -> &'a mut [T] {
        // SAFETY: the caller's promise.
        unsafe { shares.piece(range) }
    }
}

// SAFETY: the length is the slice's.
unsafe impl<'a, T: Sync> Pieces for &'a [T] {
    type Shares = &'a [T];
    type Piece = &'a [T];

    fn length(&self) -> usize {
        self.len()
    }

    fn share(self) -> &'a [T] {
        self
    }

    unsafe fn piece(shares: &&'a [T], range: Range<usize>) -> &'a [T] {
        &shares[range]
    }
}

macro_rules! together {
    ($($slice:ident $at:tt),+) => {
        // SAFETY: the length is that of each.
        unsafe impl<$($slice: Pieces),+> Pieces for ($($slice,)+) {
            type Shares = ($($slice::Shares,)+);
            type Piece = ($($slice::Piece,)+);

            fn length(&self) -> usize {
                let length = self.0.length();
                $(assert_eq!(self.$at.length(), length, "slices that are worked on together");)+
                length
            }

            fn share(self) -> Self::Shares {
                ($(self.$at.share(),)+)
            }

            unsafe fn piece(shares: &Self::Shares, range: Range<usize>) -> Self::Piece {
                // SAFETY: the caller's promise, the same for each.
                unsafe { ($($slice::piece(&shares.$at, range.clone()),)+) }
            }
        }
    };
}

together!(A 0, B 1);
together!(A 0, B 1, C 2);
together!(A 0, B 1, C 2, D 3);

/// Pairs of ranges none of which overlaps another: what the threads share out a vector by.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pairs: Vec<[Range<usize>; 2]>,
    end: usize,
}

impl Parts {
    /// These pairs; either range may be empty.
    ///
    /// # Panics
    /// When two of them overlap.
    pub fn new(pairs: Vec<[Range<usize>; 2]>) -> Self {
        let mut ranges: Vec<Range<usize>> =
            pairs.iter().flatten().filter(|r| !r.is_empty()).cloned().collect();
        ranges.sort_unstable_by_key(|range| range.start);
        for pair in ranges.windows(2) {
            assert!(pair[0].end <= pair[1].start, "{:?} overlaps {:?}", pair[0], pair[1]);
        }
        let end = ranges.last().map_or(0, |range| range.end);
        Self { pairs, end }
    }

    /// Ranges alone.
    ///
    /// # Panics
    /// When two of them overlap.
    pub fn of_ranges(ranges: Vec<Range<usize>>) -> Self {
        Self::new(ranges.into_iter().map(|range| [range, 0..0]).collect())
    }

    /// How many pairs there are.
    pub fn count(&self) -> usize {
        self.pairs.len()
    }

    /// Pair `index`.
    pub fn pair(&self, index: usize) -> [Range<usize>; 2] {
        self.pairs[index].clone()
    }

    /// Where the last range ends.
    pub fn end(&self) -> usize {
        self.end
    }
}
