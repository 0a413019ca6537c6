//! Parquet and Arrow files as pyarrow writes them (`fixtures/columnar/make.py`): every type, every compression.

mod common;

use common::gzip;
use retrograde_data::{
    ColumnType, DataError, MISSING_DATE, ReadOptions, Source, Table, Values, read, read_bytes, scan_columnar,
    scan_columnar_bytes,
};
use std::path::PathBuf;

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/columnar").join(file)
}

fn bytes(file: &str) -> Vec<u8> {
    std::fs::read(path(file)).expect("a fixture")
}

fn table(file: &str) -> Table {
    read(&path(file), &ReadOptions::default()).expect("a readable table")
}

fn scanned(file: &str) -> Source<'static> {
    scan_columnar(&path(file), &ReadOptions::default()).expect("a readable file")
}

fn refused(file: &str) -> DataError {
    let error = read(&path(file), &ReadOptions::default()).expect_err("a refusal");
    assert_eq!(
        scan_columnar(&path(file), &ReadOptions::default()).expect_err("too").to_string(),
        error.to_string()
    );
    error
}

/// The message with the file's name alone.
fn message(error: &DataError) -> String {
    error.to_string().replace(&format!("{}/", path("").display()).replace("//", "/"), "")
}

fn typed(types: &[(&str, ColumnType)]) -> ReadOptions {
    let types = types.iter().map(|&(name, wanted)| (name.to_owned(), wanted)).collect();
    ReadOptions { types, ..ReadOptions::default() }
}

fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    let values = &table.column(column).unwrap_or_else(|| panic!("column {column}")).values;
    (0..values.len()).map(|row| values.text(row).map(Into::into)).collect()
}

fn assert_category(table: &Table, column: &str, expected: &[Option<&str>]) {
    let values = &table.column(column).unwrap_or_else(|| panic!("column {column}")).values;
    assert_eq!(values.column_type(), ColumnType::Category, "{column}");
    let found = texts(table, column);
    assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{column}");
}

/// NaN is equal to NaN, and 0 is not −0.
fn assert_numbers(table: &Table, column: &str, expected: &[f64]) {
    let Some(Values::Number(found)) = table.column(column).map(|c| &c.values) else {
        panic!("{column} is not of numbers");
    };
    let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    assert!(found.len() == expected.len() && found.iter().zip(expected).all(same), "{column}: {found:?}");
}

fn assert_dates(table: &Table, column: &str, expected: &[i64]) {
    let Some(Values::Date(found)) = table.column(column).map(|c| &c.values) else {
        panic!("{column} is not of dates");
    };
    assert_eq!(found, expected, "{column}");
}

const NAN: f64 = f64::NAN;
const TWO53: f64 = 9_007_199_254_740_992.0;
const TEXTS: [Option<&str>; 7] = [
    Some("plain"),
    None,
    Some(""),
    Some("a \"quote\", and\na line"),
    Some("Ünïcödé 🦆"),
    Some("plain"),
    Some("NA"),
];

