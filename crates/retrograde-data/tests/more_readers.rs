//! What each reader makes of files that other programs wrote; the folders of `fixtures` hold the scripts.

mod common;

use retrograde_data::{ColumnType, MISSING_DATE, ReadOptions, Table, Values, read};
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn table(name: &str) -> Table {
    read(&fixture(name), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(name: &str) -> (String, String) {
    let error = read(&fixture(name), &ReadOptions::default()).expect_err(name);
    let folder = fixture("").display().to_string();
    (error.to_string().replace(&folder, ""), error.hint().unwrap_or_default().replace(&folder, ""))
}

fn format(name: &str) -> String {
    table(name).origin.format
}

/// A column as text, `-` where missing.
fn texts(table: &Table, column: &str) -> Vec<String> {
    let values = &table.column(column).unwrap_or_else(|| panic!("no column {column}")).values;
    (0..values.len()).map(|row| values.text(row).map_or("-".into(), std::borrow::Cow::into_owned)).collect()
}

fn types(table: &Table) -> Vec<ColumnType> {
    table.columns.iter().map(|c| c.values.column_type()).collect()
}

#[test]
fn npy_of_every_number() {
    let c = table("npy/float64_c.npy");
    assert_eq!(c.names(), ["x0", "x1", "x2"]);
    assert_eq!(c.origin.format, "npy · float64 · 2×3");
    assert_eq!(
        [texts(&c, "x0"), texts(&c, "x1"), texts(&c, "x2")].concat(),
        ["1", "-inf", "2.5", "1e300", "-", "inf"]
    );
    let f = table("npy/float32_f.npy");
    assert_eq!(texts(&f, "x0"), ["1", "4"]);
    assert_eq!(texts(&f, "x2"), ["3", &f64::from(0.1_f32).to_string()]);
    let half = table("npy/float16_big.npy");
    assert_eq!(texts(&half, "float16_big"), ["1.5", "-inf", "-", "65504", "5.960464477539063e-8"]);
    for kind in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"] {
        let bits: i32 = 8 * kind[1..].parse::<i32>().expect("a size");
        let (low, high) = if kind.starts_with('i') {
            (-(2_f64.powi(bits - 1)), 2_f64.powi(bits - 1) - 1.0)
        } else {
            (0.0, 2_f64.powi(bits) - 1.0)
        };
        let (low, high) = (low.max(-(2_f64.powi(53))), high.min(2_f64.powi(53)));
        for order in ["little", "big"] {
            let name = format!("{kind}_{order}");
            let found = table(&format!("npy/{name}.npy"));
            assert_eq!(found.columns[0].values, Values::Number(vec![low, 0.0, high]), "{name}");
        }
    }
}

#[test]
fn npy_dimensions_are_flattened_in_the_order_of_c() {
    for name in ["npy/cube_c.npy", "npy/cube_f.npy"] {
        let cube = table(name);
        assert_eq!((cube.rows(), cube.columns.len()), (2, 6));
        let row: Vec<String> = (0..6).map(|i| texts(&cube, &format!("x{i}"))[1].clone()).collect();
        assert_eq!(row, ["6", "7", "8", "9", "10", "11"], "{name}");
    }
    assert_eq!(texts(&table("npy/scalar.npy"), "scalar"), ["4.5"]);
}

#[test]
fn npy_integers_beyond_two_to_the_53_keep_their_digits() {
    let wide = table("npy/wide.npy");
    assert_eq!(types(&wide), [ColumnType::Category]);
    assert_eq!(texts(&wide, "wide"), ["9007199254740993", "7", "-9223372036854775808"]);
    let unsigned = table("npy/unsigned_wide.npy");
    assert_eq!(types(&unsigned), [ColumnType::Category, ColumnType::Number]);
    assert_eq!(texts(&unsigned, "x0"), ["18446744073709551615", "1"]);
    let options = ReadOptions { types: vec![("wide".into(), ColumnType::Number)], ..Default::default() };
    let numbers = read(&fixture("npy/wide.npy"), &options).expect("a table");
    assert_eq!(types(&numbers), [ColumnType::Number]);
}

#[test]
fn npy_texts_booleans_and_dates() {
    assert_eq!(texts(&table("npy/bool.npy"), "bool"), ["true", "false", "true"]);
    assert_eq!(texts(&table("npy/unicode.npy"), "unicode"), ["é", "-", "日本", "a b"]);
    assert_eq!(texts(&table("npy/unicode_big.npy"), "unicode_big"), ["é", "😀"]);
    assert_eq!(texts(&table("npy/bytes.npy"), "bytes"), ["ab", "-", "\\xff\\x01"]);
    for unit in ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns"] {
        let name = format!("date_{unit}");
        let expected = match unit {
            "Y" => ["2013-01-01", "-", "1969-01-01"],
            "M" => ["2013-07-01", "-", "1969-12-01"],
            "W" => ["2013-07-04", "-", "1969-12-25"],
            _ => ["2013-07-04", "-", "1969-12-31"],
        };
        let dates = table(&format!("npy/{name}.npy"));
        assert_eq!(types(&dates), [ColumnType::Date]);
        assert_eq!(texts(&dates, &name), expected, "{unit}");
    }
    assert_eq!(texts(&table("npy/date_25s.npy"), "date_25s"), ["1970-01-01T00:00:25", "1969-12-31T23:59:35"]);
    assert_eq!(texts(&table("npy/duration.npy"), "duration"), ["1.5", "-0.001", "-"]);
}

