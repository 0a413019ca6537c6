//! Signs beside numbers: per cent, currencies.

use super::number::{self, Style};

/// What stands before or behind a number; the first is nothing.
pub(super) const AFFIXES: [&str; 7] = ["", "%", "$", "€", "£", "¥", "₹"];

/// The sign of this index.
pub(super) fn affix_of(index: u8) -> &'static str {
    AFFIXES.get(usize::from(index)).copied().unwrap_or_default()
}

/// The number in a cell that is written in a style, with a sign.
pub(super) fn number(cell: &str, style: Style, wanted: u8) -> Option<number::Read> {
    if wanted == 0 {
        return number::read(cell, style);
    }
    let (affix, negative, core) = affix(cell).filter(|&(affix, _, _)| affix == wanted)?;
    read_core(style, affix, negative, core)
}

/// The number without its sign; what stands beside a sign begins with a digit or a point.
pub(super) fn read_core(style: Style, affix: u8, negative: bool, core: &str) -> Option<number::Read> {
    let digits = core.trim_start_matches(['-', '+']);
    let begins = digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    if affix != 0 && !begins || negative && digits.len() < core.len() {
        return None;
    }
    let read = number::read(core, style)?;
    Some(if negative { number::Read { value: -read.value, ..read } } else { read })
}

/// A cell's sign, whether a minus stands before it, and the number beside it.
pub(super) fn affix(cell: &str) -> Option<(u8, bool, &str)> {
    let bytes = cell.as_bytes();
    // Most cells begin and end with an ASCII character that is no sign.
    let (first, last) = (*bytes.first()?, *bytes.last()?);
    let index = |i: usize| (i + 1) as u8;
    for (i, sign) in AFFIXES[1..].iter().enumerate() {
        if (last >= 0x80 || last == sign.as_bytes()[0])
            && let Some(core) = cell.strip_suffix(sign)
        {
            return Some((index(i), false, core.trim_end()));
        }
        if *sign != "%" && (first >= 0x80 || matches!(first, b'$' | b'-')) {
            let (negative, rest) = cell.strip_prefix('-').map_or((false, cell), |rest| (true, rest));
            if let Some(core) = rest.strip_prefix(sign) {
                return Some((index(i), negative, core.trim_start()));
            }
        }
    }
    Some((0, false, cell))
}
