//! Numbers in the sentences that are told about a table.

/// `7,043`.
pub(crate) fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row has`, `7,043 rows have`.
pub(crate) fn rows(n: usize, has: &str, have: &str) -> String {
    if n == 1 { format!("1 row {has}") } else { format!("{} rows {have}", count(n)) }
}

/// `1 row`, `7,043 rows`.
pub(crate) fn of_rows(n: usize) -> String {
    if n == 1 { "1 row".to_owned() } else { format!("{} rows", count(n)) }
}

/// `` `a`, `b` ``.
pub(crate) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{count, of_rows, quoted, rows};

    #[test]
    fn numbers_and_names_in_sentences() {
        assert_eq!([count(0), count(999), count(1_234_567)], ["0", "999", "1,234,567"]);
        assert_eq!([rows(1, "has", "have"), rows(9430, "has", "have")], ["1 row has", "9,430 rows have"]);
        assert_eq!([of_rows(1), of_rows(7043)], ["1 row", "7,043 rows"]);
        assert_eq!(quoted(["a", "b"]), "`a`, `b`");
    }
}
