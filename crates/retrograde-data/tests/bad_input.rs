//! One test per way in which a file is not a table, on the exact message.

mod common;

use common::{Mat, gzip, idx, parse};
use retrograde_data::{
    ColumnType, DataError, Encoder, EncoderSettings, Encoding, Header, ReadOptions, Table, read, read_bytes,
    read_mat_variables,
};

/// The message of an input that must be refused.
#[track_caller]
fn refused(result: Result<Table, DataError>) -> String {
    result.expect_err("an error").to_string()
}

#[track_caller]
fn csv_error(text: &str) -> String {
    refused(parse("t.csv", text.as_bytes()))
}

#[test]
fn a_file_that_is_not_there() {
    let error = read("no/such.csv".as_ref(), &ReadOptions::default()).expect_err("an error");
    assert_eq!(error.to_string(), "cannot read no/such.csv: No such file or directory (os error 2)");
}

#[test]
fn empty_files_and_a_header_only() {
    assert_eq!(csv_error(""), "t.csv is empty");
    assert_eq!(csv_error("\n\r\n"), "t.csv is empty");
    assert_eq!(csv_error("\u{feff}"), "t.csv is empty");
    assert_eq!(csv_error("a,b\n"), "t.csv has a header of 2 columns and no rows");
    assert_eq!(refused(parse("t.gz", &gzip(b""))), "t.gz is empty");
    assert_eq!(refused(parse("t", &idx(8, &[0], &[]))), "t is empty");
}

#[test]
fn ragged_rows() {
    assert_eq!(csv_error("a,b\n1,2\n\n1,2,3\n"), "t.csv, row 1 (line 4): 3 cells, expected 2");
    assert_eq!(csv_error("a,b\n1\n"), "t.csv, row 0 (line 2): 1 cell, expected 2");
}

#[test]
fn column_names() {
    assert_eq!(csv_error("a,,b\n1,2,3\n"), "t.csv, line 1: column 2 has no name");
    assert_eq!(csv_error(",index\n1,x\n"), "t.csv, line 1: column 1 has no name");
    assert_eq!(csv_error("a,b,a\n1,2,3\n"), "t.csv: columns 1 and 3 are both named `a`");
    let many = format!("{}\n", "x,".repeat(65_536));
    assert_eq!(csv_error(&many), "t.csv has 65537 columns, expected at most 65536");
}

#[test]
fn text_that_is_no_text() {
    assert_eq!(csv_error("a,b\n1,\0\n"), "t.csv, line 2, byte 3: a NUL byte, expected text");
    let latin = b"a,b\n1,caf\xe9\n";
    let utf8 = ReadOptions { encoding: Encoding::named("utf-8").ok(), ..Default::default() };
    let error = refused(read_bytes("t.csv", latin, &utf8));
    assert_eq!(error, "t.csv, line 2, byte 6: byte 0xe9, expected UTF-8");
    // Half of the text is UTF-8: it is damaged rather than of another encoding.
    let damaged = b"a,b\n1,caf\xc3\xa9\n2,caf\xc3\n";
    assert_eq!(refused(parse("t.csv", damaged)), "t.csv, line 3, byte 6: byte 0xc3, expected UTF-8");
    let half = refused(parse("t.csv", b"\xff\xfea\0,\0b\0\n\0\x00\xd8"));
    assert_eq!(half, "t.csv, byte 12: these bytes are no utf-16le");
    let unknown = Encoding::named("utf-9").expect_err("no encoding");
    assert_eq!(unknown.to_string(), "`utf-9` is no known encoding");
}

#[test]
fn quotes_that_never_close() {
    assert_eq!(csv_error("a,b\n1,\"x\n2,y\n"), "t.csv, line 2: a quote opens here and never closes");
    assert_eq!(csv_error("a,b\n\"1\n2\",\"x\"\"\n"), "t.csv, line 3: a quote opens here and never closes");
    let long = format!("a,b\n1,\"{}", "x,\n".repeat(500_000));
    assert_eq!(csv_error(&long), "t.csv, line 2: a quote opens here and never closes");
}

#[test]
fn a_cell_of_over_a_mebibyte() {
    let text = format!("a,b\n1,{}\n", "x".repeat(1_048_577));
    assert_eq!(
        csv_error(&text),
        "t.csv, line 2, column 2: a cell of 1048577 bytes, expected at most 1048576"
    );
    let name = format!("{},b\n1,2\n", "x".repeat(1_048_577));
    assert_eq!(
        csv_error(&name),
        "t.csv, line 1, column 1: a cell of 1048577 bytes, expected at most 1048576"
    );
}