#[test]
fn npy_records_are_named_columns() {
    let records = table("npy/records.npy");
    assert_eq!(records.names(), ["id", "name", "born", "xy1", "xy2", "ok"]);
    assert_eq!(records.origin.format, "npy · records of 6 fields · 2 · skipped z (complex)");
    assert_eq!(texts(&records, "name"), ["Zoë", "Bo"]);
    assert_eq!(records.columns[2].values, Values::Date(vec![11_016 * 86_400_000_000, MISSING_DATE]));
    assert_eq!([texts(&records, "xy1"), texts(&records, "xy2")].concat(), ["1", "3", "2", "4.5"]);
    assert_eq!(texts(&records, "ok"), ["true", "false"]);
    let nested = table("npy/nested.npy");
    assert_eq!(nested.names(), ["a.x", "a.y", "b"]);
    assert_eq!(texts(&nested, "a.y"), ["2.5"]);
    for (version, column) in [(1, "a"), (2, "a"), (3, "é")] {
        assert_eq!(texts(&table(&format!("npy/version_{version}.npy")), column), ["1", "2"]);
    }
}

#[test]
fn npy_that_is_no_table_is_refused() {
    let (objects, hint) = refused("npy/objects.npy");
    assert_eq!(objects, "npy/objects.npy holds Python objects, which cannot be read");
    assert!(hint.contains("astype(float)"), "{hint}");
    assert_eq!(refused("npy/complex.npy").0, "npy/complex.npy holds complex numbers, which cannot be read");
    assert_eq!(refused("npy/empty.npy").0, "npy/empty.npy is empty");
    assert_eq!(
        refused("npy/objects.npz").0,
        "npy/objects.npz holds o (Python objects), which cannot be read"
    );
}

#[test]
fn npz_arrays_stand_side_by_side() {
    for name in ["npy/several.npz", "npy/several_compressed.npz"] {
        let several = table(name);
        assert_eq!(several.names(), ["X1", "X2", "y", "name"]);
        assert_eq!(several.origin.format, "npz · X 3×2, y 3, name 3 · skipped z (complex), w 2");
        assert_eq!([texts(&several, "X2"), texts(&several, "name")].concat(), ["1", "3", "5", "a", "b", "c"]);
    }
}

