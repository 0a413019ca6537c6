//! What is refused in NPY, NPZ, svmlight and ARFF, and in which words.

mod common;

use common::parse;
use retrograde_data::{ReadOptions, read_bytes};

fn refused(name: &str, bytes: &[u8]) -> String {
    parse(name, bytes).expect_err("not a table").to_string()
}

/// An NPY file of version 1 with a header and data as they are given.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
    out.extend(header.as_bytes());
    out.extend(data);
    out
}

fn npy_of(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"), data)
}

#[test]
fn npy_headers_are_compared_with_the_file() {
    for (descr, shape, data, message) in [
        (
            "'<f8'",
            "(3,)",
            &[0; 16][..],
            "16 bytes of data at byte START, expected 24 bytes for 3 elements of float64",
        ),
        (
            "'<f8'",
            "(1,)",
            &[0; 16],
            "16 bytes of data at byte START, expected 8 bytes for 1 elements of float64",
        ),
        (
            "'<f8'",
            "(9999999999, 9999999999)",
            &[0; 8],
            "8 bytes of data at byte START, expected over 2^64 bytes for 9999999999×9999999999 elements of float64",
        ),
        ("'<q9'", "(1,)", &[0; 8], "an element type that is none at byte 10, expected a type such as '<f8'"),
        (
            "'<f8'",
            "(-1,)",
            &[0; 8],
            "an unreadable header at byte 61, expected {'descr': …, 'fortran_order': …, 'shape': …}",
        ),
        (
            "'<f8'",
            "('a',)",
            &[0; 8],
            "a shape that is none at byte 10, expected {'descr': …, 'fortran_order': …, 'shape': …}",
        ),
        (
            "'<U1'",
            "(1,)",
            &[0, 0xd8, 0, 0],
            "the code point 0xd800 in column `t` at byte 0, expected elements of U1",
        ),
        (
            "'<M8[Y]'",
            "(1,)",
            &[255, 255, 255, 255, 255, 255, 255, 127],
            "the moment 9223372036854775807 in column `t` at byte 0, expected elements of datetime64",
        ),
    ] {
        let file = npy_of(descr, shape, data);
        let start = (file.len() - data.len()).to_string();
        let expected = format!("t.npy is a damaged NPY file: {}", message.replace("START", &start));
        assert_eq!(refused("t.npy", &file), expected);
    }
}

#[test]
fn npy_without_a_header_that_is_known() {
    assert_eq!(
        refused("t.npy", b"\x93NUMPY\x04\x00\0\0"),
        "t.npy is a damaged NPY file: version 4 at byte 6, expected version 1, 2 or 3"
    );
    assert_eq!(
        refused("t.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{"),
        "t.npy is a damaged NPY file: the end of the file at byte 13, expected the rest of the header"
    );
    assert_eq!(
        refused("t.npy", b"a,b\n"),
        "t.npy is a damaged NPY file: 61 2c 62 0a at byte 0, expected 93 4e 55 4d 50 59 (NUMPY)"
    );
}

#[test]
fn npy_shapes_without_data_and_records_without_end() {
    assert_eq!(refused("t.npy", &npy_of("'<U0'", "(9223372036854775807,)", b"")), "t.npy is empty");
    assert_eq!(refused("t.npy", &npy_of("[]", "(9223372036854775807,)", b"")), "t.npy is empty");
    assert_eq!(refused("t.npy", &npy_of("'<f8'", "(0, 70000)", b"")), "t.npy is empty");
    let wide = refused("t.npy", &npy_of("'|u1'", "(1, 70000)", &vec![0; 70_000]));
    assert_eq!(wide, "t.npy has 70000 columns, expected at most 65536");
    let sub = refused("t.npy", &npy_of("[('a', '<f8', (1000000, 1000000))]", "(1,)", b""));
    assert_eq!(sub, "t.npy has 1000000000000 columns, expected at most 65536");
    let nested = "[('a', ".repeat(1000) + "'<f8'" + &")]".repeat(1000);
    assert!(refused("t.npy", &npy_of(&nested, "(1,)", b"")).contains("unreadable header"));
    let double = refused("t.npy", &npy_of("[('a', '|u1'), ('a', '|u1')]", "(1,)", b"12"));
    assert_eq!(double, "t.npy: columns 1 and 2 are both named `a`");
    let grid = refused("t.npy", &npy_of("[('a', '|u1')]", "(1, 2)", b"12"));
    assert_eq!(grid, "t.npy holds records in 2 dimensions, which cannot be read");
}

#[test]
fn a_vector_through_a_pipe_is_a_label() {
    let vector = npy_of("'|u1'", "(2,)", &[3, 4]);
    assert_eq!(parse("stdin", &vector).expect("a table").names(), ["label"]);
    assert_eq!(parse("a/y.npy", &vector).expect("a table").names(), ["y"]);
}

