//! What an array's header declares.

use super::element::{self, Element, Type};
use super::literal::{self, Literal};
use crate::error::DataError;
use crate::read::MAX_COLUMNS;
use crate::read::bytes::take;

/// The type and the shape of an array.
#[derive(Debug)]
pub(in crate::read) struct Header {
    /// The parts of an element that become columns; one without a name for elements that are no records.
    pub(super) fields: Vec<Field>,
    /// Parts of a record that no column can be made of, and why.
    pub(in crate::read) skipped: Vec<String>,
    /// Bytes of an element.
    pub(super) size: usize,
    pub(in crate::read) shape: Vec<u64>,
    fortran: bool,
    /// Where the elements start.
    pub(in crate::read) start: usize,
}

/// A part of an element.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) offset: usize,
    pub(super) element: Element,
}

/// Why an array is not read.
pub(in crate::read) enum Refused {
    /// The header contradicts itself or the file: at, found, expected.
    Damaged(usize, String, String),
    /// Elements that no column can be made of.
    Elements(&'static str),
    /// More columns than a table may have.
    Columns(u64),
}

impl Refused {
    pub(in crate::read) fn error(self, name: &str) -> DataError {
        let name = name.to_owned();
        match self {
            Self::Damaged(offset, found, expected) => {
                DataError::Damaged { name, format: "NPY", offset: offset as u64, found, expected }
            }
            Self::Columns(found) => DataError::TooManyColumns { name, found, limit: MAX_COLUMNS },
            Self::Elements(found) => {
                let advice = match found {
                    "Python objects" => {
                        "in Python, if all are numbers:  numpy.save('FILE.npy', array.astype(float))"
                    }
                    "complex" => "in Python:  numpy.save('FILE.npy', array.view(float))",
                    "extended precision" => "in Python:  numpy.save('FILE.npy', array.astype(float))",
                    _ => "in Python:  convert the array to numbers, texts or dates with astype",
                };
                let found = match found {
                    "complex" | "extended precision" => format!("{found} numbers"),
                    other => other.to_owned(),
                };
                DataError::Elements { name, found, advice }
            }
        }
    }

    /// What a file of several arrays says of one that is left out.
    pub(in crate::read) fn elements(&self) -> Option<&'static str> {
        if let Self::Elements(what) = self { Some(what) } else { None }
    }
}

impl Header {
    /// Reads the header at the beginning of `bytes`, which may end behind it.
    pub(in crate::read) fn parse(bytes: &[u8]) -> Result<Self, Refused> {
        let damaged = |at, found: &str, expected: &str| Refused::Damaged(at, found.into(), expected.into());
        let cut = || damaged(bytes.len(), "the end of the file", "the rest of the header");
        let [major, _] = take(bytes, 6).ok_or_else(cut)?;
        let (begin, length) = match major {
            1 => (10, u32::from(u16::from_le_bytes(take(bytes, 8).ok_or_else(cut)?))),
            2 | 3 => (12, u32::from_le_bytes(take(bytes, 8).ok_or_else(cut)?)),
            other => return Err(damaged(6, &format!("version {other}"), "version 1, 2 or 3")),
        };
        let start = begin + length as usize;
        let text = bytes.get(begin..start).ok_or_else(cut)?;
        let text: String = match (major, std::str::from_utf8(text)) {
            (_, Ok(text)) => text.to_owned(),
            // Before version 3 a header is in Latin-1, whose bytes are code points.
            (1 | 2, Err(_)) => text.iter().map(|&byte| char::from(byte)).collect(),
            (_, Err(error)) => {
                return Err(damaged(begin + error.valid_up_to(), "no UTF-8", "a header in UTF-8"));
            }
        };
        let expected = "{'descr': …, 'fortran_order': …, 'shape': …}";
        let unread = |at: usize| damaged(begin + at, "an unreadable header", expected);
        let Literal::Dict(items) = literal::parse(&text).map_err(unread)? else { return Err(unread(0)) };
        let item = |key: &str| items.iter().find(|(found, _)| found == key).map(|(_, value)| value);
        let (Some(descr), Some(Literal::Bool(fortran)), Some(Literal::List(shape))) =
            (item("descr"), item("fortran_order"), item("shape"))
        else {
            return Err(unread(0));
        };
        let shape = sizes(shape).ok_or_else(|| damaged(begin, "a shape that is none", expected))?;
        let mut header =
            Self { fields: Vec::new(), skipped: Vec::new(), size: 0, shape, fortran: *fortran, start };
        header.size = header.element(descr, "", 0).map_err(|problem| match problem {
            Problem::NoType => damaged(begin, "an element type that is none", "a type such as '<f8'"),
            Problem::Elements(what) => Refused::Elements(what),
            Problem::Columns(found) => Refused::Columns(found),
        })?;
        Ok(header)
    }

    /// Adds the columns of a type that begins at `offset` of an element, and gives its size.
    fn element(&mut self, descr: &Literal, name: &str, offset: usize) -> Result<usize, Problem> {
        match descr {
            Literal::Text(text) => match element::parse(text).ok_or(Problem::NoType)? {
                Type::Element(element) => {
                    if element.size > 0 {
                        self.fields.push(Field { name: name.to_owned(), offset, element });
                    }
                    Ok(element.size)
                }
                Type::Other(_, what @ "Python objects") => Err(Problem::Elements(what)),
                Type::Other(_, what) if name.is_empty() => Err(Problem::Elements(what)),
                Type::Other(size, what) => {
                    // Raw bytes without a name of their own only fill up a record.
                    if !(name.is_empty() || name.ends_with('.')) {
                        self.skipped.push(format!("{name} ({what})"));
                    }
                    Ok(size)
                }
            },
            Literal::List(fields) => {
                let mut size = 0_usize;
                for field in fields {
                    let at = offset.checked_add(size).ok_or(Problem::NoType)?;
                    size = size.checked_add(self.field(field, name, at)?).ok_or(Problem::NoType)?;
                }
                Ok(size)
            }
            _ => Err(Problem::NoType),
        }
    }

