//! What each reader makes of well-formed files.

mod common;

use common::{Mat, csv, gzip, idx, parse};
use retrograde_data::{
    ColumnType, Header, MISSING, ReadOptions, Table, Values, read, read_bytes, read_mat_variables,
};

fn numbers<'a>(table: &'a Table, name: &str) -> &'a [f64] {
    let column = table.column(name).unwrap_or_else(|| panic!("no column {name}"));
    let Values::Number(values) = &column.values else { panic!("{name} is no number") };
    values
}

fn categories<'a>(table: &'a Table, name: &str) -> (&'a [String], &'a [u32]) {
    let column = table.column(name).unwrap_or_else(|| panic!("no column {name}"));
    let Values::Category { levels, codes } = &column.values else { panic!("{name} is no category") };
    (levels, codes)
}

#[test]
fn csv_types_come_from_the_whole_column() {
    let table = csv("n,c,late\n1,a,1\n 2.5e1 ,b,2\n-.5,a,three\n");
    assert_eq!(numbers(&table, "n"), [1.0, 25.0, -0.5]);
    assert_eq!(categories(&table, "c"), (&["a".to_owned(), "b".to_owned()][..], &[0, 1, 0][..]));
    assert_eq!(categories(&table, "late").0, ["1", "2", "three"]);
    assert_eq!(table.origin.name, "t.csv");
    assert_eq!(table.origin.format, "csv · comma · header");
}

#[test]
fn csv_missing_tokens_in_both_types() {
    let table = csv("n,c\n,x\nNA,NA\nN/A,N/A\nNaN,NaN\nnan,nan\nnull,null\nNULL,NULL\nNone,None\n?,?\n1,\n");
    assert!(numbers(&table, "n")[..9].iter().all(|x| x.is_nan()));
    let (levels, codes) = categories(&table, "c");
    assert_eq!(levels, ["x"]);
    assert!(codes[1..].iter().all(|&c| c == MISSING));
}

#[test]
fn csv_delimiters_and_headers_are_sniffed() {
    for (text, format) in [
        ("a,b\n1,2\n", "csv · comma · header"),
        ("a;b\n1,5;2,5\n", "csv · semicolon · header"),
        ("a\tb\n1\t2\n", "csv · tab · header"),
        ("a|b\n1|2\n", "csv · bar · header"),
        ("1,2\n3,4\n", "csv · comma · no header"),
        ("a\n1\n", "csv · comma · header"),
        ("x,1\ny,2\n", "csv · comma · no header"),
    ] {
        assert_eq!(csv(text).origin.format, format, "{text:?}");
    }
    assert_eq!(csv("1,2\n3,4\n").names(), ["c0", "c1"]);
}

#[test]
fn csv_options_override_what_is_sniffed() {
    let bytes = b"1;2\n3;4\n";
    let with = |options: ReadOptions| read_bytes("t.csv", bytes, &options).expect("a table");
    assert_eq!(with(ReadOptions { header: Header::Present, ..Default::default() }).names(), ["1", "2"]);
    assert_eq!(with(ReadOptions { delimiter: Some(b','), ..Default::default() }).columns.len(), 1);
    let text = b"a,b\nc,d\n";
    let absent = ReadOptions { header: Header::Absent, ..Default::default() };
    assert_eq!(read_bytes("t.csv", text, &absent).expect("a table").rows(), 2);
    let zip = ReadOptions { types: vec![("zip".into(), ColumnType::Category)], ..Default::default() };
    let table = read_bytes("t.csv", b"zip\n01\n1\n\n02\n", &zip).expect("a table");
    assert_eq!(categories(&table, "zip").0, ["01", "1", "02"]);
}

#[test]
fn csv_lines_are_right_with_quotes_blank_lines_and_every_line_end() {
    let table = csv("a,b\n1,\"two\nlines\"\n\n\n2,x\n");
    assert_eq!((0..3).map(|r| table.line_of(r)).collect::<Vec<_>>(), [Some(2), Some(6), None]);
    assert_eq!(categories(&table, "b").0, ["two\nlines", "x"]);
    let crlf = csv("a,b\r\n1,\"two\r\nlines\"\r\n2,x\r\n");
    assert_eq!((crlf.line_of(0), crlf.line_of(1)), (Some(2), Some(4)));
    let old = csv("a,b\r1,2\r3,4\r");
    assert_eq!((old.line_of(0), old.line_of(1)), (Some(2), Some(3)));
    let none = csv("1,2\n3,4");
    assert_eq!((none.line_of(0), none.line_of(1)), (Some(1), Some(2)));
}

