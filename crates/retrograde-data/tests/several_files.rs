//! Several files as one table, patterns, and names that promise something else.

mod common;

use common::{gzip, parse};
use retrograde_data::{
    ColumnType, DataError, Encoder, EncoderSettings, Header, ReadOptions, Table, read, read_many,
};
use std::path::PathBuf;

/// Files in a folder of their own.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        for (name, content) in files {
            std::fs::write(folder.at(name), content).expect("a file");
        }
        folder
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, pattern: &str) -> Result<Table, DataError> {
        read(&self.at(pattern), &ReadOptions::default())
    }

    /// The first line of an error, without this folder's path.
    fn refused(&self, pattern: &str) -> String {
        self.short(&self.read(pattern).expect_err(pattern))
    }

    fn short(&self, error: &DataError) -> String {
        error.to_string().replace(&self.0.path().join("").display().to_string(), "")
    }
}

fn texts(table: &Table, column: &str) -> Vec<String> {
    let values = &table.column(column).expect("a column").values;
    (0..values.len()).map(|row| values.text(row).map_or("-".into(), std::borrow::Cow::into_owned)).collect()
}

#[test]
fn columns_are_matched_by_name() {
    let folder = Folder::with(&[("b.csv", "y,x\n3,c\n\n,d\n"), ("a.csv", "x,y\na,1\nb,2\n")]);
    let table = folder.read("*.csv").expect("a table");
    assert_eq!(table.names(), ["x", "y"]);
    assert_eq!(texts(&table, "x"), ["a", "b", "c", "d"]);
    assert_eq!(texts(&table, "y"), ["1", "2", "3", "-"]);
    assert_eq!(table.origin.format, "csv · comma · header · 2 files");
    assert!(table.origin.name.ends_with("*.csv"));
    assert_eq!((table.line_of(1), table.line_of(3)), (Some(3), Some(4)));
    let paths = [folder.at("b.csv"), folder.at("a.csv")];
    let listed = read_many(&paths, &ReadOptions::default()).expect("a table");
    assert_eq!((listed.names(), texts(&listed, "x")[0].as_str()), (vec!["y", "x"], "c"));
    assert_eq!(listed.origin.name, format!("{}, {}", paths[0].display(), paths[1].display()));
    assert_ne!(listed.origin.fingerprint, table.origin.fingerprint, "in another order");
    assert_eq!(folder.read("[a].csv").expect("a table").origin.format, "csv · comma · header");
}

#[test]
fn a_type_that_differs_keeps_the_texts_of_the_files() {
    let folder = Folder::with(&[
        ("a.csv", "zip,n,empty\n01,1,\n"),
        ("b.csv", "zip,n,empty\nAB,2,\n"),
        ("c.csv", "zip,n,empty\n,3,x\n"),
    ]);
    let table = folder.read("*.csv").expect("a table");
    assert_eq!(texts(&table, "zip"), ["01", "AB", "-"], "01 is no 1");
    assert_eq!(texts(&table, "empty"), ["-", "-", "x"]);
    let types: Vec<ColumnType> = table.columns.iter().map(|c| c.values.column_type()).collect();
    assert_eq!(types, [ColumnType::Category, ColumnType::Number, ColumnType::Category]);
    let options = ReadOptions { types: vec![("n".into(), ColumnType::Category)], ..Default::default() };
    let forced = read(&folder.at("*.csv"), &options).expect("a table");
    assert_eq!(forced.columns[1].values.column_type(), ColumnType::Category);
    let options = ReadOptions { types: vec![("zip".into(), ColumnType::Number)], ..Default::default() };
    let error = read(&folder.at("*.csv"), &options).expect_err("AB is no number");
    assert_eq!(folder.short(&error), "b.csv, row 0 (line 2), column `zip`: found `AB`, expected a number");
}