#[test]
fn infinities_are_read_and_refused_where_they_would_be_used() {
    let encode = |table: &Table, drop: &[&str]| {
        let drop = drop.iter().map(|&name| name.to_owned()).collect();
        let settings = EncoderSettings { targets: vec!["a".into()], drop, ..Default::default() };
        Encoder::fit(table, &[0, 1], &settings)
    };
    for cell in ["inf", "-Infinity", "1e999"] {
        let table = parse("t.csv", format!("a,b,c\n1,2,3\n2,{cell},4\n").as_bytes()).expect("a table");
        let error = encode(&table, &[]).expect_err("infinite").to_string();
        assert!(error.starts_with("t.csv, row 1 (line 3), column `b`: `"), "{error}");
        assert!(error.ends_with("inf` is not finite, expected a finite number"), "{error}");
        assert!(encode(&table, &["b"]).is_ok());
    }
    let idx_file = idx(0x0d, &[2, 1], &[0.5_f32.to_be_bytes(), f32::INFINITY.to_be_bytes()].concat());
    assert!(parse("t", &idx_file).is_ok());
    let mat = Mat { little: true };
    let file = mat.file(&[mat.doubles("v", 2, &[1.0, f64::NEG_INFINITY])]);
    assert!(parse("t", &file).is_ok());
}

#[test]
fn options_that_cannot_be_met() {
    let with = |options: ReadOptions| read_bytes("t.csv", b"age,b\n1,2\n", &options);
    let quote = ReadOptions { delimiter: Some(b'"'), ..Default::default() };
    let expected =
        "the delimiter '\"' cannot separate columns, expected one ASCII character that is not a quote";
    assert_eq!(refused(with(quote)), expected);
    // Categories that are not there are passed over: a table to predict from may lack the target.
    let absent =
        with(ReadOptions { types: vec![("ages".into(), ColumnType::Category)], ..Default::default() });
    assert_eq!(absent.expect("a table").names(), ["age", "b"]);
    let present = ReadOptions { header: Header::Present, ..Default::default() };
    assert_eq!(
        refused(read_bytes("t.csv", b"1,1\n2,3\n", &present)),
        "t.csv: columns 1 and 2 are both named `1`"
    );
}

#[test]
fn other_formats() {
    for (bytes, expected) in [
        (&b"FEA1\0\0"[..], "f is a Feather file of version 1, which cannot be read"),
        (b"PARE\0\0", "f is an encrypted Parquet file, which cannot be read"),
        (b"\x89HDF\r\n\x1a\n", "f is an HDF5 file, which cannot be read"),
    ] {
        assert_eq!(refused(parse("f", bytes)), expected);
    }
    let twice = gzip(&gzip(b"a\n1\n"));
    assert_eq!(refused(parse("f", &twice)), "f is compressed twice, which cannot be read");
}

#[test]
fn gzip_that_is_cut_damaged_or_a_bomb() {
    let whole = gzip(b"a,b\n1,2\n3,4\n");
    let cut = refused(parse("t.gz", &whole[..whole.len() - 5]));
    assert!(
        cut.starts_with("t.gz is a damaged gzip file: after ") && cut.contains(" good bytes of content, "),
        "{cut}"
    );
    let bomb = gzip(&vec![b'1'; 3_000_000]);
    assert!(bomb.len() < 20_000);
    let small = ReadOptions { max_bytes: 1_000_000, ..Default::default() };
    let error = read_bytes("t.gz", &bomb, &small);
    assert_eq!(refused(error), "t.gz holds more than 1000000 bytes");
}

