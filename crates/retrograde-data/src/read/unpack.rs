//! Out of the containers: gzip and Zstandard, and archives of several files.

use super::ReadOptions;
use super::{archive, contents, gzip, named, zst};
use crate::error::DataError;
use crate::table::Table;
use std::borrow::Cow;

/// The content of a file, and what it was compressed with.
struct Content<'a> {
    bytes: Cow<'a, [u8]>,
    compression: Option<&'static str>,
}

/// Takes off one compression. A second one is left on, and refused by whoever looks at the content.
fn decompress<'a>(name: &str, bytes: &'a [u8], limit: u64) -> Result<Content<'a>, DataError> {
    Ok(if gzip::is_gzip(bytes) {
        Content { bytes: gzip::decompress(name, bytes, limit)?.into(), compression: Some("gzip") }
    } else if zst::is_zst(bytes) {
        Content { bytes: zst::decompress(name, bytes, limit)?.into(), compression: Some("zstd") }
    } else {
        Content { bytes: bytes.into(), compression: None }
    })
}

/// Bytes that may be compressed or an archive to a table; `member` is the file of the archive that is meant.
pub(super) fn table(
    name: &str,
    bytes: &[u8],
    member: Option<&str>,
    options: &ReadOptions,
) -> Result<Table, DataError> {
    let content = decompress(name, bytes, options.max_bytes)?;
    let mut table = if archive::is_zip(&content.bytes) {
        archive::read_zip(name, &content.bytes, member, options)?
    } else if let Some(member) = member {
        let (name, member) = (name.to_owned(), member.to_owned());
        return Err(DataError::NoMember { name, member, members: Vec::new() });
    } else {
        contents(name, &content.bytes, options)?
    };
    finish_format(&mut table, content.compression, name);
    Ok(table)
}

/// A file of an archive to a table. It may be compressed, and then what comes out counts as well as what went in; another
/// archive is refused.
pub(super) fn member(
    archive: &mut archive::Archive,
    file: usize,
    options: &ReadOptions,
) -> Result<Table, DataError> {
    let (name, bytes) = (archive.name_of(file), archive.whole(file)?);
    let content = decompress(&name, &bytes, archive.left()).map_err(|error| archive.in_total(error))?;
    if content.compression.is_some() {
        archive.take(file, content.bytes.len() as u64);
    }
    let mut table = contents(&name, &content.bytes, options)?;
    finish_format(&mut table, content.compression, &name);
    Ok(table)
}

/// Says the compression, and where the name promises something else.
fn finish_format(table: &mut Table, compression: Option<&str>, name: &str) {
    let format = &mut table.origin.format;
    format.extend(compression.iter().flat_map(|compression| [" · ", compression]));
    let mismatch = named::mismatch(name, format);
    format.push_str(&mismatch);
}