/// The columns of `types` in `make.py`. Without the schema that pyarrow adds for Arrow, durations are whole numbers.
fn assert_types(table: &Table, file: &str) {
    assert_eq!(table.rows(), 7, "{file}");
    for column in ["i8", "i16", "i32"] {
        assert_numbers(table, column, &[1.0, NAN, -1.0, 0.0, 100.0, 7.0, 7.0]);
    }
    for column in ["u8", "u16"] {
        assert_numbers(table, column, &[1.0, NAN, 255.0, 0.0, 100.0, 7.0, 7.0]);
    }
    assert_numbers(table, "u32", &[4_294_967_295.0, NAN, 255.0, 0.0, 100.0, 7.0, 7.0]);
    assert_numbers(table, "i64", &[TWO53, NAN, -TWO53, 0.0, 100.0, 7.0, 7.0]);
    assert_numbers(table, "u64", &[TWO53, NAN, 255.0, 0.0, 100.0, 7.0, 7.0]);
    for column in ["f16", "f32", "f64"].into_iter().filter(|c| table.column(c).is_some()) {
        let expected = [0.5, NAN, NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1.5];
        assert_numbers(table, column, &expected);
    }
    assert_numbers(table, "decimal", &[0.1, -1.25, NAN, 7.0, 7.0, 7.0, 7.0]);
    assert_numbers(table, "decimal38", &[0.1, 1_000_000.5, NAN, 7.0, 7.0, 7.0, 7.0]);
    assert_numbers(table, "null", &[NAN; 7]);
    let (seven, hundred) = (Some("7"), Some("100"));
    let long =
        [Some("9007199254740993"), None, Some("-9223372036854775808"), Some("0"), hundred, seven, seven];
    assert_category(table, "i64 long", &long);
    let long = [Some("18446744073709551615"), None, Some("255"), Some("0"), hundred, seven, seven];
    assert_category(table, "u64 long", &long);
    let long = [Some("90071992547409930.1"), None, Some("-0.5"), seven, seven, seven, seven];
    assert_category(table, "decimal long", &long);
    let (yes, no) = (Some("true"), Some("false"));
    assert_category(table, "bool", &[yes, None, no, yes, yes, no, yes]);
    for column in ["text", "large", "dictionary"] {
        assert_category(table, column, &TEXTS);
    }
    for column in ["date32", "date64"] {
        assert_dates(table, column, &[1_359_590_400_000_000, MISSING_DATE, -86_400_000_000, 0, 0, 0, 0]);
    }
    assert_dates(table, "s", &[1_359_609_300_000_000, MISSING_DATE, -1_000_000, 0, 0, 0, 0]);
    for column in ["ms", "us", "ns", "utc", "zone"] {
        assert_dates(table, column, &[1_359_609_300_250_000, MISSING_DATE, -1000, 0, 0, 0, 0]);
    }
    for column in ["time32", "time64", "time64 ns"] {
        assert_numbers(table, column, &[18_900.25, NAN, 0.0, 86_399.0, 86_399.0, 86_399.0, 86_399.0]);
    }
}

#[test]
fn every_type_in_every_format() {
    let left_out = "4 columns left out: list (list), struct (struct), bytes (binary), map (map)";
    let formats = [
        ("types.parquet", "parquet · zstd"),
        ("bare.parquet", "parquet"),
        ("types.arrow", "arrow file"),
        ("types.arrows", "arrow stream · zstd"),
        ("types.feather", "arrow file · lz4"),
    ];
    for (file, format) in formats {
        let whole = table(file);
        assert_types(&whole, file);
        assert_eq!(
            (whole.origin.format.as_str(), &whole.origin.notes[..]),
            (format, &[left_out.to_owned()][..])
        );
        if file == "bare.parquet" {
            assert_numbers(&whole, "duration", &[86_400_500.0, NAN, -1000.0, 0.0, 0.0, 0.0, 0.0]);
            assert_numbers(&whole, "numbers by key", &[3.0, NAN, 1.0, 3.0, 1.0, 2.0, 3.0]);
        } else {
            assert_numbers(&whole, "duration", &[86_400.5, NAN, -1.0, 0.0, 0.0, 0.0, 0.0]);
            let (one, three) = (Some("1"), Some("3"));
            assert_category(&whole, "numbers by key", &[three, None, one, three, one, Some("2"), three]);
        }
        assert_category_order(&whole);
    }
}

/// Levels are in the order of their first cells, whatever the order of a dictionary.
fn assert_category_order(table: &Table) {
    let Some(Values::Category { levels, .. }) = table.column("text").map(|c| &c.values) else {
        panic!("a category");
    };
    assert_eq!(**levels, ["plain", "", "a \"quote\", and\na line", "Ünïcödé 🦆", "NA"]);
}

/// NaN is no number like others, so that tables are compared by their text.
fn assert_same(a: &Table, b: &Table) {
    assert_eq!((a.names(), &a.origin), (b.names(), &b.origin));
    for column in a.names() {
        let of = |t: &Table| t.column(column).map(|c| c.values.column_type());
        assert_eq!(of(a), of(b), "{column}");
        assert_eq!(texts(a, column), texts(b, column), "{column}");
    }
}

