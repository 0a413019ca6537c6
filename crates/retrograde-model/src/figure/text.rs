//! Text that others wrote, made fit to be drawn, and how wide it is.

/// What most characters take, in hundredths of the text's size: about the widest of the fonts that a browser
/// may choose.
const AVERAGE: usize = 60;
const CAPITAL: usize = 72;
const WIDE: usize = 100;
/// Emoji, and what else is rare.
const WIDEST: usize = 130;

/// One line of visible text: white space becomes single blanks, and control characters, marks that turn the
/// direction of writing, and invisible characters are dropped.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && !is_invisible(c) && is_xml(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// [`clean`] text of at most so many average characters; what is longer ends with `…`.
pub(crate) fn shortened(text: &str, characters: usize) -> String {
    let clean = clean(text);
    let room = characters * AVERAGE;
    if hundredths(&clean) <= room {
        return clean;
    }
    let mut used = WIDE;
    let fits = |c: &char| {
        used += advance(*c);
        used <= room
    };
    let start: String = clean.chars().take_while(fits).collect();
    format!("{}…", start.trim_end())
}

/// About how wide the text is, rather too wide than too narrow.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    hundredths(text) as f64 / 100.0 * size
}

/// Whether XML 1.0 may contain the character, and recommends to.
pub(crate) fn is_xml(c: char) -> bool {
    let is_noncharacter = u32::from(c) & 0xfffe == 0xfffe || matches!(c, '\u{fdd0}'..='\u{fdef}');
    !is_noncharacter && (!c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

fn hundredths(text: &str) -> usize {
    text.chars().map(advance).sum()
}

fn advance(c: char) -> usize {
    match c {
        'M' | 'W' | 'm' | 'w' | '@' | '%' | '…' | '—'
        // Signs of mathematics.
        | '\u{2190}'..='\u{22ff}'
        // Hangul, Chinese characters and their like.
        | '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ffe6}' => WIDE,
        '\u{10000}'.. => WIDEST,
        _ if c.is_uppercase() => CAPITAL,
        _ => AVERAGE,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::{clean, shortened, width};

    #[test]
    fn text_becomes_one_visible_line() {
        assert_eq!(clean("  a\tb\r\n\n c\u{0}\u{1b}[31m "), "a b c[31m");
        assert_eq!(clean("safe\u{202e}gpj.exe\u{200b}\u{feff}"), "safegpj.exe");
        assert_eq!(clean("\u{ffff}\u{fffe}\u{85}"), "");
        assert_eq!(clean("κόστος – 損失"), "κόστος – 損失");
    }

    #[test]
    fn long_text_is_shortened_by_its_width() {
        assert_eq!(shortened("short", 40), "short");
        let long = shortened(&"abcdefghi ".repeat(20), 40);
        assert!(long.ends_with('…') && (35..=40).contains(&long.chars().count()), "{long}");
        for hostile in ["W", "損", "💥", "\u{301}", "i", "Ǆ"] {
            let short = shortened(&hostile.repeat(1_000_000), 40);
            assert!(width(&short, 10.0) <= 240.0 && short.chars().count() <= 40, "{short}");
        }
        assert_eq!(shortened(&"x".repeat(40), 40).chars().count(), 40);
    }
}
