//! Records of delimited text with the lines on which they start.

use crate::error::DataError;
use crate::read::bytes::{LineCounter, line_and_byte};

/// Delimited UTF-8 text without a byte order mark.
pub(super) struct Text<'a> {
    /// What errors call it.
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) delimiter: u8,
}

/// Where a record starts.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Offset in the bytes.
    offset: usize,
    /// 1-based line.
    pub(super) line: u64,
}

/// Reads records one after the other.
pub(super) struct Records<'a> {
    text: &'a Text<'a>,
    reader: csv::Reader<&'a [u8]>,
    record: csv::StringRecord,
    lines: LineCounter,
    last: Option<Place>,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a Text<'a>) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(text.delimiter);
        Self {
            text,
            reader: builder.from_reader(text.bytes),
            record: csv::StringRecord::new(),
            lines: LineCounter::default(),
            last: None,
        }
    }

    /// Reads the next record, see [`Records::record`]; blank lines are skipped. `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Place>, DataError> {
        let more = self.reader.read_record(&mut self.record).map_err(|error| self.damaged(&error))?;
        if !more {
            return Ok(None);
        }
        // The reader's position is before the line ends that it skips, and its lines do not know of a lone `\r`.
        let from = self.record.position().map_or(0, |p| p.byte() as usize);
        let skipped = self.text.bytes[from..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let offset = from + skipped;
        let place = Place { offset, line: self.lines.line_at(self.text.bytes, offset) };
        self.last = Some(place);
        Ok(self.last)
    }

    /// The record that was read last.
    pub(super) fn record(&self) -> &csv::StringRecord {
        &self.record
    }

    /// Refuses a last record whose quote never closes.
    pub(super) fn check_last_quotes(&self) -> Result<(), DataError> {
        self.last.map_or(Ok(()), |place| self.check_quotes(place))
    }

    /// Refuses a quote that opens in the record at `place` and is still open at the end of the text.
    pub(super) fn check_quotes(&self, place: Place) -> Result<(), DataError> {
        let bytes = &self.text.bytes[place.offset..];
        // Where the cell's quote opened, whether it is open now, and whether the last byte closed it.
        let (mut opened, mut open, mut closed, mut cell_start) = (0, false, false, true);
        for (i, &byte) in bytes.iter().enumerate() {
            let was_closed = std::mem::take(&mut closed);
            match (byte, open) {
                (b'"', true) => (open, closed) = (false, true),
                // A doubled quote closes and opens again.
                (b'"', false) if was_closed => open = true,
                (b'"', false) if cell_start => (open, opened) = (true, i),
                (b'\r' | b'\n', false) => break,
                _ => {}
            }
            cell_start = !open && byte == self.text.delimiter;
        }
        if !open {
            return Ok(());
        }
        let (line, _) = line_and_byte(self.text.bytes, place.offset + opened);
        Err(DataError::UnclosedQuote { name: self.text.name.to_owned(), line })
    }

    fn damaged(&self, error: &csv::Error) -> DataError {
        DataError::Damaged {
            name: self.text.name.to_owned(),
            format: "CSV",
            offset: self.reader.position().byte(),
            found: error.to_string(),
            expected: "delimited text".into(),
        }
    }
}
