//! The part of Python's literals that headers are written in.

/// A value of a header.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    /// `'text'` or `"text"`.
    Text(String),
    /// `12`, also as Python 2 wrote it: `12L`.
    Integer(u64),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    None,
    /// `(a, b)` or `[a, b]`.
    List(Vec<Self>),
    /// `{'key': value}`.
    Dict(Vec<(String, Self)>),
}

/// How deep brackets may stand in brackets.
const DEPTH: usize = 32;

/// Reads a literal with nothing behind it but white space; an error is the byte at which it is none.
pub(super) fn parse(text: &str) -> Result<Literal, usize> {
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(DEPTH)?;
    parser.skip_space();
    if parser.at == text.len() { Ok(value) } else { Err(parser.at) }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0)) {
            self.at += 1;
        }
    }

    /// Steps over `byte` if it is the next one that is no white space.
    fn has(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Result<Literal, usize> {
        self.skip_space();
        if depth == 0 {
            return Err(self.at);
        }
        match self.peek() {
            Some(b'\'' | b'"') => self.text().map(Literal::Text),
            Some(b'0'..=b'9') => self.integer(),
            Some(b'(') => self.list(b')', depth - 1),
            Some(b'[') => self.list(b']', depth - 1),
            Some(b'{') => self.dict(depth - 1),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Literal, usize> {
        let words = [("True", Literal::Bool(true)), ("False", Literal::Bool(false)), ("None", Literal::None)];
        let rest = &self.text.as_bytes()[self.at..];
        let found = words.into_iter().find(|(word, _)| rest.starts_with(word.as_bytes()));
        let (word, value) = found.ok_or(self.at)?;
        self.at += word.len();
        Ok(value)
    }

    fn integer(&mut self) -> Result<Literal, usize> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        let value = self.text[start..self.at].parse().map_err(|_| start)?;
        self.at += usize::from(self.peek() == Some(b'L'));
        Ok(Literal::Integer(value))
    }

    /// A text in quotes, with the escapes that names of fields can have.
    fn text(&mut self) -> Result<String, usize> {
        let start = self.at;
        let mut characters = self.text[start..].char_indices();
        let quote = characters.next().map(|(_, c)| c);
        let mut out = String::new();
        while let Some((i, c)) = characters.next() {
            let at = start + i;
            match c {
                _ if Some(c) == quote => {
                    self.at = at + 1;
                    return Ok(out);
                }
                '\\' => match characters.next().ok_or(at)?.1 {
                    plain @ ('\\' | '\'' | '"') => out.push(plain),
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    form @ ('x' | 'u' | 'U') => {
                        let digits = match form {
                            'x' => 2,
                            'u' => 4,
                            _ => 8,
                        };
                        let code = characters.by_ref().take(digits).try_fold(0_u32, |sum, (_, digit)| {
                            sum.checked_mul(16)?.checked_add(digit.to_digit(16)?)
                        });
                        out.push(code.and_then(char::from_u32).ok_or(at)?);
                    }
                    _ => return Err(at),
                },
                other => out.push(other),
            }
        }
        Err(start)
    }

    fn list(&mut self, end: u8, depth: usize) -> Result<Literal, usize> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.has(end) {
            items.push(self.value(depth)?);
            if !self.has(b',') {
                if self.has(end) {
                    break;
                }
                return Err(self.at);
            }
        }
        Ok(Literal::List(items))
    }

    fn dict(&mut self, depth: usize) -> Result<Literal, usize> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.has(b'}') {
            let at = self.at;
            let Literal::Text(key) = self.value(depth)? else { return Err(at) };
            if !self.has(b':') {
                return Err(self.at);
            }
            items.push((key, self.value(depth)?));
            if !self.has(b',') {
                if self.has(b'}') {
                    break;
                }
                return Err(self.at);
            }
        }
        Ok(Literal::Dict(items))
    }
}

#[cfg(test)]
mod tests {
    use super::{Literal, parse};

    #[test]
    fn headers_are_read() {
        let header = "{'descr': [('é\\'', '<f8', (2,)), (\"b\", '|S3')], 'fortran_order': False, 'shape': (3L, 4), } \n";
        let Ok(Literal::Dict(items)) = parse(header) else { panic!("a dict") };
        assert_eq!(items[1], ("fortran_order".into(), Literal::Bool(false)));
        assert_eq!(items[2].1, Literal::List(vec![Literal::Integer(3), Literal::Integer(4)]));
        let Literal::List(fields) = &items[0].1 else { panic!("a list") };
        let Literal::List(first) = &fields[0] else { panic!("a field") };
        assert_eq!(first[0], Literal::Text("é'".into()));
        assert_eq!(parse("()"), Ok(Literal::List(vec![])));
        assert_eq!(parse("'\\x41\\u00e9\\U0001f600'"), Ok(Literal::Text("Aé😀".into())));
    }

    #[test]
    fn what_is_no_literal_is_placed() {
        for (text, at) in
            [("", 0), ("{'a' 1}", 5), ("(1 2)", 3), ("'a", 0), ("1x", 1), ("-1", 0), ("'\\q'", 1)]
        {
            assert_eq!(parse(text), Err(at), "{text}");
        }
        assert!(parse(&"(".repeat(100_000)).is_err());
        assert!(parse("99999999999999999999").is_err());
    }
}