#[test]
fn svmlight_lines_that_do_not_follow_the_grammar() {
    for (text, message) in [
        ("1 1:2\n\nx 1:2\n", "t.svm, line 3: `x`, expected a number as label, or several with commas"),
        ("1 1:2 2\n", "t.svm, line 1: `2`, expected index:value"),
        ("1 -1:2\n", "t.svm, line 1: `-1:2`, expected index:value"),
        ("1 +1:2\n", "t.svm, line 1: `+1:2`, expected index:value"),
        ("1 1:a\n", "t.svm, line 1: `1:a`, expected index:value"),
        ("1 4294967296:1\n", "t.svm, line 1: `4294967296:1`, expected index:value"),
        ("1 2:1 1:3 2:1\n", "t.svm, line 1: index 2 twice, expected each index once"),
        ("1 qid:x 1:1\n", "t.svm, line 1: `qid:x`, expected a whole number after qid:"),
        ("# nothing\n", "t.svm is empty"),
    ] {
        assert_eq!(refused("t.svm", text.as_bytes()), message);
    }
    let unsorted = parse("t.svm", b"1 2:1 1:3 # c\n").expect("a table");
    assert_eq!(unsorted.columns[0].values.text(0).as_deref(), Some("3"));
    let (nan, inf) = ("1 1:nan 2:inf\n", "2 1:-inf\n");
    let special = parse("t.svm", [nan, inf].concat().as_bytes()).expect("a table");
    assert!(special.columns[0].values.is_missing(0));
    assert_eq!(special.columns[1].values.text(0).as_deref(), Some("inf"));
}

#[test]
fn sparse_rows_that_become_too_large_are_refused_first() {
    let wide = refused("t.svm", b"1 4294967295:1\n");
    assert_eq!(
        wide,
        "t.svm is a sparse table of 1 row by 4294967295 columns: too large with its zeros, \
         expected at most 4294967296 bytes and 65536 columns"
    );
    let options = ReadOptions { max_bytes: 1000, ..Default::default() };
    let rows = "1 100:1\n".repeat(2);
    let error = read_bytes("t.svm", rows.as_bytes(), &options).expect_err("1,600 bytes");
    assert!(error.hint().is_some_and(|hint| hint.starts_with("keep the columns that matter")));
    let attributes = (0..100).map(|i| format!("@attribute a{i} real\n")).collect::<Vec<_>>().concat();
    let arff = format!("@relation r\n{attributes}@data\n{{}}\n{{}}\n");
    assert!(parse("t.arff", arff.as_bytes()).is_ok());
    let error = read_bytes("t.arff", arff.as_bytes(), &options).expect_err("1,600 bytes").to_string();
    assert!(error.starts_with("t.arff is a sparse table of 2 rows by 100 columns"), "{error}");
}

#[test]
fn arff_lines_that_do_not_fit() {
    for (text, message) in [
        ("@attribute x real\n", "line 3: no @data, expected @attribute lines, then @data"),
        ("@data\n1\n", "line 2: no @attribute, expected @attribute lines, then @data"),
        (
            "@attribute\n@data\n",
            "line 2: no name, expected a name and a type, such as  @attribute age numeric",
        ),
        (
            "@attribute x\n@data\n",
            "line 2: no type of `x`, expected a name and a type, such as  @attribute age numeric",
        ),
        (
            "@attribute x relational\n",
            "line 2: the type `relational`, expected numeric, integer, real, string, date or {a, b}",
        ),
        (
            "@attribute 'x real\n",
            "line 2: a quote that never closes, expected the quote again in the same line",
        ),
        ("@attribute x {a, b\n", "line 2: a list of values without its end, expected }"),
        ("@attribute x {a, a}\n", "line 2: the value `a` twice, expected each value once"),
        (
            "@attribute x date EEE\n",
            "line 2: the date format `EEE`, expected a format of y, M, d, H, m, s and S, such as \"yyyy-MM-dd HH:mm:ss\"",
        ),
        ("hello\n", "line 2: `hello`, expected @attribute NAME TYPE or @data"),
        ("@attribute x real\n@data\n1\na\n", "line 5: `a` in column `x`, expected a number"),
        (
            "@attribute x {a,b}\n@data\nc\n",
            "line 4: `c` in column `x`, expected one of the 2 declared values",
        ),
        (
            "@attribute x date\n@data\n2013\n",
            "line 4: `2013` in column `x`, expected a date in the declared format",
        ),
        ("@attribute x real\n@attribute y real\n@data\n1\n", "line 5: 1 cell, expected 2"),
        ("@attribute x real\n@data\n1,2\n", "line 4: `2` behind the last cell, expected 1 cells"),
        ("@attribute x real\n@data\n1,{a}\n", "line 4: `{a`, expected the weight of a row, such as {2}"),
        ("@attribute x real\n@data\n{1 2}\n", "line 4: `1`, expected an index from 0 to 0 and a value"),
        ("@attribute x real\n@data\n{0 2\n", "line 4: a sparse row without its end, expected }"),
        ("@attribute x real\n@data\n{0 2, 0 3}\n", "line 4: `0`, expected an index from 1 to 0 and a value"),
    ] {
        assert_eq!(
            refused("t.arff", format!("@relation r\n{text}").as_bytes()),
            format!("t.arff, {message}")
        );
    }
    assert_eq!(
        refused("t.arff", b"@relation r\n@attribute x real\n@data\n"),
        "t.arff has a header of 1 column and no rows"
    );
    assert!(refused("t.arff", b"@relation r\n@attribute x \xff\n").contains("line 2, byte 14"), "no UTF-8");
}

/// Arrays of nothing within each other, 2⁴⁸ of them, are one look.
#[test]
fn npy_arrays_of_nothing_are_not_counted_one_by_one() {
    for nothing in ["'<U0'", "'|V0'", "[]"] {
        let inner = format!("[('c', {nothing}, (65536,))]");
        let descr = format!("[('x', '<f8'), ('a', [('b', {inner}, (65536,))], (65536,))]");
        let table = parse("t.npy", &npy_of(&descr, "(2,)", &[0; 16]));
        if nothing == "'|V0'" {
            assert!(
                matches!(table, Err(retrograde_data::DataError::TooManyColumns { .. })),
                "skipped, and named"
            );
        } else {
            assert_eq!(table.expect("the column of numbers").names(), ["x"]);
        }
    }
}