#[test]
fn csv_takes_byte_order_marks_and_quotes() {
    let table = csv("\u{feff}\"a\",b\n\"1\",\"x \"\"y\"\", z\"\n2,5\" disk\n");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(numbers(&table, "a"), [1.0, 2.0]);
    assert_eq!(categories(&table, "b").0, ["x \"y\", z", "5\" disk"]);
}

#[test]
fn csv_round_trips_random_numbers() {
    let mut random = common::Random(5);
    let finite = |bits: u64| Some(f64::from_bits(bits)).filter(|x| x.is_finite()).unwrap_or(0.5);
    let values: Vec<f64> = (0..500).map(|_| finite(random.next())).collect();
    let lines: Vec<String> = values.iter().map(|x| format!("{x},{x:e}")).collect();
    let table = csv(&format!("a,b\n{}\n", lines.join("\n")));
    assert_eq!(numbers(&table, "a"), values);
    assert_eq!(numbers(&table, "b"), values);
}

#[test]
fn gzip_is_transparent() {
    let table = parse("t.csv.gz", &gzip(b"a,b\n1,2\n")).expect("a table");
    assert_eq!(
        (numbers(&table, "b"), table.origin.format.as_str()),
        (&[2.0][..], "csv · comma · header · gzip")
    );
    // Several members are one file.
    let two = [gzip(b"a,b\n1,2\n"), gzip(b"3,4\n")].concat();
    assert_eq!(parse("t.csv.gz", &two).expect("a table").rows(), 2);
}

#[test]
fn idx_reads_every_element_type() {
    let be16 = |x: i16| x.to_be_bytes();
    let cases: [(u8, Vec<u8>, [f64; 2]); 6] = [
        (0x08, vec![1, 255], [1.0, 255.0]),
        (0x09, vec![1, 255], [1.0, -1.0]),
        (0x0b, [be16(300), be16(-2)].concat(), [300.0, -2.0]),
        (0x0c, [70_000_i32.to_be_bytes(), (-3_i32).to_be_bytes()].concat(), [70_000.0, -3.0]),
        (0x0d, [1.5_f32.to_be_bytes(), (-0.25_f32).to_be_bytes()].concat(), [1.5, -0.25]),
        (0x0e, [0.1_f64.to_be_bytes(), 1e300_f64.to_be_bytes()].concat(), [0.1, 1e300]),
    ];
    for (kind, data, expected) in cases {
        let table = parse("x", &idx(kind, &[1, 2], &data)).expect("a table");
        assert_eq!([numbers(&table, "p0")[0], numbers(&table, "p1")[0]], expected, "type {kind:#x}");
        let labels = parse("x", &idx(kind, &[2], &data)).expect("a table");
        assert_eq!(numbers(&labels, "label"), expected);
    }
}

#[test]
fn idx_images_are_transposed_across_block_ends() {
    let data: Vec<u8> = (0..131 * 6_u32).map(|i| (i % 251) as u8).collect();
    let table = parse("x", &idx(8, &[131, 2, 3], &data)).expect("a table");
    assert_eq!((table.rows(), table.columns.len(), table.origin.format.as_str()), (131, 6, "idx"));
    for (r, c) in [(0, 0), (63, 5), (64, 0), (130, 5)] {
        assert_eq!(numbers(&table, &format!("p{c}"))[r], f64::from(data[r * 6 + c]));
    }
    assert_eq!(table.line_of(0), None);
}

#[test]
fn idx_labels_join_from_beside_or_from_an_option() {
    let folder = tempfile::tempdir().expect("a folder");
    let images = folder.path().join("t-images-idx3-ubyte.gz");
    let labels = folder.path().join("t-labels-idx1-ubyte.gz");
    std::fs::write(&images, gzip(&idx(8, &[2, 1, 2], &[1, 2, 3, 4]))).expect("a file");
    let alone = read(&images, &ReadOptions::default()).expect("a table");
    assert_eq!(alone.names(), ["p0", "p1"]);
    std::fs::write(&labels, gzip(&idx(8, &[2], &[7, 9]))).expect("a file");
    let joined = read(&images, &ReadOptions::default()).expect("a table");
    assert_eq!(numbers(&joined, "label"), [7.0, 9.0]);
    assert_eq!(joined.origin.format, "idx · gzip · labels from t-labels-idx1-ubyte.gz");
    let other = folder.path().join("other.csv");
    std::fs::write(&other, "name\na\nb\n").expect("a file");
    let named = read(&images, &ReadOptions { labels: Some(other), ..Default::default() }).expect("a table");
    assert_eq!(categories(&named, "label").0, ["a", "b"]);
}

