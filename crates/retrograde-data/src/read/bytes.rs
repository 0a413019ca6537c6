//! Looking at bytes whose lengths cannot be trusted.

/// A stable 64-bit fingerprint: FNV-1a over 8-byte words (the last one padded with zeros), then over the length.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    let mut fingerprint = Fingerprint::default();
    fingerprint.update(bytes);
    fingerprint.finish()
}

/// [`fingerprint`] of bytes that come piece by piece.
pub(crate) struct Fingerprint {
    hash: u64,
    length: u64,
    /// The beginning of a word.
    pending: [u8; 8],
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, length: 0, pending: [0; 8] }
    }
}

impl Fingerprint {
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    /// Takes in the next bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        let held = (self.length % 8) as usize;
        self.length += bytes.len() as u64;
        if held > 0 {
            let taken = bytes.len().min(8 - held);
            self.pending[held..held + taken].copy_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if held + taken < 8 {
                return;
            }
            self.hash = Self::mixed(self.hash, self.pending);
        }
        let (words, rest) = bytes.as_chunks::<8>();
        self.hash = words.iter().fold(self.hash, |hash, &word| Self::mixed(hash, word));
        self.pending = [0; 8];
        self.pending[..rest.len()].copy_from_slice(rest);
    }

    /// How many bytes were taken in.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The fingerprint of all of them.
    pub(crate) fn finish(&self) -> u64 {
        let last = !self.length.is_multiple_of(8);
        let hash = if last { Self::mixed(self.hash, self.pending) } else { self.hash };
        (hash ^ self.length).wrapping_mul(Self::PRIME)
    }

    // The rotation lets high bits of a word reach low bits of the hash, which a product alone never does.
    fn mixed(hash: u64, word: [u8; 8]) -> u64 {
        (hash ^ u64::from_le_bytes(word)).wrapping_mul(Self::PRIME).rotate_left(29)
    }
}

/// The `N` bytes at `offset`, if they are there.
pub(crate) fn take<const N: usize>(bytes: &[u8], offset: usize) -> Option<[u8; N]> {
    bytes.get(offset..offset.checked_add(N)?)?.try_into().ok()
}

/// The 1-based line, and byte in the line, of an offset; `\n`, `\r\n` and a lone `\r` end lines.
pub(crate) fn line_and_byte(bytes: &[u8], offset: usize) -> (u64, u64) {
    let mut lines = LineCounter::default();
    let line = lines.line_at(bytes, offset);
    let start = bytes[..offset.min(bytes.len())]
        .iter()
        .rposition(|b| matches!(b, b'\n' | b'\r'))
        .map_or(0, |i| i + 1);
    (line, (offset - start) as u64 + 1)
}

/// Counts lines from offset to offset, so that asking for every row costs one pass.
#[derive(Default)]
pub(crate) struct LineCounter {
    offset: usize,
    ended: u64,
}

impl LineCounter {
    /// The 1-based line of an offset, which must not be before the last one asked for.
    pub(crate) fn line_at(&mut self, bytes: &[u8], offset: usize) -> u64 {
        let end = offset.min(bytes.len());
        for i in self.offset..end {
            let ends = match bytes[i] {
                b'\n' => true,
                b'\r' => bytes.get(i + 1) != Some(&b'\n'),
                _ => false,
            };
            self.ended += u64::from(ends);
        }
        self.offset = self.offset.max(end);
        self.ended + 1
    }
}

#[cfg(test)]
mod tests {
    use super::{Fingerprint, fingerprint, line_and_byte};

    #[test]
    fn every_line_end_counts_once() {
        let text = b"a\r\nb\nc\rd";
        assert_eq!(line_and_byte(text, 0), (1, 1));
        assert_eq!(line_and_byte(text, 3), (2, 1));
        assert_eq!(line_and_byte(text, 5), (3, 1));
        assert_eq!(line_and_byte(text, 7), (4, 1));
    }

    #[test]
    fn a_fingerprint_does_not_depend_on_the_pieces() {
        let bytes: Vec<u8> = (0..100).collect();
        for length in 0..40 {
            for piece in [1, 3, 8, 13] {
                let mut pieces = Fingerprint::default();
                bytes[..length].chunks(piece).for_each(|part| pieces.update(part));
                assert_eq!(pieces.finish(), fingerprint(&bytes[..length]), "{length} bytes by {piece}");
            }
        }
        assert_eq!(fingerprint(b"retrograde"), 0xb03a_0a73_6917_c9ea);
    }

    #[test]
    fn fingerprints_tell_length_order_and_bits_apart() {
        let all = [
            fingerprint(b""),
            fingerprint(b"\0"),
            fingerprint(b"\0\0"),
            fingerprint(b"ab"),
            fingerprint(b"ba"),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b));
        }
        assert_eq!(fingerprint(b"retrograde"), fingerprint(b"retrograde"));
    }
}
