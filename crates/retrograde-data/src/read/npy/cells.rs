//! Elements to the cells of columns.

use super::element::{Element, Kind};
use crate::error::DataError;
use crate::read::ReadOptions;
use crate::read::bytes::take;
use crate::table::{Column, ColumnType, LevelPool, MISSING, MISSING_DATE, Values};
use std::ops::Range;

/// Rows per pass: their part of the input stays in the cache while the columns are filled.
const BLOCK: usize = 64;

/// A column that lies in the data.
pub(in crate::read) struct Slot {
    pub(in crate::read) name: String,
    /// Where its first cell is.
    pub(super) base: usize,
    /// How far apart its cells are.
    pub(super) stride: usize,
    pub(super) element: Element,
}

/// The cells of all slots, which lie in the data with all their rows.
///
/// # Errors
/// [`DataError::Damaged`] for a code point that is none or a moment that cannot be counted in microseconds.
pub(in crate::read) fn columns(
    name: &str,
    data: &[u8],
    rows: usize,
    slots: &[Slot],
    options: &ReadOptions,
) -> Result<Vec<Column>, DataError> {
    let mut cells: Vec<Cells> = slots.iter().map(|slot| Cells::new(slot, rows)).collect();
    let damaged = |slot: &Slot, found: String| DataError::Damaged {
        name: name.to_owned(),
        format: "NPY",
        offset: slot.base as u64,
        found: format!("{found} in column `{}`", slot.name),
        expected: format!("elements of {}", slot.element.name()),
    };
    for start in (0..rows).step_by(BLOCK) {
        let block = start..rows.min(start + BLOCK);
        for (slot, cells) in slots.iter().zip(&mut cells) {
            cells.extend(data, slot, block.clone()).map_err(|found| damaged(slot, found))?;
        }
    }
    let column = |(slot, cells): (&Slot, Cells)| {
        let keeps_numbers = options.type_of(&slot.name) == Some(ColumnType::Number);
        let values = match cells {
            Cells::Numbers { exact: false, .. } if !keeps_numbers => decimal_texts(data, slot, rows),
            other => other.into_values(),
        };
        Column { name: slot.name.clone(), values }
    };
    Ok(slots.iter().zip(cells).map(column).collect())
}

/// Cells that were read so far.
enum Cells {
    /// `exact`: whether every integer is the number that it became.
    Numbers {
        values: Vec<f64>,
        exact: bool,
    },
    Texts {
        pool: LevelPool,
        codes: Vec<u32>,
    },
    Moments(Vec<i64>),
}

impl Cells {
    fn new(slot: &Slot, rows: usize) -> Self {
        match slot.element.kind {
            Kind::Signed | Kind::Unsigned | Kind::Float | Kind::Duration(_) => {
                Self::Numbers { values: Vec::with_capacity(rows), exact: true }
            }
            Kind::Bool | Kind::Bytes | Kind::Unicode => {
                Self::Texts { pool: LevelPool::default(), codes: Vec::with_capacity(rows) }
            }
            Kind::Moment(_) => Self::Moments(Vec::with_capacity(rows)),
        }
    }

    /// Reads the cells of some rows.
    fn extend(&mut self, data: &[u8], slot: &Slot, rows: Range<usize>) -> Result<(), String> {
        match self {
            Self::Numbers { values, exact } => {
                numbers(data, slot, rows, values, exact);
                Ok(())
            }
            Self::Texts { pool, codes } => texts(data, slot, rows, pool, codes),
            Self::Moments(moments) => {
                let Kind::Moment(unit) = slot.element.kind else { return Ok(()) };
                for count in each(data, slot, rows, i64::from_le_bytes) {
                    moments.push(match count {
                        // NumPy's "not a time".
                        i64::MIN => MISSING_DATE,
                        count => unit.micros(count).ok_or_else(|| format!("the moment {count}"))?,
                    });
                }
                Ok(())
            }
        }
    }

    fn into_values(self) -> Values {
        match self {
            Self::Numbers { values, .. } => Values::Number(values),
            Self::Texts { pool, codes } => pool.into_values(codes),
            Self::Moments(moments) => Values::Date(moments),
        }
    }
}

/// Each element of some rows, from its bytes in little-endian order.
fn each<'a, const N: usize, T>(
    data: &'a [u8],
    slot: &'a Slot,
    rows: Range<usize>,
    value: impl Fn([u8; N]) -> T + 'a,
) -> impl Iterator<Item = T> + 'a {
    rows.map(move |row| {
        let mut bytes = take::<N>(data, slot.base + row * slot.stride).unwrap_or([0; N]);
        if slot.element.big {
            bytes.reverse();
        }
        value(bytes)
    })
}

