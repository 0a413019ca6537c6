//! Building files, byte by byte.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

pub(crate) mod watch;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use retrograde_data::{DataError, ReadOptions, Table, read_bytes};
use std::io::Write;
use std::path::PathBuf;

/// Bytes to a table with default options.
pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<Table, DataError> {
    read_bytes(name, bytes, &ReadOptions::default())
}

/// A table from CSV that must be readable.
pub(crate) fn csv(text: &str) -> Table {
    parse("t.csv", text.as_bytes()).expect("a readable table")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// An IDX file.
pub(crate) fn idx(kind: u8, sizes: &[u32], data: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0, kind, sizes.len() as u8];
    out.extend(sizes.iter().flat_map(|n| n.to_be_bytes()));
    out.extend(data);
    out
}

/// Writes MAT v5 elements in one byte order.
#[derive(Clone, Copy)]
pub(crate) struct Mat {
    pub(crate) little: bool,
}

impl Mat {
    pub(crate) fn u32(self, x: u32) -> [u8; 4] {
        if self.little { x.to_le_bytes() } else { x.to_be_bytes() }
    }

    pub(crate) fn f64(self, x: f64) -> [u8; 8] {
        if self.little { x.to_le_bytes() } else { x.to_be_bytes() }
    }

    pub(crate) fn header(self) -> Vec<u8> {
        let mut out = b"MATLAB 5.0 MAT-file, written by a test".to_vec();
        out.resize(124, b' ');
        out.extend(if self.little { [0, 1, b'I', b'M'] } else { [1, 0, b'M', b'I'] });
        out
    }

    pub(crate) fn element(self, kind: u32, data: &[u8]) -> Vec<u8> {
        let mut out = [self.u32(kind), self.u32(data.len() as u32)].concat();
        out.extend(data);
        out.resize(out.len().next_multiple_of(8), 0);
        out
    }

    pub(crate) fn small(self, kind: u32, data: &[u8]) -> Vec<u8> {
        let mut out = self.u32(((data.len() as u32) << 16) | kind).to_vec();
        out.extend(data);
        out.resize(8, 0);
        out
    }

    /// A matrix element of any class, with its numbers already encoded as `kind`.
    pub(crate) fn matrix(self, name: &str, class: u32, sizes: &[u32], kind: u32, data: &[u8]) -> Vec<u8> {
        let mut parts = self.element(6, &[self.u32(class), self.u32(0)].concat());
        parts.extend(self.element(5, &sizes.iter().flat_map(|&n| self.u32(n)).collect::<Vec<_>>()));
        let text = name.as_bytes();
        parts.extend(if text.len() <= 4 && !text.is_empty() {
            self.small(1, text)
        } else {
            self.element(1, text)
        });
        parts.extend(if data.len() <= 4 && !data.is_empty() {
            self.small(kind, data)
        } else {
            self.element(kind, data)
        });
        self.element(14, &parts)
    }

    /// A matrix of doubles, column by column.
    pub(crate) fn doubles(self, name: &str, rows: u32, values: &[f64]) -> Vec<u8> {
        let data: Vec<u8> = values.iter().flat_map(|&x| self.f64(x)).collect();
        self.matrix(name, 6, &[rows, values.len() as u32 / rows], 9, &data)
    }

    /// The same element compressed, without padding.
    pub(crate) fn compressed(self, element: &[u8]) -> Vec<u8> {
        let data = zlib(element);
        let mut out = [self.u32(15), self.u32(data.len() as u32)].concat();
        out.extend(data);
        out
    }

    pub(crate) fn file(self, elements: &[Vec<u8>]) -> Vec<u8> {
        let mut out = self.header();
        out.extend(elements.iter().flatten());
        out
    }
}

/// A file of the shared test data, or a note that it is not here.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let full = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if full.is_file() {
        return Some(full);
    }
    println!("skipped: {path} is not here");
    None
}

/// A small random generator (SplitMix64) with a fixed seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}
