//! What the name of a file promises, and whether its content keeps it.

/// Endings of compressed files and archives, which stand behind the extension of the table.
const CONTAINERS: [&str; 4] = ["gz", "zst", "zip", "zstd"];

/// Extensions, and the first word of [`crate::Origin::format`] of what they promise.
const PROMISES: [(&str, &str); 21] = [
    ("csv", "csv"),
    ("tsv", "csv"),
    ("tab", "csv"),
    ("psv", "csv"),
    ("parquet", "parquet"),
    ("pq", "parquet"),
    ("arrow", "arrow"),
    ("arrows", "arrow"),
    ("feather", "arrow"),
    ("ipc", "arrow"),
    ("npy", "npy"),
    ("npz", "npz"),
    ("mat", "mat"),
    ("svm", "svmlight"),
    ("svmlight", "svmlight"),
    ("libsvm", "svmlight"),
    ("arff", "arff"),
    ("idx", "idx"),
    ("idx1-ubyte", "idx"),
    ("idx3-ubyte", "idx"),
    ("ubyte", "idx"),
];

/// The extension in lower case, without that of a compression: `csv` of `b.CSV.gz`, empty when there is none.
pub(super) fn extension(name: &str) -> String {
    let lower = file(name).to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some((stem, last)) = rest.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        if !CONTAINERS.contains(&last) {
            return last.to_owned();
        }
        rest = stem;
    }
    String::new()
}

/// How many bytes at the end of a file's name are its extensions, dots and compression included.
pub(super) fn endings(name: &str) -> usize {
    let file = file(name);
    let mut rest = file;
    while let Some((stem, last)) = rest.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) {
        rest = stem;
        if !CONTAINERS.contains(&last.to_ascii_lowercase().as_str()) {
            break;
        }
    }
    file.len() - rest.len()
}

/// The name of a file without folders and extensions: `b` of `a/b.csv.gz`.
pub(super) fn stem(name: &str) -> &str {
    let file = file(name);
    &file[..file.len() - endings(file)]
}

/// Whether tables have this extension.
pub(super) fn is_table(extension: &str) -> bool {
    PROMISES.iter().any(|(known, _)| *known == extension)
}

/// ` · named .csv but is parquet`, where the name promises another format than the first word of `format`, or a
/// compression that is not there; empty where name and content agree or the name promises nothing.
pub(super) fn mismatch(name: &str, format: &str) -> String {
    let extension = extension(name);
    let is = format.split(' ').next().unwrap_or_default();
    let promised = PROMISES.iter().find(|(known, _)| *known == extension);
    if promised.is_some_and(|(_, promised)| *promised != is) {
        return format!(" · named .{extension} but is {is}");
    }
    let outermost = file(name).rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let container = match outermost.as_str() {
        "gz" => "gzip",
        "zst" | "zstd" => "zstd",
        "zip" => "zip",
        _ => return String::new(),
    };
    if format.split(" · ").any(|part| part.split(' ').next() == Some(container)) {
        String::new()
    } else {
        format!(" · named .{outermost} but is not in {container}")
    }
}

/// The last part of a path, or of the file in an archive.
fn file(name: &str) -> &str {
    name.rsplit(['/', '\\', '#']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::{endings, extension, mismatch, stem};

    #[test]
    fn extensions_without_compression() {
        for (name, expected) in [
            ("a/b.CSV.gz", "csv"),
            ("b.npy", "npy"),
            ("x.zip#in/t.tsv", "tsv"),
            ("t.gz", ""),
            (".csv", ""),
            ("a.b/c", ""),
            ("t10k-images-idx3-ubyte.gz", ""),
        ] {
            assert_eq!(extension(name), expected, "{name}");
        }
        assert_eq!((stem("a/b.csv.gz"), stem("x.y.npy"), stem("plain")), ("b", "x.y", "plain"));
        assert_eq!(endings("a/b.csv.gz"), 7);
    }

    #[test]
    fn what_a_name_promises_is_compared() {
        assert_eq!(mismatch("a.csv", "parquet · 3 row groups"), " · named .csv but is parquet");
        assert_eq!(mismatch("a.csv.gz", "csv · comma · gzip"), "");
        assert_eq!(mismatch("a.csv.gz", "csv · comma"), " · named .gz but is not in gzip");
        assert_eq!(mismatch("a.txt", "svmlight"), "");
        assert_eq!(mismatch("a.zip", "csv · zip (a.csv)"), "");
    }
}
