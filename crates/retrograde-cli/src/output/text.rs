//! The layout of text: numbers, labelled lines, tables.

use super::style::LABEL;
use std::fmt::Write as _;

/// Where labelled lines begin their text.
const INDENT: usize = 9;
/// The label of notes.
pub(crate) const NOTE: &str = "note";
/// Notes are not made narrower than this.
const NARROWEST: usize = 24;
/// Between the parts of a line; lines are broken here.
pub(crate) const DOT: &str = " · ";

/// Makes control characters visible: names come from files and must not steer the terminal.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// `7,043`.
pub(crate) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `7,043 rows`.
pub(crate) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `14 KB`.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..1000 => format!("{n} bytes"),
        1000..1_000_000 => format!("{} KB", n.div_ceil(1000)),
        _ => format!("{:.1} MB", n as f64 / 1e6),
    }
}

/// `73.5%`.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    format!("{:.1}%", 100.0 * part as f64 / whole.max(1) as f64)
}

/// Four decimals, or three digits where those would show nothing: `0.5312`, `1.23e-7`.
pub(crate) fn cost(x: f64) -> String {
    if x == 0.0 || (1e-3..1e6).contains(&x.abs()) { format!("{x:.4}") } else { format!("{x:.2e}") }
}

/// Six significant digits, for a table of one's own numbers.
pub(crate) fn value(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() {
        x.to_string()
    } else if (1e-4..1e6).contains(&size) {
        let decimals = (5 - size.log10().floor() as i32).max(0);
        let text = format!("{x:.*}", decimals.unsigned_abs() as usize);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{x:.5e}")
    }
}

/// `0.4 s`, `2 min 5 s`.
pub(crate) fn seconds(s: f64) -> String {
    if s < 120.0 { format!("{s:.1} s") } else { format!("{} min {} s", (s / 60.0) as u64, (s % 60.0) as u64) }
}

/// `  data   …`, broken at its dots where the terminal is narrower; a note is broken between its words.
pub(crate) fn labelled(label: &str, text: &str, width: Option<usize>) -> String {
    let gap = " ".repeat(INDENT.saturating_sub(2 + label.chars().count()).max(1));
    let text = match label {
        NOTE => wrapped(text, width, INDENT),
        _ => broken(text, width.map(|w| w.saturating_sub(INDENT))),
    };
    format!("  {LABEL}{label}{LABEL:#}{gap}{text}")
}

/// `note: …`, where nothing else is labelled.
pub(crate) fn note(text: &str, width: Option<usize>) -> String {
    format!("{NOTE}: {}", wrapped(text, width, NOTE.len() + 2))
}

/// Breaks between words, and begins further lines below the first word. An option stays with its value, and what is
/// quoted stays whole, so that it can be pasted.
fn wrapped(text: &str, width: Option<usize>, indent: usize) -> String {
    let Some(width) = width.map(|w| w.saturating_sub(indent).max(NARROWEST)) else { return text.to_owned() };
    let mut out = String::new();
    let mut column = 0;
    for (i, word) in unbroken(text).into_iter().enumerate() {
        let length = word.chars().count();
        if i > 0 && column + 1 + length > width {
            let _ = write!(out, "\n{}", " ".repeat(indent));
            column = 0;
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// The words of a text; what is in quotes, and an option with its value, is one.
fn unbroken(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let mut start = 0;
    for (end, _) in text.match_indices(' ').chain([(text.len(), "")]) {
        let word = &text[start..end];
        let is_odd = |quote| word.matches(quote).count() % 2 == 1;
        // That of `it's` opens nothing.
        let is_quoted = word.starts_with('\'') || word.contains(" '");
        // `--encoding utf-8` is one; `--header,` and `--header: …` are not.
        let is_option = word.starts_with("--") && word.ends_with(|c: char| c.is_ascii_alphanumeric());
        let wants_more = is_option && !word.contains(' ') || is_odd('`') || is_quoted && is_odd('\'');
        if end < text.len() && wants_more {
            continue;
        }
        words.push(word);
        start = end + 1;
    }
    words
}

/// Breaks at ` · `, never inside a part.
fn broken(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.to_owned() };
    let mut out = String::new();
    let mut column = 0;
    for (i, part) in text.split(DOT).enumerate() {
        let length = part.chars().count();
        if i > 0 && column + 3 + length > width {
            let _ = write!(out, " ·\n{}", " ".repeat(INDENT));
            column = 0;
        } else if i > 0 {
            out.push_str(DOT);
            column += 3;
        }
        out.push_str(part);
        column += length;
    }
    out
}

/// A line that ends where the terminal does.
pub(crate) fn cut(line: String, width: Option<usize>) -> String {
    match width {
        Some(width) if line.chars().count() > width => {
            line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
        }
        _ => line,
    }
}

/// The width of the terminal behind stderr, if there is one.
pub(crate) fn stderr_width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0))
}

