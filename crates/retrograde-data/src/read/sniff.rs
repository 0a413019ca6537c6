//! Which format some bytes have.

use super::bytes::take;
use super::{Header, ReadOptions, arff, named, svmlight};
use crate::error::DataError;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// MNIST's format.
    Idx,
    /// MATLAB's format, version 5.
    Mat,
    /// Apache's format of compressed columns.
    Parquet,
    /// Arrow arrays with a footer; Feather version 2.
    ArrowFile,
    /// Arrow arrays one batch after the other.
    ArrowStream,
    /// NumPy's format of one array.
    Npy,
    /// Text: see [`text_format`].
    Text,
}

/// The formats of text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TextFormat {
    /// Weka's format.
    Arff,
    /// Sparse rows of `index:value`.
    Svmlight,
    /// Cells between delimiters.
    Delimited,
}

/// How much of a text is looked at to tell its format.
pub(crate) const SAMPLE: usize = 1 << 16;

/// Chooses among the formats of text: by the content, then by the extension. A delimiter or a header that was asked for
/// is one of delimited text.
pub(crate) fn text_format(name: &str, bytes: &[u8], options: &ReadOptions) -> TextFormat {
    let extension = named::extension(name);
    if options.delimiter.is_some() || options.header != Header::Sniff {
        TextFormat::Delimited
    } else if arff::is_arff(bytes) {
        TextFormat::Arff
    } else if svmlight::is_svmlight(bytes) || matches!(extension.as_str(), "svm" | "svmlight" | "libsvm") {
        TextFormat::Svmlight
    } else if extension == "arff" {
        TextFormat::Arff
    } else {
        TextFormat::Delimited
    }
}

/// The advice for files of numerical arrays.
const SAVE_V7: &str = "in MATLAB or Octave:  save -v7 FILE";

/// Formats that are recognised and not read: first bytes, name, advice.
const OTHERS: [(&[u8], &str, &str); 8] = [
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", SAVE_V7),
    (
        b"FEA1",
        "a Feather file of version 1",
        "in Python:  pandas.read_feather('FILE').to_parquet('FILE.parquet')",
    ),
    (b"PARE", "an encrypted Parquet file", "write it without encryption"),
    (b"PK\x03\x04", "a zip archive within an archive", "unzip the outer one:  unzip FILE"),
    (b"BZh", "a bzip2 file", "decompress it:  bunzip2 FILE"),
    (b"\xfd7zXZ\0", "an xz file", "decompress it:  unxz FILE"),
    (b"\x1f\x8b", "compressed twice", "decompress it once:  gunzip FILE"),
    (b"\x28\xb5\x2f\xfd", "compressed twice", "decompress it once:  zstd -d FILE"),
];

/// Chooses the format by the first bytes, then by the extension.
///
/// # Errors
/// [`DataError::Empty`] without bytes, [`DataError::Unsupported`] for a format that is not read,
/// [`DataError::Damaged`] when the name promises a binary format and the content is not of it.
pub(crate) fn format(name: &str, bytes: &[u8]) -> Result<Format, DataError> {
    if bytes.is_empty() {
        return Err(DataError::Empty { name: name.to_owned() });
    }
    let unsupported = |found, advice| DataError::Unsupported { name: name.to_owned(), found, advice };
    if let Some(&(_, found, advice)) = OTHERS.iter().find(|(magic, _, _)| bytes.starts_with(magic)) {
        return Err(unsupported(found, advice));
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Err(unsupported("a tar archive", "unpack it:  tar -xf FILE"));
    }
    if bytes.starts_with(b"\x93NUMPY") {
        return Ok(Format::Npy);
    }
    if let Some(format) = columnar(bytes) {
        return Ok(format);
    }
    if is_mat(bytes, 1) {
        return Ok(Format::Mat);
    }
    if is_mat(bytes, 2) || bytes.starts_with(b"MATLAB 7.3 MAT-file") {
        return Err(unsupported("a MAT file of version 7.3 (HDF5)", SAVE_V7));
    }
    let extension = named::extension(name);
    if extension == "npy" {
        return Err(not_as_named(name, "NPY", bytes, "93 4e 55 4d 50 59 (NUMPY)"));
    }
    if extension == "mat" {
        return Err(if is_mat4(bytes) {
            unsupported("a MAT file of version 4", SAVE_V7)
        } else {
            not_as_named(name, "MAT", bytes, "the header of a MAT file of version 5")
        });
    }
    if matches!(extension.as_str(), "parquet" | "pq") {
        return Err(not_as_named(name, "Parquet", bytes, "`PAR1`"));
    }
    if matches!(extension.as_str(), "arrow" | "arrows" | "feather" | "ipc") {
        return Err(not_as_named(name, "Arrow", bytes, "`ARROW1`, or ff ff ff ff of a stream"));
    }
    if bytes.starts_with(&[0, 0]) && bytes.get(2).is_some_and(|&kind| matches!(kind, 8..=9 | 11..=14)) {
        return Ok(Format::Idx);
    }
    let lower = name.to_ascii_lowercase();
    if extension.starts_with("idx") || lower.strip_suffix(".gz").unwrap_or(&lower).ends_with("-ubyte") {
        return Err(not_as_named(name, "IDX", bytes, "00 00, an element type and the number of dimensions"));
    }
    Ok(Format::Text)
}

/// The format of a file of columns, from its first eight bytes.
pub(crate) fn columnar(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(b"PAR1") {
        Some(Format::Parquet)
    } else if bytes.starts_with(b"ARROW1") {
        Some(Format::ArrowFile)
    } else if bytes.starts_with(&[0xff; 4])
        && take(bytes, 4).is_some_and(|length| i32::from_le_bytes(length) > 0)
    {
        Some(Format::ArrowStream)
    } else {
        None
    }
}

/// Whether the 128-byte header of a MAT file of this major version is there, in either byte order.
fn is_mat(bytes: &[u8], major: u8) -> bool {
    match take::<4>(bytes, 124) {
        Some([_, version, b'I', b'M'] | [version, _, b'M', b'I']) => version == major,
        _ => false,
    }
}

/// Whether the first word can be the type of a version 4 matrix, in either byte order.
fn is_mat4(bytes: &[u8]) -> bool {
    let plausible =
        |kind: u32| kind < 5000 && (kind / 100).is_multiple_of(10) && kind / 10 % 10 < 6 && kind % 10 < 3;
    take(bytes, 0)
        .is_some_and(|word| plausible(u32::from_le_bytes(word)) || plausible(u32::from_be_bytes(word)))
}

fn not_as_named(name: &str, format: &'static str, bytes: &[u8], expected: &str) -> DataError {
    let first: Vec<String> = bytes.iter().take(4).map(|b| format!("{b:02x}")).collect();
    DataError::Damaged {
        name: name.to_owned(),
        format,
        offset: 0,
        found: first.join(" "),
        expected: expected.to_owned(),
    }
}
