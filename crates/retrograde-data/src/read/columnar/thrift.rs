//! As much of Thrift's compact protocol as it takes to find the sizes in a Parquet file before they are believed.

/// The deepest nesting that is followed: of values to skip, and of groups in a schema.
const MAX_DEPTH: usize = 64;

/// Kinds of values, as the protocol numbers them.
mod kind {
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const I16: u8 = 4;
    pub(super) const I32: u8 = 5;
    pub(super) const I64: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const SET: u8 = 10;
    pub(super) const MAP: u8 = 11;
    pub(super) const STRUCT: u8 = 12;
}

/// Reads values one after the other; `None` where they end too early or make no sense.
struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let (value, end) = varint(self.bytes, self.at)?;
        self.at = end;
        Some(value)
    }

    /// A signed number: 0, −1, 1, −2, … are written as 0, 1, 2, 3, ….
    fn signed(&mut self) -> Option<i64> {
        let raw = self.varint()?;
        Some((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed())
    }

    fn advance(&mut self, length: u64) -> Option<()> {
        self.at = self.at.checked_add(usize::try_from(length).ok()?).filter(|&at| at <= self.bytes.len())?;
        Some(())
    }

    /// Calls `visit` with the number and kind of every field of a struct; it reads the field, or says `None` to end it
    /// all, or `Some(false)` to have the field skipped.
    fn fields(
        &mut self,
        depth: usize,
        visit: &mut dyn FnMut(&mut Self, i64, u8) -> Option<bool>,
    ) -> Option<()> {
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = if head >> 4 == 0 { self.signed()? } else { id.checked_add(i64::from(head >> 4))? };
            if !visit(self, id, head & 15)? {
                self.skip(head & 15, depth)?;
            }
        }
    }

    /// The length and the kind of the elements of a list.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let length = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        // Every element takes a byte at least.
        (length <= (self.bytes.len() - self.at) as u64).then_some((length, head & 15))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let deeper = depth.checked_sub(1)?;
        match kind {
            kind::TRUE | kind::FALSE => Some(()),
            kind::BYTE => self.advance(1),
            kind::I16 | kind::I32 | kind::I64 => self.varint().map(|_| ()),
            kind::DOUBLE => self.advance(8),
            kind::BINARY => {
                let length = self.varint()?;
                self.advance(length)
            }
            kind::LIST | kind::SET => {
                let (length, kind) = self.list()?;
                (0..length).try_for_each(|_| self.skip_element(kind, deeper))
            }
            kind::MAP => {
                let length = self.varint()?;
                if length == 0 {
                    return Some(());
                }
                let kinds = self.byte()?;
                (0..length).try_for_each(|_| {
                    self.skip_element(kinds >> 4, deeper)?;
                    self.skip_element(kinds & 15, deeper)
                })
            }
            kind::STRUCT => self.fields(deeper, &mut |_, _, _| Some(false)),
            _ => None,
        }
    }

    /// In lists and maps a truth value takes a byte.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        if matches!(kind, kind::TRUE | kind::FALSE) { self.advance(1) } else { self.skip(kind, depth) }
    }
}

/// An unsigned number in groups of seven bits at `at`, and where it ends.
pub(super) fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (i, &byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * i as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, at + i + 1));
        }
    }
    None
}

/// The sizes in the header of a page.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PageHead {
    /// The length of the header itself.
    pub(super) length: usize,
    /// 0 data, 1 index, 2 dictionary, 3 data in the second form.
    pub(super) kind: i64,
    /// The length of the content once it is decompressed.
    pub(super) uncompressed: i64,
    /// The length of the content in the file.
    pub(super) compressed: i64,
    /// The number of values of a dictionary.
    pub(super) dictionary: i64,
}

/// Reads the header of a page from the bytes in which it begins; `None` when they do not hold all of it.
pub(super) fn page_head(bytes: &[u8]) -> Option<PageHead> {
    let mut head = PageHead::default();
    let mut thrift = Thrift { bytes, at: 0 };
    thrift.fields(MAX_DEPTH, &mut |thrift, id, kind| {
        match (id, kind) {
            (1, kind::I32) => head.kind = thrift.signed()?,
            (2, kind::I32) => head.uncompressed = thrift.signed()?,
            (3, kind::I32) => head.compressed = thrift.signed()?,
            (7, kind::STRUCT) => thrift.fields(MAX_DEPTH, &mut |thrift, id, kind| {
                let is_count = (id, kind) == (1, kind::I32);
                if is_count {
                    head.dictionary = thrift.signed()?;
                }
                Some(is_count)
            })?,
            _ => return Some(false),
        }
        Some(true)
    })?;
    head.length = thrift.at;
    Some(head)
}