#[test]
fn npz_of_sparse_matrices() {
    for layout in ["csr", "csc", "coo", "coo_array"] {
        let matrix = table(&format!("npy/{layout}.npz"));
        let columns = [texts(&matrix, "x0"), texts(&matrix, "x1"), texts(&matrix, "x2")].concat();
        assert_eq!(columns, ["0", "0", "-2", "1.5", "0", "0", "0", "0", "3"], "{layout}");
    }
    assert_eq!(format("npy/csr.npz"), "npz · sparse csr 3×3, 3 values");
    assert_eq!(texts(&table("npy/csr_bool.npz"), "x0"), ["1"]);
    let (dia, hint) = refused("npy/dia.npz");
    assert_eq!(dia, "npy/dia.npz holds a sparse matrix in the layout dia, which cannot be read");
    assert!(hint.contains("tocsr"), "{hint}");
}

#[test]
fn svmlight_is_a_table_with_its_zeros() {
    let one = table("svmlight/one_based.svm");
    assert_eq!(one.names(), ["f1", "f2", "f3", "f4", "label"]);
    assert_eq!(texts(&one, "f2"), ["1.5", "0", "0"]);
    assert_eq!(texts(&one, "f1"), ["0", "0", "1e300"]);
    assert_eq!([texts(&one, "f3"), texts(&one, "label")].concat(), ["0", "0", "0.1", "1", "-1", "2.5"]);
    assert_eq!(one.origin.format, "svmlight");
    assert_eq!(one.line_of(0), Some(5), "behind the comments");
    let zero = table("svmlight/zero_based.svm");
    assert_eq!((zero.names()[0], zero.origin.format.as_str()), ("f0", "svmlight · zero-based"));
    let queries = table("svmlight/queries.svm");
    assert_eq!(texts(&queries, "qid"), ["3", "3", "9007199254740993"]);
    let labels = table("svmlight/labels.svm");
    assert_eq!(texts(&labels, "label"), ["-", "0,2", "1"]);
    assert_eq!(types(&labels)[4], ColumnType::Category);
}

#[test]
fn arff_keeps_its_declared_types() {
    use ColumnType::{Category, Date, Number};
    let dense = table("arff/dense.arff");
    assert_eq!(dense.names(), ["height", "number of", "colour", "text", "id"]);
    assert_eq!(types(&dense), [Number, Number, Category, Category, Category]);
    assert_eq!(texts(&dense, "height"), ["1.5", "-", "-inf", "1e300", "inf"]);
    assert_eq!(texts(&dense, "colour"), ["red", "-", "it's", "é", "dark blue"]);
    assert_eq!(texts(&dense, "text"), ["a, b", "-", "100%", "日本 'x' \"y\"", "-"]);
    assert_eq!(texts(&dense, "id"), ["9007199254740993", "-", "2", "-9007199254740993", "3"]);
    let Values::Category { levels, .. } = &dense.columns[2].values else { panic!("a category") };
    assert_eq!(**levels, ["red", "dark blue", "it's", "é"], "as declared");
    assert_eq!(dense.line_of(0), Some(11));
    let sparse = table("arff/sparse.arff");
    assert_eq!(texts(&sparse, "height"), ["1.5", "0", "0"]);
    assert_eq!(texts(&sparse, "number of"), ["0", "0", "2"]);
    assert_eq!(texts(&sparse, "colour"), ["dark blue", "red", "red"]);
    let weka = table("arff/weka.arff");
    assert_eq!(weka.names(), ["outlook", "the \"day\"", "when", "temperature", "weight", "instance weight"]);
    assert_eq!(types(&weka), [Category, Date, Date, Number, Number, Number]);
    assert_eq!(texts(&weka, "outlook"), ["sunny", "-", "light rain", "overcast"]);
    assert_eq!(texts(&weka, "the \"day\""), ["2013-07-04T05:15:00", "-", "1969-12-31T23:59:00", "-"]);
    assert_eq!(texts(&weka, "temperature"), ["85", "-", "100", "-4"]);
    assert_eq!(texts(&weka, "instance weight"), ["1", "2", "1", "0.5"]);
    assert_eq!(weka.origin.format, "arff · weights of rows as `instance weight`");
}