fn numbers(data: &[u8], slot: &Slot, rows: Range<usize>, out: &mut Vec<f64>, exact: &mut bool) {
    match (slot.element.kind, slot.element.size) {
        (Kind::Signed, 1) => out.extend(each(data, slot, rows, |b| f64::from(i8::from_le_bytes(b)))),
        (Kind::Signed, 2) => out.extend(each(data, slot, rows, |b| f64::from(i16::from_le_bytes(b)))),
        (Kind::Signed, 4) => out.extend(each(data, slot, rows, |b| f64::from(i32::from_le_bytes(b)))),
        (Kind::Unsigned, 1) => out.extend(each(data, slot, rows, |b: [u8; 1]| f64::from(b[0]))),
        (Kind::Unsigned, 2) => out.extend(each(data, slot, rows, |b| f64::from(u16::from_le_bytes(b)))),
        (Kind::Unsigned, 4) => out.extend(each(data, slot, rows, |b| f64::from(u32::from_le_bytes(b)))),
        (Kind::Float, 2) => out.extend(each(data, slot, rows, |b| half(u16::from_le_bytes(b)))),
        (Kind::Float, 4) => out.extend(each(data, slot, rows, |b| f64::from(f32::from_le_bytes(b)))),
        (Kind::Float, _) => out.extend(each(data, slot, rows, f64::from_le_bytes)),
        (Kind::Duration(seconds), _) => {
            out.extend(each(data, slot, rows, i64::from_le_bytes).map(|count| match count {
                i64::MIN => f64::NAN,
                count => count as f64 * seconds,
            }));
        }
        (Kind::Unsigned, _) => {
            for x in each(data, slot, rows, u64::from_le_bytes) {
                *exact &= x as f64 as u128 == u128::from(x);
                out.push(x as f64);
            }
        }
        _ => {
            for x in each(data, slot, rows, i64::from_le_bytes) {
                *exact &= x as f64 as i128 == i128::from(x);
                out.push(x as f64);
            }
        }
    }
}

/// A number of 16 bits: a sign, 5 bits of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let size = match i32::from(bits >> 10 & 0x1f) {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

/// Integers that are no `f64`, digit by digit.
fn decimal_texts(data: &[u8], slot: &Slot, rows: usize) -> Values {
    let mut pool = LevelPool::default();
    let codes = if matches!(slot.element.kind, Kind::Unsigned) {
        each(data, slot, 0..rows, u64::from_le_bytes).map(|x| pool.code(&x.to_string())).collect()
    } else {
        each(data, slot, 0..rows, i64::from_le_bytes).map(|x| pool.code(&x.to_string())).collect()
    };
    pool.into_values(codes)
}

/// Booleans and texts; the empty text is a missing cell.
fn texts(
    data: &[u8],
    slot: &Slot,
    rows: Range<usize>,
    pool: &mut LevelPool,
    codes: &mut Vec<u32>,
) -> Result<(), String> {
    let mut text = String::new();
    for row in rows {
        let at = slot.base + row * slot.stride;
        let cell = data.get(at..at + slot.element.size).unwrap_or_default();
        text.clear();
        match slot.element.kind {
            Kind::Bool => text.push_str(if cell == [0] { "false" } else { "true" }),
            Kind::Unicode => unicode(cell, slot.element.big, &mut text)?,
            _ => {
                let end = cell.iter().rposition(|&b| b != 0).map_or(0, |i| i + 1);
                match std::str::from_utf8(&cell[..end]) {
                    Ok(whole) => text.push_str(whole),
                    // Bytes that are no text are written as Python writes them.
                    Err(_) => text.push_str(&cell[..end].escape_ascii().to_string()),
                }
            }
        }
        codes.push(if text.is_empty() { MISSING } else { pool.code(&text) });
    }
    Ok(())
}

/// Code points of four bytes up to the zeros at the end.
fn unicode(cell: &[u8], big: bool, out: &mut String) -> Result<(), String> {
    let (words, _) = cell.as_chunks::<4>();
    let end = words.iter().rposition(|word| *word != [0; 4]).map_or(0, |i| i + 1);
    for word in &words[..end] {
        let code = if big { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) };
        out.push(char::from_u32(code).ok_or_else(|| format!("the code point {code:#x}"))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::half;

    #[test]
    fn half_precision() {
        for (bits, expected) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_953_125),
            (0x7bff, 65_504.0),
            (0x0001, 5.960_464_477_539_063e-8),
            (0x0400, 6.103_515_625e-5),
            (0x7c00, f64::INFINITY),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), expected, "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
        assert!(half(0x8000).is_sign_negative());
    }
}
