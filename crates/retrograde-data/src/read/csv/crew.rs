//! Threads that read blocks, whose pieces are taken in the order of the file.

use super::blocks::{Block, Blocks};
use super::piece::Piece;
use crate::error::DataError;
use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::scope;

/// How a text is divided. No result depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Division {
    /// About how many bytes a block has.
    pub(super) block: usize,
    /// How many threads read blocks.
    pub(super) threads: usize,
}

/// A block is small enough for a cache, and large enough for a thread to be worth waking; when bytes are tried at random
/// even a short text has several.
const BLOCK: usize = if cfg!(fuzzing) { 1 << 5 } else { 1 << 20 };
/// Beyond this one thread alone, which hands out blocks and puts pieces together, is what the others wait for.
const MOST: usize = 16;
/// How many blocks of each thread are on their way.
const AHEAD: usize = 2;

impl Division {
    /// For so many threads, or for 0 as many as the machine runs at once.
    pub(super) fn new(threads: usize) -> Self {
        let found = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { found() } else { threads };
        Self { block: BLOCK, threads: threads.min(MOST) }
    }
}

/// What is done with each piece; [`ControlFlow::Break`] ends the reading.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Piece) -> Result<ControlFlow<()>, DataError>;

/// Reads all blocks and hands their pieces on in order. An error in an earlier block comes before one in a later.
pub(super) fn for_each<'a>(
    blocks: &mut dyn Blocks<'a>,
    threads: usize,
    read: &(dyn Fn(&Block) -> Piece + Sync),
    sink: Sink,
) -> Result<(), DataError> {
    let mut first = Vec::new();
    for _ in 0..2 {
        first.extend(blocks.next(None)?);
    }
    if threads > 1 && first.len() == 2 {
        return together(&mut Supply { first: first.into_iter(), blocks, failed: None }, threads, read, sink);
    }
    let mut first = first.into_iter();
    let mut spare = None;
    loop {
        let next = match first.next() {
            None => blocks.next(spare.take())?,
            some => some,
        };
        let Some(block) = next else { return Ok(()) };
        if sink(read(&block))?.is_break() {
            return Ok(());
        }
        spare = buffer(block);
    }
}

/// The buffer of a block that was read.
fn buffer(block: Block) -> Option<Vec<u8>> {
    match block.bytes {
        Cow::Owned(bytes) => Some(bytes),
        Cow::Borrowed(_) => None,
    }
}

/// Blocks until there are no more or one cannot be had.
struct Supply<'s, 'a> {
    first: std::vec::IntoIter<Block<'a>>,
    blocks: &'s mut dyn Blocks<'a>,
    failed: Option<DataError>,
}

impl<'a> Supply<'_, 'a> {
    fn next(&mut self, spare: Option<Vec<u8>>) -> Option<Block<'a>> {
        if let Some(block) = self.first.next() {
            return Some(block);
        }
        if self.failed.is_some() {
            return None;
        }
        self.blocks.next(spare).unwrap_or_else(|error| {
            self.failed = Some(error);
            None
        })
    }
}

/// A thread's blocks and what it makes of them.
struct Lane<'a> {
    blocks: SyncSender<Block<'a>>,
    pieces: Receiver<(Piece, Option<Vec<u8>>)>,
}

/// Deals blocks out to threads in turn, and takes their pieces in the same turn.
fn together(
    supply: &mut Supply,
    threads: usize,
    read: &(dyn Fn(&Block) -> Piece + Sync),
    sink: Sink,
) -> Result<(), DataError> {
    scope(|scope| {
        let lane = |_| {
            let (blocks, todo) = sync_channel::<Block>(AHEAD);
            let (done, pieces) = channel();
            scope.spawn(move || {
                for block in todo {
                    let piece = read(&block);
                    if done.send((piece, buffer(block))).is_err() {
                        break;
                    }
                }
            });
            Lane { blocks, pieces }
        };
        let lanes: Vec<Lane> = (0..threads).map(lane).collect();
        let (mut sent, mut received, mut spare) = (0, 0, None);
        loop {
            while sent - received < AHEAD * threads {
                let Some(block) = supply.next(spare.take()) else { break };
                // A thread that is gone has panicked, and the scope says so.
                if lanes[sent % threads].blocks.send(block).is_err() {
                    return Ok(());
                }
                sent += 1;
            }
            if received == sent {
                return supply.failed.take().map_or(Ok(()), Err);
            }
            let Ok((piece, buffer)) = lanes[received % threads].pieces.recv() else { return Ok(()) };
            received += 1;
            if sink(piece)?.is_break() {
                return Ok(());
            }
            spare = buffer;
        }
    })
}
