//! Zip archives: one file in them, several that are parts of one table, or NumPy's NPZ.

use super::gzip::drain;
use super::{ReadOptions, many, named, npz, unpack};
use crate::error::DataError;
use crate::table::Table;
use std::io::{Cursor, Read as _};
use zip::CompressionMethod;

/// An archive in memory.
type Zip<'a> = zip::ZipArchive<Cursor<&'a [u8]>>;

/// What is said of the methods besides deflate, which hardly any program writes.
const UNUSUAL: &str = "in a zip archive with an unusual compression";
const REPACK: &str = "unpack it, or pack it with the method deflate";

/// What to do with a spreadsheet.
const EXPORT: &str = "export the sheet as CSV";

/// Whether the bytes begin like a zip archive, an empty one included.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// A zip archive whose files can be taken out one by one. What they hold together is bounded.
pub(super) struct Archive<'a> {
    name: &'a str,
    zip: Zip<'a>,
    /// The files: index, name. Folders, hidden files and what macOS adds are left out.
    files: Vec<(usize, String)>,
    /// How many bytes were taken out of each file; reading it again replaces them.
    taken: Vec<u64>,
    limit: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(name: &'a str, bytes: &'a [u8], limit: u64) -> Result<Self, DataError> {
        let zip = Zip::new(Cursor::new(bytes)).map_err(|error| damaged(name, error))?;
        let named = (0..zip.len()).filter_map(|i| {
            let file = zip.name_for_index(i)?.ok()?.into_owned();
            is_content(&file).then_some((i, file))
        });
        let files: Vec<_> = named.collect();
        let taken = vec![0; files.len()];
        Ok(Self { name, zip, files, taken, limit })
    }

    /// The names of the files.
    pub(super) fn names(&self) -> Vec<String> {
        self.files.iter().map(|(_, name)| name.clone()).collect()
    }

    /// The first bytes of a file, at most `most`.
    pub(super) fn beginning(&mut self, file: usize, most: u64) -> Result<Vec<u8>, DataError> {
        let name = self.name_of(file);
        let member = self.member(file)?;
        let mut bytes = Vec::new();
        let read = member.take(most).read_to_end(&mut bytes);
        read.map_err(|error| damaged(&name, error.into()))?;
        Ok(bytes)
    }

    /// A whole file, checked against its checksum.
    pub(super) fn whole(&mut self, file: usize) -> Result<Vec<u8>, DataError> {
        let name = self.name_of(file);
        self.taken[file] = 0;
        let left = self.left();
        let bytes = {
            let member = self.member(file)?;
            if member.size() > left {
                Err(DataError::TooLarge { name, limit: left })
            } else {
                drain(member, &name, "zip", left)
            }
        };
        let bytes = bytes.map_err(|error| self.in_total(error))?;
        self.taken[file] = bytes.len() as u64;
        Ok(bytes)
    }

    /// How many bytes may still be taken out.
    pub(super) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.taken.iter().fold(0, |sum, &taken| sum.saturating_add(taken)))
    }

    /// Counts more bytes that a file turned out to have.
    pub(super) fn take(&mut self, file: usize, more: u64) {
        self.taken[file] = self.taken[file].saturating_add(more);
    }

    /// What is left of the limit is no help to a reader of the error: it should name the whole.
    pub(super) fn in_total(&self, error: DataError) -> DataError {
        match error {
            DataError::TooLarge { .. } => {
                DataError::TooLarge { name: self.name.to_owned(), limit: self.limit }
            }
            other => other,
        }
    }

    /// A file, ready to be read.
    fn member(&mut self, file: usize) -> Result<zip::read::ZipFile<'_, Cursor<&'a [u8]>>, DataError> {
        let name = self.name_of(file);
        let member = self.zip.by_index(self.files[file].0).map_err(|error| damaged(&name, error))?;
        match member.compression() {
            CompressionMethod::Stored | CompressionMethod::Deflated => Ok(member),
            _ => Err(DataError::Unsupported { name, found: UNUSUAL, advice: REPACK }),
        }
    }

    /// How a file of the archive is called in errors.
    pub(super) fn name_of(&self, file: usize) -> String {
        format!("{}#{}", self.name, self.files[file].1)
    }
}

