//! Words of a line: plain, or in quotes of either kind with backslashes in them.

use super::Odd;

/// A word.
#[derive(Debug, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    /// `'?'` is a text, `?` is missing.
    pub(super) is_quoted: bool,
}

/// The words of a line one after the other.
pub(super) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        Self { rest: line }
    }

    /// Steps over white space, and over a comment, which begins with a `%` behind white space.
    fn skip_space(&mut self) {
        let trimmed = self.rest.trim_start();
        let is_comment = trimmed.starts_with('%') && trimmed.len() < self.rest.len();
        self.rest = if is_comment { "" } else { trimmed };
    }

    /// What is left of the line.
    pub(super) fn rest(&mut self) -> &'a str {
        self.skip_space();
        self.rest.trim_end()
    }

    /// Whether `mark` is next.
    pub(super) fn is_at(&mut self, mark: char) -> bool {
        self.skip_space();
        self.rest.starts_with(mark)
    }

    /// Steps over `mark` if it is next.
    pub(super) fn has(&mut self, mark: char) -> bool {
        let found = self.is_at(mark);
        if found {
            self.rest = &self.rest[mark.len_utf8()..];
        }
        found
    }

    /// Whether a comma stands outside of quotes.
    pub(super) fn has_comma(&self) -> bool {
        let mut quote = None;
        let mut characters = self.rest.chars();
        while let Some(c) = characters.next() {
            match (quote, c) {
                (Some(_), '\\') => drop(characters.next()),
                (Some(open), _) if c == open => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, ',') => return true,
                _ => {}
            }
        }
        false
    }

    /// The next word, up to white space or one of `ends`; `None` at the end of the line.
    pub(super) fn next(&mut self, ends: &[char]) -> Result<Option<Word>, Odd> {
        self.skip_space();
        if self.rest.is_empty() {
            return Ok(None);
        }
        if self.rest.starts_with(['\'', '"']) {
            return self.quoted().map(Some);
        }
        let end = self.rest.find(|c: char| c.is_whitespace() || ends.contains(&c)).unwrap_or(self.rest.len());
        Ok(Some(self.plain(end)))
    }

    /// The next cell, up to one of `ends`: spaces within it belong to it. An empty cell is a missing one.
    pub(super) fn cell(&mut self, ends: &[char]) -> Result<Option<Word>, Odd> {
        self.skip_space();
        if self.rest.is_empty() {
            return Ok(None);
        }
        if self.rest.starts_with(['\'', '"']) {
            return self.quoted().map(Some);
        }
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let end = self.rest[..end].find([' ', '\t']).map_or(end, |space| {
            let spaces = self.rest[space..].len() - self.rest[space..].trim_start().len();
            // A comment ends the cell, and so does the weight of the row.
            if self.rest[space + spaces..].starts_with(['%', '{']) { space } else { end }
        });
        Ok(Some(self.plain(end)))
    }

    fn plain(&mut self, end: usize) -> Word {
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Word { text: word.trim_end().to_owned(), is_quoted: false }
    }

    fn quoted(&mut self) -> Result<Word, Odd> {
        let mut characters = self.rest.char_indices();
        let quote = characters.next().map(|(_, c)| c);
        let mut text = String::new();
        while let Some((i, c)) = characters.next() {
            match c {
                '\\' => match characters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, 'u')) => {
                        let code = characters
                            .by_ref()
                            .take(4)
                            .try_fold(0, |sum, (_, digit)| Some(sum * 16 + digit.to_digit(16)?));
                        let character = code.and_then(char::from_u32);
                        text.push(
                            character
                                .ok_or_else(|| ("\\u without a character".to_owned(), "\\u00e9".into()))?,
                        );
                    }
                    Some((_, other)) => text.push(other),
                    None => break,
                },
                _ if Some(c) == quote => {
                    self.rest = &self.rest[i + 1..];
                    return Ok(Word { text, is_quoted: true });
                }
                _ => text.push(c),
            }
        }
        Err(("a quote that never closes".into(), "the quote again in the same line".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Word, Words};

    #[test]
    fn words_and_cells() {
        let word = |text: &str, is_quoted| Ok(Some(Word { text: text.into(), is_quoted }));
        let mut words = Words::new("  @attribute 'it\\'s a' {x,y} % c");
        assert_eq!(words.next(&[]), word("@attribute", false));
        assert_eq!(words.next(&['{']), word("it's a", true));
        assert!(words.has('{'));
        assert_eq!(words.next(&[',', '}']), word("x", false));
        assert!(words.has(',') && !words.has('}'));
        assert_eq!(words.next(&[',', '}']), word("y", false));
        assert!(words.has('}'));
        assert_eq!(words.rest(), "");
        let mut cells = Words::new("two words , \"a,b\",? % comment");
        assert!(cells.has_comma());
        assert_eq!(cells.cell(&[',']), word("two words", false));
        assert!(cells.has(','));
        assert_eq!(cells.cell(&[',']), word("a,b", true));
        assert!(cells.has(','));
        assert_eq!(cells.cell(&[',']), word("?", false));
        assert_eq!(cells.cell(&[',']), Ok(None));
        assert!(Words::new("'open").next(&[]).is_err());
        assert!(!Words::new("'a,b' c").has_comma());
    }
}
