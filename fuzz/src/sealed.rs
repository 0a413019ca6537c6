//! Checksums put right, so that what lies behind them is reached.

use std::io::{Cursor, Write};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

/// The files of archives: NumPy's own names, and others.
pub const NAMES: [&str; 16] = [
    "x.npy",
    "y.npy",
    "label.npy",
    "data.npy",
    "indices.npy",
    "indptr.npy",
    "shape.npy",
    "format.npy",
    "row.npy",
    "col.npy",
    "_is_array.npy",
    "a.csv",
    "b.csv",
    "coords.npy",
    "a.csv.gz",
    "offsets.npy",
];

/// An archive of files, each a byte for the name, two bytes for the length, and the content; the last takes all that is left.
pub fn archive(mut bytes: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    while let [name, low, high, rest @ ..] = bytes {
        let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        // A second file of the same name is refused by the writer.
        if zip.start_file(NAMES[usize::from(*name) % NAMES.len()], stored).is_ok() {
            zip.write_all(&rest[..length]).expect("memory");
        }
        bytes = &rest[length..];
    }
    zip.finish().expect("memory").into_inner()
}

/// What [`archive`] makes an archive of.
pub fn part(name: &str, content: &[u8]) -> Option<Vec<u8>> {
    let index = NAMES.iter().position(|known| *known == name)? as u8;
    let length = u16::try_from(content.len()).ok()?.to_le_bytes();
    Some([&[index], &length[..], content].concat())
}

/// A file of columns: letters, columns, metadata, the length of the metadata, letters. The input begins with the length and the metadata,
/// so that both can grow without the other.
pub fn framed(bytes: &[u8], begin: &[u8], end: &[u8]) -> Vec<u8> {
    let [low, high, rest @ ..] = bytes else { return begin.to_vec() };
    let length = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
    let (metadata, columns) = rest.split_at(length);
    [begin, columns, metadata, &(length as u32).to_le_bytes(), end].concat()
}

/// What [`framed`] makes such a file of.
pub fn unframed(file: &[u8], begin: &[u8], end: &[u8]) -> Option<Vec<u8>> {
    let (inside, length) = file.strip_prefix(begin)?.strip_suffix(end)?.split_last_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (columns, metadata) = inside.split_at_checked(inside.len().checked_sub(length)?)?;
    Some([&u16::try_from(length).ok()?.to_le_bytes(), metadata, columns].concat())
}
