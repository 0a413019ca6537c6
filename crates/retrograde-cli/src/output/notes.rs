//! Notes that say the same of many columns.

use super::text::{clean, count};

/// So many notes of one kind are each a line.
const APART: usize = 3;
/// So many columns are named beside the first.
const NAMED: usize = 3;

/// The notes ready to be printed; those that say the same of more than a few columns are one, which stands where the first stood.
pub(crate) fn grouped(notes: &[String]) -> Vec<String> {
    let parts: Vec<Option<(&str, String)>> = notes.iter().map(|note| about(note)).collect();
    let mut kinds: std::collections::HashMap<&str, Vec<&str>> = std::collections::HashMap::new();
    for (name, kind) in parts.iter().flatten() {
        kinds.entry(kind).or_default().push(name);
    }
    let mut said = Vec::new();
    for (note, part) in notes.iter().zip(&parts) {
        let same = part.as_ref().and_then(|(_, kind)| kinds.get(kind.as_str()));
        match (same, part) {
            (Some(names), Some((name, _))) if names.len() > APART => {
                if names[0] == *name {
                    said.push(clean(&format!("{note}; {}", others(&names[1..]))));
                }
            }
            _ => said.push(clean(note)),
        }
    }
    said
}

/// The column that a note begins with, and the rest, in which the name in quotes is left out.
fn about(note: &str) -> Option<(&str, String)> {
    let (name, rest) = note.strip_prefix('`')?.split_once("` ")?;
    let option = format!(" --drop {}", retrograde_data::shell(name));
    let rest = rest.strip_suffix(&option).unwrap_or(rest);
    Some((name, rest.replace(&format!("`{name}`"), "``")))
}

/// `so it is with `b`, `c`, `d` and 112 more columns`.
fn others(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len() - shown.len() {
        0 => format!("so it is with {}", shown.join(", ")),
        1 => format!("so it is with {} and 1 more column", shown.join(", ")),
        more => format!("so it is with {} and {} more columns", shown.join(", "), count(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn many_columns_are_one_note() {
        let note = |i: usize, value: i32| format!("`p{i}` is {value} in every training row that has it");
        let mut notes: Vec<String> = (0..1203).map(|i| note(i, 0)).collect();
        notes.insert(1, "`zip` has 70 levels".into());
        notes.extend([note(1300, 1), note(1301, 1), "3 rows are left out".into()]);
        assert_eq!(
            grouped(&notes),
            [
                "`p0` is 0 in every training row that has it; so it is with `p1`, `p2`, `p3` and 1,199 more columns",
                "`zip` has 70 levels",
                "`p1300` is 1 in every training row that has it",
                "`p1301` is 1 in every training row that has it",
                "3 rows are left out",
            ]
        );
        let few: Vec<String> = (0..5).map(|i| note(i, 0)).collect();
        assert!(grouped(&few)[0].ends_with("; so it is with `p1`, `p2`, `p3` and 1 more column"));
        assert_eq!(grouped(&few[..3]), few[..3]);
    }
}
