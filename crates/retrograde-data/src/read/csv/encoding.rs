//! Encodings of text, and any of them to UTF-8 as it is read.

use crate::error::DataError;
use crate::read::bytes::Fingerprint;
use encoding_rs::{Decoder, DecoderResult, UTF_8, WINDOWS_1252};
use std::io::Read;

/// How the characters of a text are bytes.
///
/// ```
/// use retrograde_data::Encoding;
///
/// assert_eq!(Encoding::named("latin1")?.name(), "windows-1252");
/// assert!(Encoding::named("klingon").is_err());
/// # Ok::<(), retrograde_data::DataError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    pub(super) const UTF_8: Self = Self(UTF_8);
    pub(super) const WINDOWS_1252: Self = Self(WINDOWS_1252);

    /// The encoding that the web calls by this label: `utf-8`, `utf-16le`, `latin1`, `windows-1251`, `shift_jis`, `gbk`, ….
    ///
    /// # Errors
    /// [`DataError::UnknownEncoding`].
    pub fn named(label: &str) -> Result<Self, DataError> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .map(Self)
            .ok_or_else(|| DataError::UnknownEncoding { found: label.to_owned() })
    }

    /// Its name in small letters.
    pub fn name(self) -> String {
        self.0.name().to_ascii_lowercase()
    }

    /// The encoding that a byte order mark tells, and the mark's length.
    pub(super) fn of_mark(bytes: &[u8]) -> Option<(Self, usize)> {
        encoding_rs::Encoding::for_bom(bytes).map(|(encoding, length)| (Self(encoding), length))
    }
}

/// Reads text in any encoding as UTF-8. What is said to be UTF-8 is passed on as it is.
pub(super) struct Utf8Reader<'a> {
    name: String,
    encoding: Encoding,
    /// The bytes, which are fingerprinted as they come.
    inner: Box<dyn Read + Send + 'a>,
    fingerprint: Fingerprint,
    /// What a decoder knows, and the bytes that it has not taken.
    decoder: Option<(Decoder, Vec<u8>)>,
    /// Bytes of a byte order mark that are to be left out.
    mark: usize,
    ended: bool,
}

/// How many bytes are decoded at a time.
const CHUNK: usize = 1 << 16;

impl<'a> Utf8Reader<'a> {
    /// Leaves out the first `mark` bytes.
    pub(super) fn new(name: &str, encoding: Encoding, mark: usize, inner: Box<dyn Read + Send + 'a>) -> Self {
        let decoder =
            (encoding.0 != UTF_8).then(|| (encoding.0.new_decoder_without_bom_handling(), Vec::new()));
        let fingerprint = Fingerprint::default();
        Self { name: name.to_owned(), encoding, inner, fingerprint, decoder, mark, ended: false }
    }

    /// Appends some `wanted` bytes of text, and in another encoding than UTF-8 a few more or fewer. `false` at the end.
    pub(super) fn fill(&mut self, out: &mut Vec<u8>, wanted: usize) -> Result<bool, DataError> {
        if self.mark > 0 {
            let mut mark = Vec::new();
            self.bytes(&mut mark, self.mark)?;
            self.mark = 0;
        }
        if self.ended {
            return Ok(false);
        }
        if self.decoder.is_none() {
            self.ended = self.bytes(out, wanted)? < wanted;
            return Ok(!self.ended);
        }
        let goal = out.len() + wanted;
        while !self.ended && out.len() < goal {
            self.decode(out)?;
        }
        Ok(!self.ended)
    }

    /// Appends at most so many bytes of the file.
    fn bytes(&mut self, out: &mut Vec<u8>, wanted: usize) -> Result<usize, DataError> {
        let start = out.len();
        out.reserve(wanted);
        let read = self.inner.by_ref().take(wanted as u64).read_to_end(out);
        let read = read.map_err(|source| DataError::Io { name: self.name.clone(), source })?;
        self.fingerprint.update(&out[start..]);
        Ok(read)
    }

