//! Texts that are one of two answers.

/// The pairs of texts for no and yes. A column of the last alone is one of numbers; but where other files have true and false,
/// one may have 0 and 1.
const PAIRS: [[&str; 2]; 6] =
    [["false", "true"], ["no", "yes"], ["f", "t"], ["n", "y"], ["0", "1"], ["0.0", "1.0"]];
/// How many of them make a category one of answers.
const TEXTS: usize = 4;

/// The pair a text belongs to, and whether it is its yes. Spaces around it and upper case do not count.
pub(crate) fn answer(text: &str) -> Option<(usize, bool)> {
    let text = text.trim();
    PAIRS.iter().enumerate().find_map(|(pair, [no, yes])| match text {
        _ if text.eq_ignore_ascii_case(yes) => Some((pair, true)),
        _ if text.eq_ignore_ascii_case(no) => Some((pair, false)),
        _ => None,
    })
}

/// Whether the texts are the no and the yes of one pair, both of them, and nothing else.
pub(crate) fn is_boolean<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    let mut of_pair = None;
    let mut seen = [false, false];
    for text in texts {
        let Some((pair, yes)) = answer(text).filter(|(pair, _)| *pair < TEXTS) else { return false };
        if *of_pair.get_or_insert(pair) != pair {
            return false;
        }
        seen[usize::from(yes)] = true;
    }
    seen == [true, true]
}

#[cfg(test)]
mod tests {
    use super::{answer, is_boolean};

    #[test]
    fn both_answers_of_one_pair() {
        for good in [&["true", "false"][..], &["No", "YES"], &[" t", "F "], &["y", "n", "Y"]] {
            assert!(is_boolean(good.iter().copied()), "{good:?}");
        }
        for bad in [&["true"][..], &[], &["yes", "n"], &["true", "false", "?"], &["1", "0"], &["y", "f"]] {
            assert!(!is_boolean(bad.iter().copied()), "{bad:?}");
        }
        assert_eq!(answer(" True"), Some((0, true)));
        assert_eq!(answer("truely"), None);
    }
}