/// Checks that the schema in a footer is one tree, no deeper than is sensible: what reads it afterwards follows it by
/// recursion, and takes memory for as many children as a group claims.
pub(super) fn is_sound_schema(footer: &[u8]) -> bool {
    let mut found = None;
    let read = Thrift { bytes: footer, at: 0 }.fields(MAX_DEPTH, &mut |thrift, id, kind| {
        if (id, kind) != (2, kind::LIST) {
            return Some(false);
        }
        found = Some(is_tree(thrift)?);
        Some(true)
    });
    read.is_some() && found == Some(true)
}

/// Whether the elements of a schema, each of which says how many of the next ones are its children, are one tree.
fn is_tree(thrift: &mut Thrift<'_>) -> Option<bool> {
    let (elements, kind) = thrift.list()?;
    // How many children each open group still waits for.
    let mut open = vec![1_i64];
    for left in (0..elements).rev() {
        let mut children = 0;
        if kind != kind::STRUCT {
            return Some(false);
        }
        thrift.fields(MAX_DEPTH, &mut |thrift, id, kind| {
            let is_count = (id, kind) == (5, kind::I32);
            if is_count {
                children = thrift.signed()?;
            }
            Some(is_count)
        })?;
        while open.last() == Some(&0) {
            open.pop();
        }
        let Some(waiting) = open.last_mut() else { return Some(false) };
        *waiting -= 1;
        if children < 0 || children as u64 > left || open.len() > MAX_DEPTH {
            return Some(false);
        }
        if children > 0 {
            open.push(children);
        }
    }
    Some(open.iter().all(|&waiting| waiting == 0))
}

#[cfg(test)]
mod tests {
    use super::{PageHead, is_sound_schema, page_head, varint};

    /// A footer with a schema of groups with these numbers of children.
    fn footer(children: &[u8]) -> Vec<u8> {
        // Field 1, i32 1; field 2, a list of structs.
        let mut out = vec![0x15, 2, 0x19, 0xfc, children.len() as u8];
        for &n in children {
            // Field 4, a name of one byte; field 5, i32; stop.
            out.extend([0x48, 1, b'x', 0x15, n * 2, 0]);
        }
        out.push(0);
        out
    }

    #[test]
    fn the_sizes_of_a_page_are_found_among_other_fields() {
        // kind 2, sizes 300 and 20, a checksum, a dictionary of 5 values, sorted.
        let bytes = [0x15, 4, 0x15, 0xd8, 4, 0x15, 40, 0x15, 9, 0x3c, 0x15, 10, 0x15, 0, 0x11, 0, 0];
        let head =
            PageHead { length: bytes.len(), kind: 2, uncompressed: 300, compressed: 20, dictionary: 5 };
        assert_eq!(page_head(&bytes), Some(head));
        for cut in 0..bytes.len() {
            assert_eq!(page_head(&bytes[..cut]), None, "cut at {cut}");
        }
    }

    #[test]
    fn a_schema_must_be_one_tree() {
        assert!(is_sound_schema(&footer(&[2, 0, 0])));
        assert!(is_sound_schema(&footer(&[2, 1, 0, 0])));
        for bad in [&[3, 0, 0][..], &[1, 0, 0], &[2, 0], &[1, 120]] {
            assert!(!is_sound_schema(&footer(bad)), "{bad:?}");
        }
        let mut deep = vec![1; 100];
        deep.push(0);
        assert!(!is_sound_schema(&footer(&deep)));
    }

    #[test]
    fn numbers_end_somewhere() {
        assert_eq!(varint(&[0xac, 2], 0), Some((300, 2)));
        assert_eq!(varint(&[0xff; 20], 0), None);
        assert_eq!(varint(&[0x80], 0), None);
    }
}