    /// A field of a record: `(name, type)` or `(name, type, shape)`; the name may be `(title, name)`.
    fn field(&mut self, field: &Literal, outer: &str, offset: usize) -> Result<usize, Problem> {
        let Literal::List(parts) = field else { return Err(Problem::NoType) };
        let (own, descr, shape) = match &parts[..] {
            [name, descr] => (name, descr, None),
            [name, descr, Literal::List(shape)] => (name, descr, Some(sizes(shape).ok_or(Problem::NoType)?)),
            _ => return Err(Problem::NoType),
        };
        let own = match own {
            Literal::Text(name) => name,
            Literal::List(both) => match &both[..] {
                [_, Literal::Text(name)] => name,
                _ => return Err(Problem::NoType),
            },
            _ => return Err(Problem::NoType),
        };
        let name = if outer.is_empty() { own.clone() } else { format!("{outer}.{own}") };
        // What fills up a record has no name; it is not the whole of the record all the same.
        let name = if own.is_empty() { format!("{outer}.") } else { name };
        let Some(shape) = shape else { return self.element(descr, &name, offset) };
        let count = shape.iter().try_fold(1_u64, |product, &n| product.checked_mul(n));
        let count =
            count.filter(|&n| n <= MAX_COLUMNS as u64).ok_or(Problem::Columns(count.unwrap_or(u64::MAX)))?;
        let (mut size, columns) = (0_usize, self.count());
        for index in 1..=count {
            let at = offset.checked_add(size).ok_or(Problem::NoType)?;
            let item = self.element(descr, &format!("{name}{index}"), at)?;
            size = size.checked_add(item).ok_or(Problem::NoType)?;
            self.check_count()?;
            // What gives no column gives none however often it is there: within each other, such arrays would take
            // years to count.
            if self.count() == columns {
                let all = usize::try_from(count).ok().and_then(|count| item.checked_mul(count));
                return all.ok_or(Problem::NoType);
            }
        }
        Ok(size)
    }

    /// The parts of an element found so far.
    fn count(&self) -> usize {
        self.fields.len() + self.skipped.len()
    }

    fn check_count(&self) -> Result<(), Problem> {
        let count = self.count();
        if count > MAX_COLUMNS { Err(Problem::Columns(count as u64)) } else { Ok(()) }
    }

    /// The number of rows: the first dimension, 1 of a single element.
    pub(in crate::read) fn rows(&self) -> usize {
        self.shape.first().map_or(1, |&n| usize::try_from(n).unwrap_or(usize::MAX))
    }

    /// The product of the other dimensions.
    pub(super) fn across(&self) -> u64 {
        self.shape.iter().skip(1).fold(1, |product: u64, &n| product.saturating_mul(n))
    }

    /// Compares what is declared with the bytes behind the header. Afterwards every size is one of the file.
    pub(in crate::read) fn check_data(&self, name: &str, bytes: &[u8]) -> Result<(), DataError> {
        let found = (bytes.len() - self.start) as u64;
        let product = self.shape.iter().try_fold(self.size as u64, |product, &n| product.checked_mul(n));
        if product == Some(0) {
            return Err(DataError::Empty { name: name.to_owned() });
        }
        if product != Some(found) {
            let declared = product.map_or_else(|| "over 2^64".into(), |n| n.to_string());
            let expected = format!("{declared} bytes for {} elements of {}", self.shape_text(), self.types());
            return Err(Refused::Damaged(self.start, format!("{found} bytes of data"), expected).error(name));
        }
        Ok(())
    }

    /// Where column `index` of the flattened rows starts in the data, and how far its cells are apart.
    pub(super) fn place(&self, index: u64) -> (usize, usize) {
        let size = self.size;
        if !self.fortran {
            return (index as usize * size, self.across() as usize * size);
        }
        // The index counts the last dimension fastest, the file the first.
        let (mut rest, mut base) = (index, 0);
        let mut stride = self.shape.iter().product::<u64>();
        for &n in self.shape.iter().skip(1).rev() {
            stride /= n.max(1);
            base += rest % n.max(1) * stride;
            rest /= n.max(1);
        }
        (base as usize * size, size)
    }

    /// `3×4`.
    pub(in crate::read) fn shape_text(&self) -> String {
        if self.shape.is_empty() {
            return "1".into();
        }
        self.shape.iter().map(u64::to_string).collect::<Vec<_>>().join("×")
    }

    /// The type in words.
    pub(super) fn types(&self) -> String {
        match &self.fields[..] {
            [only] if only.name.is_empty() => only.element.name(),
            [] => "no columns".into(),
            [_] => "records of 1 field".into(),
            fields => format!("records of {} fields", fields.len()),
        }
    }
}

/// Why a type is not read.
enum Problem {
    NoType,
    Elements(&'static str),
    Columns(u64),
}

fn sizes(shape: &[Literal]) -> Option<Vec<u64>> {
    let size = |n: &Literal| if let Literal::Integer(n) = n { Some(*n) } else { None };
    shape.iter().map(size).collect()
}