#[test]
fn the_pieces_of_a_file_are_its_table() {
    for file in ["types.parquet", "bare.parquet", "types.arrow", "types.arrows", "types.feather"] {
        let (source, whole) = (scanned(file), table(file));
        assert_eq!(source.rows(), 7);
        let types: Vec<(String, ColumnType)> =
            whole.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
        assert_eq!(source.columns(), types);
        assert_same(&source.collect(None).expect("all"), &whole);
        // Bytes are read as the file is, but for the name.
        let from_bytes = scan_columnar_bytes(&whole.origin.name, bytes(file), &ReadOptions::default());
        assert_same(&from_bytes.and_then(|s| s.collect(None)).expect("all"), &whole);
        assert_same(
            &read_bytes(&whole.origin.name, &bytes(file), &ReadOptions::default()).expect("all"),
            &whole,
        );
        // Some columns in another order, twice over.
        for _ in 0..2 {
            let some = source.collect(Some(&["utc", "text", "i64 long", "i8"])).expect("some");
            assert_eq!(some.names(), ["utc", "text", "i64 long", "i8"]);
            for column in some.names() {
                assert_eq!(texts(&some, column), texts(&whole, column));
            }
        }
        let error = source.collect(Some(&["list"])).expect_err("left out");
        assert!(matches!(error, DataError::UnknownColumn { .. }));
    }
}

#[test]
fn fingerprints_are_those_of_the_bytes() {
    for file in ["types.parquet", "types.arrow"] {
        let found = scanned(file).origin().fingerprint;
        assert!(found.is_some());
        assert_eq!(table(file).origin.fingerprint, found);
        let whole = read_bytes(file, &bytes(file), &ReadOptions::default()).expect("a table");
        assert_eq!(whole.origin.fingerprint, found);
    }
}

#[test]
fn a_gzipped_file_is_read() {
    let whole = read_bytes("t.parquet.gz", &gzip(&bytes("types.parquet")), &ReadOptions::default());
    let whole = whole.expect("a table");
    assert_types(&whole, "t.parquet.gz");
    assert!(whole.origin.format.ends_with(" · gzip"), "{}", whole.origin.format);
}

#[test]
fn every_compression_and_several_row_groups() {
    let expected: Vec<Option<String>> = (0..300).map(|i| Some(format!("word {}", i % 7))).collect();
    for file in ["codecs-1.parquet", "codecs-2.parquet"] {
        let whole = table(file);
        assert_eq!(whole.origin.format, "parquet · gzip + lz4 + snappy + zstd");
        for column in ["none", "snappy", "gzip", "zstd", "lz4"] {
            assert_eq!(texts(&whole, column), expected, "{file}, {column}");
        }
        assert_numbers(&whole, "x", &(0..300).map(f64::from).collect::<Vec<_>>());
        assert_same(&scanned(file).collect(None).expect("all"), &whole);
    }
    let error = refused("brotli.parquet");
    assert_eq!(
        message(&error),
        "brotli.parquet is a Parquet file compressed with Brotli, which cannot be read"
    );
    let hint = "write it with another compression, in Python:  df.to_parquet('FILE', compression='zstd')";
    assert_eq!(error.hint().as_deref(), Some(hint));
}

#[test]
fn every_encoding_of_both_kinds_of_pages() {
    let texts_expected: Vec<Option<String>> =
        (0..200).map(|i| (i % 5 != 0).then(|| format!("prefix {} and {i}", i / 10))).collect();
    for file in ["encodings-1.parquet", "encodings-2.parquet"] {
        let whole = table(file);
        for column in ["lengths", "prefixes", "plain"] {
            assert_eq!(texts(&whole, column), texts_expected, "{file}, {column}");
        }
        let deltas: Vec<f64> =
            (0..200).map(|i| if i % 7 == 0 { NAN } else { f64::from(i * i - 50) }).collect();
        assert_numbers(&whole, "deltas", &deltas);
        assert_numbers(&whole, "required", &(0..200).map(f64::from).collect::<Vec<_>>());
        assert_numbers(&whole, "split", &(0..200).map(|i| f64::from(i) / 8.0).collect::<Vec<_>>());
        let flags: Vec<Option<String>> = (0..200).map(|i| Some((i % 3 == 0).to_string())).collect();
        assert_eq!(texts(&whole, "flags"), flags);
    }
}