    /// Decodes the next chunk.
    fn decode(&mut self, out: &mut Vec<u8>) -> Result<(), DataError> {
        let Some((mut decoder, mut raw)) = self.decoder.take() else { return Ok(()) };
        let before = raw.len();
        self.ended = self.bytes(&mut raw, CHUNK)? < CHUNK;
        let room =
            decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(4 * raw.len() + 16);
        let start = out.len();
        out.resize(start + room, 0);
        let (result, taken, written) =
            decoder.decode_to_utf8_without_replacement(&raw, &mut out[start..], self.ended);
        out.truncate(start + written);
        if let DecoderResult::Malformed(..) = result {
            let offset = self.fingerprint.length() - (raw.len() - taken) as u64;
            return Err(DataError::NotDecoded {
                name: self.name.clone(),
                encoding: self.encoding.name(),
                offset,
            });
        }
        debug_assert!(before <= CHUNK, "a decoder takes all it is given");
        raw.drain(..taken);
        self.decoder = Some((decoder, raw));
        Ok(())
    }

    /// The fingerprint of all bytes, when they were read to their end.
    pub(super) fn fingerprint(&self) -> Option<u64> {
        self.ended.then(|| self.fingerprint.finish())
    }
}

/// Whether bytes that are no UTF-8 are plausible text in Windows-1252: none of them is undefined there or a control
/// character, and more of them are no UTF-8 than make up characters of it, which a damaged text would still have.
pub(super) fn is_windows_1252(name: &str, bytes: Box<dyn Read + Send + '_>) -> Result<bool, DataError> {
    let mut bytes = bytes;
    let mut chunk = Vec::new();
    let (mut strange, mut characters) = (0_u64, 0_u64);
    loop {
        let read = bytes.by_ref().take(1 << 20).read_to_end(&mut chunk);
        let ended = read.map_err(|source| DataError::Io { name: name.to_owned(), source })? == 0;
        // A character is not cut in two: the chunk ends with an ASCII byte, or is all that there is.
        let cut = if ended { None } else { chunk.iter().rposition(u8::is_ascii) };
        let whole = cut.map_or(chunk.len(), |last| last + 1);
        let impossible =
            |&b: &u8| matches!(b, 0..=8 | 11 | 14..=31 | 0x7f | 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
        for part in chunk[..whole].utf8_chunks() {
            strange += part.invalid().len() as u64;
            characters += part.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
        }
        if chunk[..whole].iter().any(impossible) {
            return Ok(false);
        }
        chunk.drain(..whole);
        if ended {
            return Ok(strange > characters);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Utf8Reader, is_windows_1252};
    use std::io::{Cursor, Read};

    /// Gives a few bytes at a time.
    struct Slowly(Cursor<Vec<u8>>, usize);

    impl Read for Slowly {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let most = buffer.len().min(self.1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn decoded(label: &str, bytes: &[u8], wanted: usize) -> Result<String, String> {
        let encoding = Encoding::named(label).expect("a label");
        let inner = Box::new(Slowly(Cursor::new(bytes.to_vec()), 3));
        let mut reader = Utf8Reader::new("t", encoding, 0, inner);
        let mut out = Vec::new();
        while reader.fill(&mut out, wanted).map_err(|error| error.to_string())? {}
        assert_eq!(reader.fingerprint(), Some(crate::read::fingerprint(bytes)));
        String::from_utf8(out).map_err(|error| error.to_string())
    }

    #[test]
    fn text_is_decoded_in_pieces_of_any_size() {
        let text = "é€𝄞,a\n".repeat(40_000);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for wanted in [1, 7, 1 << 20] {
            assert_eq!(decoded("utf-16le", &little, wanted).as_deref(), Ok(text.as_str()));
        }
        assert_eq!(decoded("latin1", b"caf\xe9 \x80", 2).as_deref(), Ok("café €"));
        assert_eq!(decoded("utf-8", text.as_bytes(), 5).as_deref(), Ok(text.as_str()));
        let lone = decoded("utf-16be", &[0, 0x61, 0xd8, 0, 0, 0x62], 100).expect_err("half a pair");
        assert_eq!(lone, "t, byte 4: these bytes are no utf-16be");
    }

    #[test]
    fn windows_1252_is_told_from_damaged_text() {
        let is = |bytes: &'static [u8]| is_windows_1252("t", Box::new(bytes)).expect("memory");
        assert!(is(b"a,b\n1,caf\xe9\n"));
        assert!(is(b"\x80 1,200"));
        assert!(!is("é ü \u{e9}".as_bytes()), "UTF-8");
        assert!(!is(b"\xc3\xa9 and \xc3"), "damaged UTF-8");
        assert!(!is(b"caf\xe9 \x81"), "undefined");
        assert!(!is(b"caf\xe9 \0"), "binary");
    }
}