#[test]
fn mat_as_scipy_writes_it() {
    for name in ["mat/plain.mat", "mat/compressed.mat"] {
        let found = table(name);
        assert_eq!(found.names(), ["X1", "X2", "y", "wide", "ok"]);
        assert_eq!(
            found.origin.format,
            "mat v5 · X 3×2, y 3×1, wide 3×1, ok 3×1 · skipped text (a text), words (a cell array), \
             record (a structure), z (complex), sparse (sparse), cube (not two-dimensional), row 1×2",
            "{name}"
        );
        assert_eq!(
            [texts(&found, "X1"), texts(&found, "X2")].concat(),
            ["1", "-", "1e300", "2.5", "-inf", "0"]
        );
        assert_eq!(texts(&found, "wide"), ["9007199254740993", "7", "-5"]);
        assert_eq!(texts(&found, "ok"), ["true", "false", "true"]);
    }
    assert_eq!(
        refused("mat/version4.mat").0,
        "mat/version4.mat is a MAT file of version 4, which cannot be read"
    );
}

#[test]
fn containers_are_looked_into() {
    for (name, note) in [
        ("a.csv.gz", "gzip"),
        ("one.csv.zip", "zip (in/a.csv)"),
        ("stored.zip", "zip (a.csv)"),
        ("inner.zip", "gzip · zip (a.csv.gz)"),
    ] {
        let found = table(&format!("containers/{name}"));
        assert_eq!(texts(&found, "carrier"), ["é", "B"], "{name}");
        assert_eq!(found.origin.format, format!("csv · comma · header · {note}"));
    }
    let zst = table("containers/a.csv.zst");
    assert_eq!(texts(&zst, "carrier"), ["é", "B", "D"]);
    assert_eq!(zst.origin.format, "csv · comma · header · zstd");
}

#[test]
fn archives_of_several_files() {
    let parts = table("containers/parts.zip");
    assert_eq!(parts.names(), ["day", "delay", "carrier"]);
    assert_eq!([texts(&parts, "day"), texts(&parts, "carrier")].concat(), ["1", "2", "3", "é", "B", "C"]);
    assert_eq!(parts.origin.format, "csv · comma · header · 2 files · zip (2 files)");
    assert!(parts.place_of(2).ends_with("parts.zip#b.csv, row 0 (line 2)"), "{}", parts.place_of(2));
    let one = table("containers/parts.zip#b.csv");
    assert_eq!((one.rows(), one.names()[0]), (1, "carrier"));
    assert!(one.origin.name.ends_with("parts.zip#b.csv"));
    assert_eq!(table("containers/parts.zip#*.csv").rows(), 3);
    let (apart, hint) = refused("containers/apart.zip");
    assert_eq!(apart, "containers/apart.zip holds 2 files that are not the parts of one table");
    assert_eq!(hint, "name one of them:  'containers/apart.zip#train.csv'");
    assert_eq!(
        refused("containers/mixed.zip").0,
        "containers/mixed.zip holds 2 files that are not the parts of one table"
    );
    let (missing, hint) = refused("containers/apart.zip#tset.csv");
    assert_eq!(missing, "containers/apart.zip holds no file tset.csv");
    assert_eq!(hint, "name one of them:  'containers/apart.zip#test.csv'");
}

#[test]
fn archives_that_are_no_tables() {
    for (name, found) in [
        (
            "twice.zip",
            "containers/twice.zip#inner.zip is a zip archive within an archive, which cannot be read",
        ),
        ("empty.zip", "containers/empty.zip is empty"),
        ("sheet.xlsx", "containers/sheet.xlsx is an Excel spreadsheet, which cannot be read"),
        ("sheet.ods", "containers/sheet.ods is an OpenDocument file, which cannot be read"),
        (
            "bzip2.zip",
            "containers/bzip2.zip#a.csv is in a zip archive with an unusual compression, which cannot be read",
        ),
        ("a.csv.gz#b.csv", "containers/a.csv.gz holds no file b.csv"),
    ] {
        assert_eq!(refused(&format!("containers/{name}")).0, found);
    }
    let options = ReadOptions { max_bytes: 1 << 20, ..Default::default() };
    let bomb = read(&fixture("containers/bomb.zip"), &options).expect_err("a bomb").to_string();
    assert!(bomb.ends_with("bomb.zip holds more than 1048576 bytes"), "{bomb}");
}
