//! What a hint is made of: the nearest name, and words that can be pasted into a shell.

/// The most similar candidate, when one is similar at all. Case is ignored, a shared beginning
/// counts.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // The comparison is quadratic in the lengths, and both may come from a hostile file.
    let lower = |s: &str| s.chars().take(64).collect::<String>().to_lowercase();
    let word = lower(word);
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(&word, &lower(c)), c))
        .filter(|(score, _)| *score >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// A word for a shell: as it is when it is plain, else in single quotes.
pub fn shell(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./@:+,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{nearest, shell};

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!([shell("a.csv"), shell("my file"), shell("it's")], ["a.csv", "'my file'", r"'it'\''s'"]);
        assert_eq!([shell(""), shell("k=v,w")], ["''", "k=v,w"]);
    }

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let names = ["relu", "tanh", "sigmoid"];
        assert_eq!(nearest("rleu", names), Some("relu"));
        assert_eq!(nearest("SIGMOD", names), Some("sigmoid"));
        assert_eq!(nearest("xyz", names), None);
        assert_eq!(nearest("AGE", ["sex", "age"]), Some("age"));
    }
}