#[test]
fn a_column_that_does_not_fit_is_named_with_its_file() {
    let folder = Folder::with(&[("a.csv", "x,y\n1,2\n"), ("b.csv", "x\n1\n"), ("c.csv", "x,y,z\n1,2,3\n")]);
    assert_eq!(folder.refused("[ab].csv"), "b.csv has no column `y`, which a.csv has");
    assert_eq!(folder.refused("[ac].csv"), "a.csv has no column `z`, which c.csv has");
    let plain = Folder::with(&[("a.csv", "1,2\n"), ("b.csv", "3,4\n5,6\n")]);
    let table = plain.read("*.csv").expect("a table");
    assert_eq!(
        (texts(&table, "c1"), table.place_of(2)),
        (
            vec!["2".into(), "4".into(), "6".into()],
            format!("{}, row 1 (line 2)", plain.at("b.csv").display())
        )
    );
    let names = Folder::with(&[("a.csv", "x,y\n1,2\n"), ("b.csv", "3,4\n")]);
    assert_eq!(names.refused("*.csv"), "b.csv has no column `x`, which a.csv has");
    let options = ReadOptions { header: Header::Absent, ..Default::default() };
    assert!(read(&names.at("*.csv"), &options).is_ok());
}

#[test]
fn errors_about_rows_name_the_file_of_the_row() {
    let folder = Folder::with(&[("a.csv", "x,y\n1,1\n2,2\n"), ("b.csv", "x,y\n1,1\n\n2,\n3,0\n")]);
    assert_eq!(
        Folder::with(&[("a.csv", "x\n1\n"), ("b.csv", "x,y\n1\n")]).refused("*.csv"),
        "b.csv, row 0 (line 2): 1 cell, expected 2"
    );
    let table = folder.read("*.csv").expect("a table");
    let rows: Vec<usize> = (0..table.rows()).collect();
    let settings = EncoderSettings { targets: vec!["y".into()], ..Default::default() };
    let error = Encoder::fit(&table, &rows, &settings).and_then(|e| e.targets(&table, &rows).map(drop));
    let message = folder.short(&error.expect_err("a missing target"));
    assert_eq!(message, "b.csv, row 1 (line 4): the target `y` is missing (1 such rows)");
    let picked = table.select(&[3, 0]);
    assert!(picked.place_of(0).ends_with("b.csv, row 1 (line 4)"), "{}", picked.place_of(0));
}

#[test]
fn formats_and_compressions_mix() {
    let folder = Folder::with(&[("a.csv", "x,y\n1,2\n"), ("b.tsv", "x\ty\n3\t4\n")]);
    std::fs::write(folder.at("c.csv.gz"), gzip(b"y,x\n6,5\n")).expect("a file");
    let table = folder.read("*").expect("a table");
    assert_eq!(texts(&table, "x"), ["1", "3", "5"]);
    assert_eq!(
        table.origin.format,
        "csv · comma · header, csv · tab · header, csv · comma · header · gzip · 3 files"
    );
}

#[test]
fn labels_join_the_whole() {
    let folder = Folder::with(&[("a.csv", "x\n1\n"), ("b.csv", "x\n2\n"), ("labels.txt", "l\np\nq\n")]);
    let options = ReadOptions { labels: Some(folder.at("labels.txt")), ..Default::default() };
    let table = read(&folder.at("?.csv"), &options).expect("a table");
    assert_eq!(texts(&table, "label"), ["p", "q"]);
}

#[test]
fn nothing_to_read_is_said() {
    let folder = Folder::with(&[("a.tsv.gz", ""), ("b.tsv.gz", ""), ("c.csv", "")]);
    assert_eq!(folder.refused("*.npy"), "no file matches *.npy");
    let error = folder.read("").expect_err("a folder");
    assert!(error.to_string().ends_with(" is a folder, expected a file"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.ends_with("/*.tsv.gz'")), "{:?}", error.hint());
    assert!(matches!(read_many(&[], &ReadOptions::default()), Err(DataError::Empty { .. })));
    assert!(folder.refused("none.csv").starts_with("cannot read none.csv"));
}

#[test]
fn a_name_that_promises_another_format_is_said() {
    let arff = b"@relation r\n@attribute x real\n@data\n1\n";
    for (name, bytes, format) in [
        ("t.csv", &arff[..], "arff · named .csv but is arff"),
        ("t.arff.gz", &gzip(arff)[..], "arff · gzip"),
        ("t.csv.gz", b"a,b\n1,2\n", "csv · comma · header · named .gz but is not in gzip"),
        ("t.svm", b"1 1:2\n", "svmlight"),
        ("t.txt", b"1 1:2 2:3\n", "svmlight"),
        ("t.csv", b"1 1:2 2:3\n", "svmlight · named .csv but is svmlight"),
    ] {
        assert_eq!(parse(name, bytes).expect("a table").origin.format, format, "{name}");
    }
}
