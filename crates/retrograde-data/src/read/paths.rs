//! What a path stands for: a file, a file in an archive, or the files that a pattern matches.

use crate::error::DataError;
use std::path::{Path, PathBuf};

/// Where the bytes of a table are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// A file.
    pub(super) path: PathBuf,
    /// The file in it, when it is an archive of which one file was named.
    pub(super) member: Option<String>,
}

/// The places that `path` stands for, in the order of their names:
///
/// * a file that exists, whatever its name;
/// * `data/*.csv`: the files that match, where `*` is any text within a name, `**` any folders, `?` one character, and
///   `[ab]` one of these;
/// * `archive.zip#member.csv`: one file of an archive, or of each archive that matches;
/// * anything else as it is: reading it will say what is wrong.
///
/// # Errors
/// [`DataError::Folder`] and [`DataError::NoMatch`].
pub(super) fn expand(path: &Path) -> Result<Vec<Place>, DataError> {
    let alone = |path: &Path| vec![Place { path: path.to_owned(), member: None }];
    if path.is_dir() {
        return Err(folder(path));
    }
    let Some(text) = path.to_str().filter(|_| !path.exists()) else { return Ok(alone(path)) };
    if let Some((archive, member)) = text.rsplit_once('#') {
        let archives = if Path::new(archive).is_file() {
            vec![PathBuf::from(archive)]
        } else {
            matching(archive).unwrap_or_default()
        };
        if !archives.is_empty() && !member.is_empty() {
            let place = |path| Place { path, member: Some(member.to_owned()) };
            return Ok(archives.into_iter().map(place).collect());
        }
    }
    match matching(text) {
        None => Ok(alone(path)),
        Some(files) if files.is_empty() => Err(DataError::NoMatch { pattern: text.to_owned() }),
        Some(files) => Ok(files.into_iter().map(|path| Place { path, member: None }).collect()),
    }
}

/// The files that a pattern matches, sorted; `None` when the text is no pattern. Hidden files are matched where the
/// pattern shows their dot, as in a shell.
fn matching(pattern: &str) -> Option<Vec<PathBuf>> {
    if !pattern.contains(['*', '?', '[']) {
        return None;
    }
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    // What cannot be looked into is no match: a shell passes over it too.
    let mut files: Vec<PathBuf> = glob::glob_with(pattern, options)
        .ok()?
        .filter_map(Result::ok)
        .filter(|path| !path.is_dir())
        .collect();
    files.sort();
    Some(files)
}

/// A folder is no table; the pattern for the files with its most frequent extension may be one.
fn folder(path: &Path) -> DataError {
    /// How many names are looked at.
    const SAMPLE: usize = 1000;
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    let entries = std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok).take(SAMPLE);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let extension = super::named::extension(&name);
        if super::named::is_table(&extension) && !name.starts_with('.') {
            let ending = name.len() - super::named::endings(&name);
            *counts.entry(name[ending..].to_owned()).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
    let ending = most.map_or(".csv".into(), |(ending, _)| ending);
    let name = path.display().to_string();
    let example = path.join(format!("*{ending}")).display().to_string();
    DataError::Folder { name, example }
}

#[cfg(test)]
mod tests {
    use super::expand;
    use std::path::Path;

    #[test]
    fn patterns_members_and_folders() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["b.csv", "a.csv", ".hidden.csv", "c.tsv.gz", "z.zip", "[1].csv"] {
            std::fs::write(at(name), "x").expect("a file");
        }
        let names = |path: &Path| -> Vec<String> {
            let places = expand(path).expect("places");
            let name = |p: &super::Place| {
                let file = p.path.file_name().expect("a name").to_string_lossy().into_owned();
                p.member.as_ref().map_or(file.clone(), |member| format!("{file}#{member}"))
            };
            places.iter().map(name).collect()
        };
        assert_eq!(names(&at("?.csv")), ["a.csv", "b.csv"]);
        assert_eq!(names(&at("*.csv")), ["[1].csv", "a.csv", "b.csv"]);
        assert_eq!(names(&at("[1].csv")), ["[1].csv"], "a file that exists is no pattern");
        assert_eq!(names(&at("z.zip#m.csv")), ["z.zip#m.csv"]);
        assert_eq!(names(&at("*.zip#m.csv")), ["z.zip#m.csv"]);
        assert_eq!(names(&at("missing.csv")), ["missing.csv"]);
        let none = expand(&at("*.npy")).expect_err("no match").to_string();
        assert!(none.starts_with("no file matches ") && none.ends_with("*.npy"), "{none}");
        let error = expand(folder.path()).expect_err("a folder");
        assert!(error.to_string().ends_with(" is a folder, expected a file"), "{error}");
        assert!(error.hint().expect("a hint").contains("*.csv"));
    }
}