#[test]
fn mat_round_trips_in_both_byte_orders_and_compressed() {
    for little in [true, false] {
        let mat = Mat { little };
        let x = mat.doubles("X", 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.5]);
        let y = mat.doubles("a_long_name", 3, &[7.0, 8.0, 9.0]);
        let w = mat.doubles("w", 1, &[0.5, 0.25]);
        for elements in
            [vec![x.clone(), y.clone(), w.clone()], vec![mat.compressed(&x), mat.compressed(&y), w]]
        {
            let table = parse("t.mat", &mat.file(&elements)).expect("a table");
            assert_eq!(table.names(), ["X1", "X2", "a_long_name"]);
            assert_eq!(numbers(&table, "X2"), [4.0, 5.0, 6.5]);
            assert_eq!(numbers(&table, "a_long_name"), [7.0, 8.0, 9.0]);
            assert_eq!(table.origin.format, "mat v5 · X 3×2, a_long_name 3×1 · skipped w 1×2");
            let variables = read_mat_variables(&mat.file(&elements)).expect("variables");
            assert_eq!(
                variables.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
                ["X", "a_long_name", "w"]
            );
            assert_eq!(variables[0].1[[2, 1]], 6.5);
        }
    }
}

#[test]
fn a_single_row_of_mat_is_a_column_beside_a_matrix_as_long() {
    let mat = Mat { little: true };
    let (x, y) =
        (mat.doubles("X", 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), mat.doubles("y", 1, &[7.0, 8.0, 9.0]));
    let table = parse("t.mat", &mat.file(&[x, y])).expect("a table");
    assert_eq!(table.origin.format, "mat v5 · X 3×2, y 3×1");
    assert_eq!(numbers(&table, "y"), [7.0, 8.0, 9.0]);
    // Alone it stays the row that it is.
    let table = parse("t.mat", &mat.file(&[mat.doubles("y", 1, &[7.0, 8.0, 9.0])])).expect("a table");
    assert_eq!((table.rows(), table.columns.len()), (1, 3));
}

#[test]
fn mat_reads_every_storage_type() {
    for little in [true, false] {
        let mat = Mat { little };
        let ordered = |mut bytes: Vec<u8>| {
            if !little {
                bytes.reverse();
            }
            bytes
        };
        let cases: [(u32, Vec<u8>, f64); 10] = [
            (1, vec![254], -2.0),
            (2, vec![254], 254.0),
            (3, (-300_i16).to_le_bytes().to_vec(), -300.0),
            (4, 60_000_u16.to_le_bytes().to_vec(), 60_000.0),
            (5, (-70_000_i32).to_le_bytes().to_vec(), -70_000.0),
            (6, 4_000_000_000_u32.to_le_bytes().to_vec(), 4e9),
            (7, 0.5_f32.to_le_bytes().to_vec(), 0.5),
            (9, 0.1_f64.to_le_bytes().to_vec(), 0.1),
            (12, (-5_i64).to_le_bytes().to_vec(), -5.0),
            (13, (1_u64 << 60).to_le_bytes().to_vec(), 2_f64.powi(60)),
        ];
        for (kind, bytes, expected) in cases {
            let file = mat.file(&[mat.matrix("v", 6, &[1, 1], kind, &ordered(bytes))]);
            let variables = read_mat_variables(&file).expect("variables");
            assert_eq!(variables[0].1[[0, 0]], expected, "type {kind}, little endian {little}");
        }
    }
}

#[test]
fn mat_skips_what_is_no_matrix_of_real_numbers() {
    let mat = Mat { little: true };
    let x = mat.doubles("x", 1, &[1.0]);
    let text = mat.matrix("s", 4, &[1, 2], 4, &[65, 0, 66, 0]);
    let cube = mat.matrix("cube", 6, &[1, 1, 1], 9, &[0; 8]);
    let complex = mat.matrix("z", 6 | 0x0800, &[1, 1], 9, &[0; 8]);
    let table = parse("t.mat", &mat.file(&[text, cube, complex, x])).expect("a table");
    assert_eq!(
        table.origin.format,
        "mat v5 · x 1×1 · skipped s (a text), cube (not two-dimensional), z (complex)"
    );
}

#[test]
fn fingerprints_follow_the_bytes() {
    let print = |text: &str| csv(text).origin.fingerprint.expect("a fingerprint");
    assert_eq!(print("a,b\n1,2\n"), print("a,b\n1,2\n"));
    assert_ne!(print("a,b\n1,2\n"), print("a,b\n1,3\n"));
}