#[test]
fn dictionaries_may_grow_and_be_replaced() {
    for (file, second) in [("growing.arrows", "a"), ("replaced.arrows", "c")] {
        let whole = table(file);
        let other = if second == "a" { "b" } else { "a" };
        let expected = [Some("b"), Some("a"), None, Some(second), Some(other), Some(second)];
        assert_category(&whole, "word", &expected);
        assert_numbers(&whole, "x", &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
        assert_same(&scanned(file).collect(None).expect("all"), &whole);
    }
}

#[test]
fn views_old_timestamps_and_the_index_of_pandas() {
    let views = table("views.arrow");
    let mut expected = TEXTS.to_vec();
    expected.extend([Some("a text of more than twelve bytes"); 7]);
    assert_category(&views, "view", &expected);
    assert_dates(&table("int96.parquet"), "when", &[1_359_609_300_000_000, MISSING_DATE]);
    for file in ["pandas.parquet", "pandas.feather"] {
        let frame = table(file);
        assert_eq!(frame.names(), ["n", "when", "kind", "__index_level_0__"]);
        assert_numbers(&frame, "n", &[1.0, 2.0, NAN]);
        assert_dates(&frame, "when", &[1_359_609_300_000_000, MISSING_DATE, 1_359_676_800_000_000]);
        assert_category(&frame, "kind", &[Some("b"), Some("a"), None]);
    }
}

#[test]
fn types_that_are_asked_for_are_given_in_every_piece() {
    use ColumnType::{Category, Date, Number};
    let wanted = [
        ("i8", Category),
        ("i64 long", Number),
        ("u64 long", Number),
        ("decimal long", Number),
        ("bool", Number),
        ("us", Category),
        ("numbers by key", Number),
        ("f64", Category),
        ("date32", Date),
        ("no such column", Date),
    ];
    for file in ["types.parquet", "types.arrow", "types.arrows"] {
        let options = typed(&wanted);
        let whole = read(&path(file), &options).expect("a table");
        assert_category(
            &whole,
            "i8",
            &[Some("1"), None, Some("-1"), Some("0"), Some("100"), Some("7"), Some("7")],
        );
        assert_numbers(&whole, "i64 long", &[TWO53, NAN, -9_223_372_036_854_775_808.0, 0.0, 100.0, 7.0, 7.0]);
        assert_numbers(&whole, "u64 long", &[18_446_744_073_709_551_616.0, NAN, 255.0, 0.0, 100.0, 7.0, 7.0]);
        assert_numbers(&whole, "decimal long", &[90_071_992_547_409_930.1, NAN, -0.5, 7.0, 7.0, 7.0, 7.0]);
        assert_numbers(&whole, "bool", &[1.0, NAN, 0.0, 1.0, 1.0, 0.0, 1.0]);
        assert_numbers(&whole, "numbers by key", &[3.0, NAN, 1.0, 3.0, 1.0, 2.0, 3.0]);
        let (epoch, before) = (Some("1970-01-01"), Some("1969-12-31T23:59:59.999"));
        let when = Some("2013-01-31T05:15:00.250");
        assert_category(&whole, "us", &[when, None, before, epoch, epoch, epoch, epoch]);
        let floats = [Some("0.5"), None, None, Some("inf"), Some("-inf"), Some("0"), Some("1.5")];
        assert_category(&whole, "f64", &floats);
        let source = scan_columnar(&path(file), &options).expect("a source");
        assert_same(&source.collect(None).expect("all"), &whole);
    }
}

#[test]
fn texts_that_are_not_what_was_asked_for_are_named() {
    let number = typed(&[("text", ColumnType::Number)]);
    let date = typed(&[("dictionary", ColumnType::Date)]);
    for file in ["types.parquet", "types.arrows"] {
        let error = read(&path(file), &number).expect_err("a text");
        assert_eq!(
            message(&error),
            format!("{file}, row 0, column `text`: found `plain`, expected a number")
        );
        let source = scan_columnar(&path(file), &date).expect("a source");
        let error = source.collect(None).expect_err("a text");
        assert_eq!(message(&error), format!("{file}, row 0, column `dictionary`: `plain` is not a date"));
    }
}

#[test]
fn what_is_no_table_is_refused() {
    for kind in ["parquet", "arrow"] {
        let empty = format!("empty.{kind}");
        assert_eq!(message(&refused(&empty)), format!("{empty} is empty"));
        let nested = format!("nested.{kind}");
        let error = refused(&nested);
        assert_eq!(
            message(&error),
            format!("{nested} has no column of numbers, texts, truth values or dates")
        );
        assert_eq!(error.details(), ["found: list (list), struct (struct)"]);
        let error = refused(&format!("nothing.{kind}"));
        assert_eq!(error.details(), ["found: no columns"]);
    }
    let error = scanned("far.arrow").collect(None).expect_err("a date out of range");
    let whole = read(&path("far.arrow"), &ReadOptions::default()).expect_err("a date out of range");
    assert_eq!(whole.to_string(), error.to_string());
    assert_eq!(
        message(&error),
        "far.arrow, row 1, column `when`: 4611686018427387904 seconds since 1970 is beyond the years −290308 to 294247"
    );
}

#[test]
fn files_that_end_too_early_or_are_of_another_kind() {
    let parse = |name: &str, bytes: &[u8]| {
        read_bytes(name, bytes, &ReadOptions::default()).expect_err("a refusal").to_string()
    };
    let whole = bytes("types.parquet");
    let cut = parse("t.parquet", &whole[..whole.len() - 100]);
    assert!(cut.starts_with("t.parquet is a damaged Parquet file: other bytes at byte "), "{cut}");
    assert!(cut.ends_with("expected `PAR1`, with which a whole file ends"), "{cut}");
    let whole = bytes("types.arrow");
    let cut = parse("t.arrow", &whole[..whole.len() - 100]);
    assert!(cut.ends_with("expected `ARROW1`, with which a whole file ends"), "{cut}");
    assert_eq!(parse("t", b"PAR1"), "t is a damaged Parquet file: the end at byte 4, expected a footer");
    let named = parse("t.parquet", b"a,b\n1,2\n");
    assert_eq!(named, "t.parquet is a damaged Parquet file: 61 2c 62 0a at byte 0, expected `PAR1`");
    let old = parse("t.feather", b"FEA1\0\0\0\0");
    assert_eq!(old, "t.feather is a Feather file of version 1, which cannot be read");
    let csv = scan_columnar_bytes("t.csv", b"a,b\n".to_vec(), &ReadOptions::default());
    let csv = csv.expect_err("no columns").to_string();
    assert_eq!(csv, "t.csv is neither a Parquet nor an Arrow file, which cannot be read");
}

#[test]
fn a_table_larger_than_anyone_expects_is_refused_before_it_is_made() {
    let options = ReadOptions { max_bytes: 100, ..ReadOptions::default() };
    // 7 rows of 38 columns are within 64 times the file's length.
    assert!(read(&path("types.parquet"), &options).is_ok());
    assert!(read(&path("types.arrow"), &options).is_ok());
    // A million nulls take no byte of the file, and neither do two columns of them.
    let nulls: arrow_array::ArrayRef = std::sync::Arc::new(arrow_array::NullArray::new(1_000_000));
    let columns = ["a", "b"].map(|name| (name, nulls.clone(), true));
    let batch = arrow_array::RecordBatch::try_from_iter_with_nullable(columns).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(&mut bytes, &batch.schema()).expect("a writer");
    writer.write(&batch).and_then(|()| writer.finish()).expect("a stream");
    drop(writer);
    let refused = |error: DataError, wanted: usize| {
        let is_so =
            matches!(error, DataError::TooManyCells { rows: 1_000_000, columns, .. } if columns == wanted);
        assert!(is_so && error.hint().is_some(), "{error}");
    };
    refused(read_bytes("t.arrows", &bytes, &options).expect_err("the whole table"), 2);
    refused(scan_columnar_bytes("t.arrows", bytes, &options).expect_err("one column of it"), 1);
}

/// Each column alone is inside the body; together they are longer than it.
#[test]
fn parts_that_overlap_are_refused_however_the_file_is_read() {
    let numbers: arrow_array::ArrayRef = std::sync::Arc::new(arrow_array::Float64Array::from(vec![1.0; 8]));
    let columns = ["a", "b"].map(|name| (name, numbers.clone()));
    let batch = arrow_array::RecordBatch::try_from_iter(columns).expect("a batch");
    let mut bytes = Vec::new();
    let mut writer = arrow_ipc::writer::StreamWriter::try_new(&mut bytes, &batch.schema()).expect("a writer");
    writer.write(&batch).and_then(|()| writer.finish()).expect("a stream");
    drop(writer);
    // Offset and length of the values of `b`, as the last of the list of parts.
    let words: Vec<u8> = [64_u64, 64].into_iter().flat_map(u64::to_le_bytes).collect();
    let at = bytes.windows(16).rposition(|window| window == words).expect("the place of a column");
    bytes[at..at + 8].fill(0);
    bytes[at + 8..at + 16].copy_from_slice(&128_u64.to_le_bytes());
    let options = ReadOptions::default();
    let whole = read_bytes("t.arrows", &bytes, &options).expect_err("the whole table").to_string();
    let source = scan_columnar_bytes("t.arrows", bytes, &options);
    let pieces = source.and_then(|source| source.collect(None)).expect_err("its pieces").to_string();
    assert!(whole.contains("together longer than") && pieces == whole, "{whole}\n{pieces}");
}

/// Many columns of zeros, each of which fits into the limit when it is decompressed and which together do not.
#[test]
fn what_all_columns_are_decompressed_to_together_is_bounded() {
    const LIMIT: u64 = 1 << 20;
    let rows = 60_000;
    let zeros: arrow_array::ArrayRef = std::sync::Arc::new(arrow_array::Float64Array::from(vec![0.0; rows]));
    let columns = (0..8).map(|i| (format!("x{i}"), zeros.clone()));
    let batch = arrow_array::RecordBatch::try_from_iter(columns).expect("a batch");
    let options = ReadOptions { max_bytes: LIMIT, ..ReadOptions::default() };
    let refused = |name: &str, bytes: Vec<u8>| {
        let source = scan_columnar_bytes(name, bytes, &options).expect("its metadata is right");
        assert_eq!(source.collect(Some(&["x3"])).expect("one column fits").rows(), rows);
        source.collect(None).expect_err("all of them do not").to_string()
    };
    let zstd = arrow_ipc::writer::IpcWriteOptions::default()
        .try_with_compression(Some(arrow_ipc::CompressionType::ZSTD))
        .expect("options");
    let mut stream = arrow_ipc::writer::StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), zstd)
        .expect("a stream");
    stream.write(&batch).expect("memory");
    let error = refused("t.arrows", stream.into_inner().expect("memory"));
    assert!(error.contains("columns to be decompressed to over 1048576 bytes"), "{error}");
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::ZSTD(parquet::basic::ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .set_data_page_row_count_limit(rows)
        .build();
    let mut file = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).expect("a file");
    writer.write(&batch).expect("memory");
    writer.close().expect("memory");
    let error = refused("t.parquet", file);
    assert!(error.contains("bytes at a time, expected at most 1048576"), "{error}");
}
