//! The bytes of a file at any offset, from disk or from memory.

use crate::read::bytes::Fingerprint;
use arrow_buffer::{Buffer, MutableBuffer};
use bytes::Bytes;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// How many bytes are read at once where small parts follow each other.
const WINDOW: usize = 4096;

/// A file of known length. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Store {
    inner: Inner,
    length: u64,
    /// When a file had last been written to when it was opened.
    modified: Option<SystemTime>,
}

#[derive(Clone, Debug)]
enum Inner {
    /// The lock is held while seeking and reading: several passes may read at the same time.
    File(Arc<Mutex<File>>),
    Memory(Bytes),
}

impl Store {
    /// Opens a file; its bytes stay where they are.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let found = file.metadata()?;
        let (length, modified) = (found.len(), found.modified().ok());
        Ok(Self { inner: Inner::File(Arc::new(Mutex::new(file))), length, modified })
    }

    /// Bytes in memory.
    pub(super) fn memory(bytes: Vec<u8>) -> Self {
        let length = bytes.len() as u64;
        Self { inner: Inner::Memory(Bytes::from(bytes)), length, modified: None }
    }

    /// Whether nobody has written to the file since it was opened, as far as its length and its time tell.
    pub(super) fn is_untouched(&self) -> bool {
        let Inner::File(file) = &self.inner else { return true };
        let file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.metadata().is_ok_and(|now| now.len() == self.length && now.modified().ok() == self.modified)
    }

    /// The length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether `length` bytes at `offset` are inside the file.
    pub(super) fn holds(&self, offset: u64, length: u64) -> bool {
        offset.checked_add(length).is_some_and(|end| end <= self.length)
    }

    /// As many bytes at `offset` as fit into `into` and are there; 0 at the end.
    fn read_some(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        match &self.inner {
            Inner::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(offset))?;
                file.read(into)
            }
            Inner::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                (&bytes[start..]).read(into)
            }
        }
    }

    /// Fills `into` with the bytes at `offset`.
    pub(super) fn read_exact(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        if !self.holds(offset, into.len() as u64) {
            return Err(self.beyond(offset, into.len() as u64));
        }
        At { store: self, offset }.read_exact(into)
    }

    /// The bytes at `offset`, which are copied from a file and shared from memory. A length that the file does not
    /// have is refused before memory is taken.
    pub(super) fn bytes(&self, offset: u64, length: u64) -> io::Result<Bytes> {
        if !self.holds(offset, length) {
            return Err(self.beyond(offset, length));
        }
        match &self.inner {
            Inner::Memory(bytes) => Ok(bytes.slice(offset as usize..(offset + length) as usize)),
            Inner::File(_) => {
                let mut out = vec![0; length as usize];
                self.read_exact(offset, &mut out)?;
                Ok(out.into())
            }
        }
    }

    /// `place`, an offset and a length, with the bytes of `parts`, which are inside and counted from its beginning. What
    /// is between them may be zeros, for which no memory is touched.
    pub(super) fn parts(&self, place: (u64, u64), parts: &[(u64, u64)]) -> io::Result<Buffer> {
        let (offset, length) = place;
        if let Inner::Memory(_) = self.inner {
            return Ok(self.bytes(offset, length)?.into());
        }
        if !self.holds(offset, length) {
            return Err(self.beyond(offset, length));
        }
        let mut out = MutableBuffer::try_from_len_zeroed(length as usize).map_err(io::Error::other)?;
        for &(start, size) in parts {
            let into = out.get_mut(start as usize..(start + size) as usize);
            self.read_exact(offset + start, into.ok_or_else(|| self.beyond(start, size))?)?;
        }
        Ok(out.into())
    }

    /// The fingerprint of all bytes.
    pub(super) fn fingerprint(&self) -> io::Result<u64> {
        let mut fingerprint = Fingerprint::default();
        if let Inner::Memory(bytes) = &self.inner {
            fingerprint.update(bytes);
        } else {
            let (mut buffer, mut offset) = (vec![0; 1 << 16], 0);
            loop {
                let count = self.read_some(offset, &mut buffer)?;
                if count == 0 {
                    break;
                }
                fingerprint.update(&buffer[..count]);
                offset += count as u64;
            }
        }
        Ok(fingerprint.finish())
    }

    fn beyond(&self, offset: u64, length: u64) -> io::Error {
        let text =
            format!("{length} bytes are expected at byte {offset}, and the file ends at {}", self.length);
        io::Error::new(io::ErrorKind::UnexpectedEof, text)
    }
}

/// A place in a store from which is read on.
struct At<'a> {
    store: &'a Store,
    offset: u64,
}

impl Read for At<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.store.read_some(self.offset, into)?;
        self.offset += count as u64;
        Ok(count)
    }
}

/// The same with a store of its own.
pub(super) struct Reader {
    store: Store,
    offset: u64,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.store.read_some(self.offset, into)?;
        self.offset += count as u64;
        Ok(count)
    }
}

impl Length for Store {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Store {
    type T = BufReader<Reader>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::with_capacity(WINDOW, Reader { store: self.clone(), offset: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.bytes(start, length as u64).map_err(|error| ParquetError::EOF(error.to_string()))
    }
}