/// Reads an archive as a table: `member` if one is named, else its only file, else all its files if they have one
/// extension and the same columns.
pub(super) fn read_zip(
    name: &str,
    bytes: &[u8],
    member: Option<&str>,
    options: &ReadOptions,
) -> Result<Table, DataError> {
    let mut archive = Archive::open(name, bytes, options.max_bytes)?;
    let members = archive.names();
    if members.is_empty() {
        return Err(DataError::Empty { name: name.to_owned() });
    }
    if let Some(found) = office(&members) {
        return Err(DataError::Unsupported { name: name.to_owned(), found, advice: EXPORT });
    }
    if member.is_none() && members.iter().all(|file| is_npy(file)) {
        return npz::read_npz(&mut archive, name, options);
    }
    let chosen: Vec<usize> = match member {
        Some(wanted) => (0..members.len()).filter(|&i| is_wanted(&members[i], wanted)).collect(),
        None => (0..members.len()).collect(),
    };
    let mut table = match chosen[..] {
        [] => {
            let (name, member) = (name.to_owned(), member.unwrap_or_default().to_owned());
            return Err(DataError::NoMember { name, member, members });
        }
        [only] => unpack::member(&mut archive, only, options)?,
        _ => together(&mut archive, &chosen, options)?,
    };
    let what =
        if let [only] = chosen[..] { members[only].clone() } else { format!("{} files", chosen.len()) };
    table.origin.format.extend([" · zip (", &what, ")"]);
    table.origin.name = match member {
        Some(member) => format!("{name}#{member}"),
        None => name.to_owned(),
    };
    Ok(table)
}

/// Several files as one table.
fn together(archive: &mut Archive, chosen: &[usize], options: &ReadOptions) -> Result<Table, DataError> {
    let members = archive.names();
    let apart =
        |name: &str, why: String| DataError::Members { name: name.to_owned(), members: members.clone(), why };
    let extension = named::extension(&members[chosen[0]]);
    if let Some(&other) = chosen.iter().find(|&&i| named::extension(&members[i]) != extension) {
        let why = format!("{} and {} have different extensions", members[chosen[0]], members[other]);
        return Err(apart(archive.name, why));
    }
    let name = archive.name.to_owned();
    let joined = many::join(&name, chosen.len(), options, |part, options| {
        super::finish(unpack::member(archive, chosen[part], options)?, options)
    });
    joined.map_err(|error| match error {
        DataError::FileColumns { .. } => apart(&name, error.to_string()),
        other => other,
    })
}

/// Whether a file of an archive is one of NumPy's arrays by its name, as NumPy has it.
fn is_npy(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|extension| extension == "npy")
}

/// Whether a file of an archive can be meant by its name, or by a pattern.
fn is_wanted(file: &str, wanted: &str) -> bool {
    file == wanted || glob::Pattern::new(wanted).is_ok_and(|pattern| pattern.matches(file))
}

/// Whether a name in an archive is that of a file that somebody put there.
fn is_content(name: &str) -> bool {
    let is_hidden = |part: &str| part.starts_with('.') || part == "__MACOSX";
    !name.ends_with(['/', '\\']) && !name.split(['/', '\\']).any(is_hidden) && !name.is_empty()
}

/// What office programs write into archives.
fn office(members: &[String]) -> Option<&'static str> {
    let has = |name: &str| members.iter().any(|member| member == name);
    if has("xl/workbook.xml") || has("xl/workbook.bin") {
        Some("an Excel spreadsheet")
    } else if has("[Content_Types].xml") {
        Some("an Office document")
    } else if has("content.xml") && has("META-INF/manifest.xml") {
        Some("an OpenDocument file")
    } else {
        None
    }
}

/// What the zip reader found, in our words.
fn damaged(name: &str, error: zip::result::ZipError) -> DataError {
    use zip::result::ZipError;
    let name = name.to_owned();
    match error {
        ZipError::UnsupportedArchive(what) if what.to_ascii_lowercase().contains("password") => {
            let advice = "unpack it with its password first";
            DataError::Unsupported { name, found: "an encrypted archive", advice }
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            DataError::Unsupported { name, found: UNUSUAL, advice: REPACK }
        }
        error => DataError::Compressed { name, format: "zip", good: 0, found: error.to_string() },
    }
}
