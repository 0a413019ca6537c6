//! A delimited text, in memory or in a file, as UTF-8.

use super::blocks::{Blocks, SliceBlocks, StreamBlocks};
use super::cells::Dialect;
use super::encoding::{Encoding, Utf8Reader, is_windows_1252};
use crate::error::DataError;
use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where the bytes are.
#[derive(Clone, Copy)]
pub(super) enum Input<'a> {
    Memory(&'a str, &'a [u8]),
    File(&'a Path),
}

impl<'a> Input<'a> {
    /// What errors call it.
    pub(super) fn name(self) -> String {
        match self {
            Self::Memory(name, _) => name.to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// The bytes from the first on.
    fn open(self) -> Result<Box<dyn Read + Send + 'a>, DataError> {
        match self {
            Self::Memory(_, bytes) => Ok(Box::new(bytes)),
            Self::File(path) => Ok(Box::new(open(path)?)),
        }
    }
}

fn open(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(|source| DataError::Io { name: path.display().to_string(), source })
}

/// A text whose encoding is known.
pub(super) struct Text<'a> {
    pub(super) name: String,
    pub(super) encoding: Encoding,
    /// The length of the byte order mark.
    pub(super) mark: usize,
    content: Content<'a>,
}

enum Content<'a> {
    Memory(Cow<'a, [u8]>),
    File(PathBuf),
}

/// The beginning of a text.
pub(super) struct Head<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// Whether it is all there is.
    pub(super) whole: bool,
}

impl<'a> Text<'a> {
    /// Takes the encoding that is given, or else that of a byte order mark, or UTF-8.
    pub(super) fn open(input: Input<'a>, given: Option<Encoding>) -> Result<Self, DataError> {
        let name = input.name();
        let mut first = Vec::new();
        let read = input.open()?.take(3).read_to_end(&mut first);
        read.map_err(|source| DataError::Io { name: name.clone(), source })?;
        let marked = Encoding::of_mark(&first);
        let encoding = given.or(marked.map(|(encoding, _)| encoding)).unwrap_or(Encoding::UTF_8);
        let mark = marked.filter(|&(marked, _)| marked == encoding).map_or(0, |(_, length)| length);
        let content = match input {
            Input::File(path) => Content::File(path.to_owned()),
            Input::Memory(_, bytes) if encoding == Encoding::UTF_8 => {
                Content::Memory(Cow::Borrowed(&bytes[mark..]))
            }
            Input::Memory(..) => {
                let mut reader = Utf8Reader::new(&name, encoding, mark, input.open()?);
                let mut decoded = Vec::new();
                while reader.fill(&mut decoded, 1 << 20)? {}
                Content::Memory(Cow::Owned(decoded))
            }
        };
        Ok(Self { name, encoding, mark, content })
    }

    /// At least `length` bytes from the beginning, if there are as many.
    pub(super) fn head(&self, length: usize) -> Result<Head<'_>, DataError> {
        match &self.content {
            Content::Memory(bytes) => {
                let length = length.min(bytes.len());
                Ok(Head { bytes: Cow::Borrowed(&bytes[..length]), whole: length == bytes.len() })
            }
            Content::File(path) => {
                let mut reader = self.reader(path)?;
                let mut bytes = Vec::new();
                let mut more = true;
                // One byte more tells whether it is all.
                while more && bytes.len() <= length {
                    let missing = length + 1 - bytes.len();
                    more = reader.fill(&mut bytes, missing)?;
                }
                let whole = bytes.len() <= length;
                bytes.truncate(length);
                Ok(Head { bytes: Cow::Owned(bytes), whole })
            }
        }
    }

    fn reader(&self, path: &Path) -> Result<Utf8Reader<'static>, DataError> {
        Ok(Utf8Reader::new(&self.name, self.encoding, self.mark, Box::new(open(path)?)))
    }

    /// The text from the byte `start` on in blocks of about `size` bytes.
    pub(super) fn blocks(
        &self,
        start: usize,
        dialect: Dialect,
        size: usize,
    ) -> Result<Box<dyn Blocks<'_> + '_>, DataError> {
        match &self.content {
            Content::Memory(bytes) => Ok(Box::new(SliceBlocks { rest: &bytes[start..], dialect, size })),
            Content::File(path) => Ok(Box::new(StreamBlocks::new(self.reader(path)?, start, dialect, size)?)),
        }
    }

    /// About how many bytes of text there are.
    pub(super) fn size(&self) -> u64 {
        match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::File(path) => path.metadata().map_or(0, |found| found.len()),
        }
    }
}

/// Does something with a text; once more when its bytes turn out to be no UTF-8 but Windows-1252.
pub(super) fn with_text<'a, T>(
    input: Input<'a>,
    given: Option<Encoding>,
    act: impl Fn(Text<'a>) -> Result<T, DataError>,
) -> Result<T, DataError> {
    let text = Text::open(input, given)?;
    let guessed = given.is_none() && text.mark == 0;
    match act(text) {
        Err(error @ DataError::NotUtf8 { .. }) if guessed => {
            if is_windows_1252(&input.name(), input.open()?)? {
                act(Text::open(input, Some(Encoding::WINDOWS_1252))?)
            } else {
                Err(error)
            }
        }
        result => result,
    }
}