/// The width of the terminal behind stdout, if there is one.
pub(crate) fn stdout_width() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells in columns, two blanks apart, indented by two. Lines do not end in blanks.
pub(crate) fn table(sides: &[Side], rows: &[Vec<String>]) -> Vec<String> {
    let width = |j: usize| rows.iter().filter_map(|r| r.get(j)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..sides.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut text = String::new();
        for ((cell, side), width) in row.iter().zip(sides).zip(&widths) {
            let blank = " ".repeat(width - cell.chars().count());
            match side {
                Side::Left => {
                    let _ = write!(text, "  {cell}{blank}");
                }
                Side::Right => {
                    let _ = write!(text, "  {blank}{cell}");
                }
            }
        }
        text.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Side, broken, bytes, clean, cost, count, labelled, note, table, value};

    #[test]
    fn numbers_read_well() {
        assert_eq!([count(0), count(999), count(7043), count(1_234_567)], ["0", "999", "7,043", "1,234,567"]);
        assert_eq!([cost(0.53123), cost(1.234e-7), cost(0.0)], ["0.5312", "1.23e-7", "0.0000"]);
        assert_eq!(
            [value(0.0), value(-0.123_456_78), value(1234.5), value(2.5e-9), value(16.0)],
            ["0", "-0.123457", "1234.5", "2.50000e-9", "16"]
        );
        assert_eq!([bytes(999), bytes(14_001), bytes(2_340_000)], ["999 bytes", "15 KB", "2.3 MB"]);
    }

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(clean("a\x1b[31mb\u{202e}"), "a\\u{1b}[31mb\\u{202e}");
    }

    #[test]
    fn lines_break_at_dots() {
        assert_eq!(broken("one · two · three", Some(10)), "one · two ·\n         three");
        assert_eq!(broken("one · two", None), "one · two");
    }

    #[test]
    fn notes_break_between_words() {
        let text = "`my age` is read as a category because of a cell; --type 'my age=number' refuses it";
        assert_eq!(note(text, None), format!("note: {text}"));
        assert_eq!(
            note(text, Some(40)),
            "note: `my age` is read as a category\n      because of a cell;\n      \
             --type 'my age=number' refuses it"
        );
        let labelled = labelled("note", "it's the day's first word, and the others follow it", Some(40));
        let plain = anstream::adapter::strip_str(&labelled).to_string();
        assert_eq!(plain, "  note   it's the day's first word, and\n         the others follow it");
        // A word that is longer than the line stands alone, and a narrow terminal breaks lines itself.
        assert_eq!(note("a 12345678901234567890123456789 b", Some(20)).lines().count(), 3);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let rows = [["a", "1"], ["bcd", "23"]].map(|r| r.map(str::to_owned).to_vec());
        assert_eq!(table(&[Side::Left, Side::Right], &rows), ["  a     1", "  bcd  23"]);
    }
}