#[test]
fn idx_headers_that_lie() {
    let lie = idx(8, &[60_000, 28, 28], &[0; 10]);
    let expected = "t is a damaged IDX file: 10 bytes of data at byte 16, \
                    expected 47040000 bytes for 60000×28×28 elements";
    assert_eq!(refused(parse("t", &lie)), expected);
    let huge = idx(0x0e, &[u32::MAX; 3], &[]);
    assert!(refused(parse("t", &huge)).contains("expected over 2^64 bytes for"));
    assert_eq!(
        refused(parse("t", &[0, 0, 8, 3, 0, 0])),
        "t is a damaged IDX file: the end of the file at byte 6, expected the rest of the header"
    );
    assert_eq!(
        refused(parse("t", &[0, 0, 8, 0])),
        "t is a damaged IDX file: no dimensions at byte 3, expected 1 dimension or more"
    );
    assert_eq!(
        refused(parse("x-images-idx3-ubyte", b"\0\0\x0a\x01")),
        "x-images-idx3-ubyte is a damaged IDX file: 00 00 0a 01 at byte 0, \
         expected 00 00, an element type and the number of dimensions"
    );
    let wide = idx(8, &[1, 70_000], &vec![0; 70_000]);
    assert_eq!(refused(parse("t", &wide)), "t has 70000 columns, expected at most 65536");
}

#[test]
fn labels_that_do_not_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let images = folder.path().join("t-images-idx3-ubyte");
    let labels = folder.path().join("t-labels-idx1-ubyte");
    std::fs::write(&images, idx(8, &[2, 1, 1], &[1, 2])).expect("a file");
    std::fs::write(&labels, idx(8, &[3], &[7, 8, 9])).expect("a file");
    let (i, l) = (images.display(), labels.display());
    assert_eq!(
        refused(read(&images, &ReadOptions::default())),
        format!("{l} has 3 rows, expected 2 as in {i}")
    );
    std::fs::write(&labels, idx(8, &[2, 2], &[1, 2, 3, 4])).expect("a file");
    let expected = format!("{l} has 2 columns, expected 1 column of labels");
    assert_eq!(refused(read(&images, &ReadOptions::default())), expected);
}

#[test]
fn mat_versions_that_are_not_read() {
    let mut v73 = b"MATLAB 7.3 MAT-file".to_vec();
    v73.resize(124, b' ');
    v73.extend([0, 2, b'I', b'M']);
    let error = parse("t.mat", &v73).expect_err("an error");
    assert_eq!(error.to_string(), "t.mat is a MAT file of version 7.3 (HDF5), which cannot be read");
    assert_eq!(error.hint().as_deref(), Some("in MATLAB or Octave:  save -v7 FILE"));
    let v4 = [0_u32, 1, 1, 0, 2].iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>();
    assert_eq!(refused(parse("t.mat", &v4)), "t.mat is a MAT file of version 4, which cannot be read");
    assert_eq!(
        refused(parse("t.mat", b"a,b\n1,2\n")),
        "t.mat is a damaged MAT file: 61 2c 62 0a at byte 0, expected the header of a MAT file of version 5"
    );
}

#[test]
fn mat_lengths_that_lie() {
    let mat = Mat { little: true };
    let whole = mat.file(&[mat.doubles("v", 2, &[1.0, 2.0])]);
    assert_eq!(
        refused(parse("t.mat", &whole[..whole.len() - 8])),
        "t.mat is a damaged MAT file: 56 bytes left at byte 136, expected 64 bytes of data"
    );
    let lie = mat.file(&[mat.matrix("v", 6, &[1 << 20, 1 << 12], 9, &[0; 16])]);
    assert_eq!(
        refused(parse("t.mat", &lie)),
        "t.mat is a damaged MAT file: 16 bytes of F64 at byte 184, expected 4294967296 numbers"
    );
    let text = mat.file(&[mat.matrix("s", 4, &[1, 2], 4, &[65, 0, 66, 0])]);
    let error = read_mat_variables(&text).expect_err("an error");
    assert_eq!(error.to_string(), "the MAT file holds no two-dimensional array of real numbers");
    assert_eq!(error.details(), ["found: s (a text)"]);
    let bomb = mat.file(&[mat.compressed(&mat.doubles("v", 1, &vec![0.0; 200_000]))]);
    let small = ReadOptions { max_bytes: 1_000_000, ..Default::default() };
    assert_eq!(refused(read_bytes("t.mat", &bomb, &small)), "t.mat holds more than 1000000 bytes");
}

#[test]
fn mat_columns_that_collide() {
    let mat = Mat { little: true };
    let file = mat.file(&[mat.doubles("X", 1, &[1.0, 2.0]), mat.doubles("X2", 1, &[3.0])]);
    assert_eq!(refused(parse("t.mat", &file)), "t.mat: columns 2 and 3 are both named `X2`");
}
