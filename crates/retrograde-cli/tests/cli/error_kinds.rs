//! A snapshot for each kind of error that `errors` has none of, named after the kind.
//!
//! Without one: `TooLarge`, which takes more than 4 GiB of decompressed data, as there is no option for the limit; and
//! kinds that no command line leads to: `ColumnLength`, `NoSuchRow`, `NoTrainingRows` and `InvalidEncoder`, which a
//! checksum comes before.

use crate::sandbox::{Ran, Sandbox};
use insta::assert_snapshot;
use std::fmt::Write as _;

/// What a command says in a folder with one file.
fn on(name: &str, content: impl AsRef<[u8]>, words: &str) -> String {
    let sandbox = Sandbox::new();
    sandbox.write(name, content);
    sandbox.run(words).snapshot()
}

fn on_csv(csv: impl AsRef<[u8]>, words: &str) -> String {
    on("t.csv", csv, words)
}

fn on_table(words: &str) -> String {
    Sandbox::with_table().run(words).snapshot()
}

/// With `t.csv` and a model of it in `m.rg`.
fn with_model() -> Sandbox {
    let sandbox = Sandbox::with_table();
    sandbox.done("train t.csv --target answer --hidden none --epochs 1 -o m.rg");
    sandbox
}

/// An element of a MAT file: its type, its length and its data, padded to 8 bytes.
fn element(kind: u32, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("a short element");
    let mut bytes = [kind.to_le_bytes(), length.to_le_bytes()].concat();
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// A MAT file of version 5 with one 1×2 array of a class (4: text, 6: double) of these bytes.
fn mat(class: u32, name: &str, values: &[u8]) -> Vec<u8> {
    let words = |words: [u32; 2]| words.map(u32::to_le_bytes).concat();
    let parts = [
        element(6, &words([class, 0])),
        element(5, &words([1, 2])),
        element(1, name.as_bytes()),
        element(9, values),
    ];
    let mut bytes = b"MATLAB 5.0 MAT-file".to_vec();
    bytes.resize(124, b' ');
    bytes.extend(b"\x00\x01IM");
    bytes.extend(element(14, &parts.concat()));
    bytes
}

// Exit 1: the answer is no.

#[test]
fn accuracy_below_the_minimum() {
    let sandbox = with_model();
    // Nothing is that accurate, so it fails whatever was learned. The counts depend on it and are left out.
    let ran = sandbox.run("evaluate m.rg t.csv --min-accuracy 1.01");
    let lines: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("asked")).collect();
    let stdout = lines.concat() + "\n";
    assert_snapshot!(Ran { stdout, ..ran }.layout());
}

// Exit 2: usage.

#[test]
fn delimiter() {
    assert_snapshot!(on_table("data t.csv --delimiter x"));
}

#[test]
fn two_roles() {
    assert_snapshot!(on_table("train t.csv --target answer --drop answer"));
}

#[test]
fn two_roles_of_a_target_named_twice() {
    assert_snapshot!(on_table("train t.csv --target answer --target answer"));
}

#[test]
fn several_class_targets() {
    assert_snapshot!(on_table("train t.csv --target kind,answer --task classes"));
}

#[test]
fn folds_of_more_than_the_rows() {
    assert_snapshot!(with_model().run("evaluate m.rg t.csv --cv 81").snapshot());
}

#[test]
fn folds_of_a_class_with_a_single_row() {
    let sandbox = with_model();
    sandbox.write("new.csv", "a,b,kind,answer\n1,2,x,no\n3,4,y,no\n5,6,z,yes\n");
    assert_snapshot!(sandbox.run("evaluate m.rg new.csv --cv 2").snapshot());
}

// Exit 3: files.

#[test]
fn header_only() {
    assert_snapshot!(on_csv("a,b,c\n", "train t.csv --target c"));
}

#[test]
fn unsupported() {
    assert_snapshot!(on("t.feather", b"FEA1\x01\0\0\0", "data t.feather"));
}

#[test]
fn utf_16_that_ends_in_the_middle_of_a_character() {
    assert_snapshot!(on_csv(b"\xff\xfea\0,\0b\0\n\x001", "data t.csv"));
}

#[test]
fn damaged_idx() {
    // 3 rows of 2 bytes are declared, and 5 bytes are there.
    let idx = [&[0, 0, 8, 2][..], &3_u32.to_be_bytes(), &2_u32.to_be_bytes(), &[1, 2, 3, 4, 5]].concat();
    assert_snapshot!(on("t.idx", idx, "data t.idx"));
}

#[test]
fn damaged_idx_that_is_another_format() {
    assert_snapshot!(on("train-images-idx3-ubyte", "a,b\n1,2\n", "data train-images-idx3-ubyte"));
}

#[test]
fn damaged_mat() {
    let whole = mat(6, "X", &[0; 16]);
    assert_snapshot!(on("t.mat", &whole[..whole.len() - 5], "data t.mat"));
}

#[test]
fn compressed() {
    assert_snapshot!(on("t.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", "data t.csv.gz"));
}

#[test]
fn no_arrays() {
    assert_snapshot!(on("t.mat", mat(4, "note", &[0; 16]), "data t.mat"));
}

#[test]
fn label_rows() {
    let sandbox = Sandbox::with_table();
    sandbox.write("labels.csv", "label\n1\n2\n3\n");
    assert_snapshot!(sandbox.run("data t.csv --labels labels.csv").snapshot());
}

#[test]
fn label_columns() {
    let sandbox = Sandbox::with_table();
    sandbox.write("labels.csv", "id,label\n1,1\n2,0\n");
    assert_snapshot!(sandbox.run("data t.csv --labels labels.csv").snapshot());
}

// Exit 3: text tables.

#[test]
fn nul() {
    assert_snapshot!(on_csv(b"a,b\n1,2\n3,\x004\n", "data t.csv"));
}

#[test]
fn not_utf_8() {
    let mostly = ["name,b\né,2\né,3\né,4\n".as_bytes(), b"Zo\xeb,4\n"].concat();
    assert_snapshot!(on_csv(mostly, "data t.csv"));
}

#[test]
fn unclosed_quote() {
    assert_snapshot!(on_csv("a,b\n1,x\n2,\"y\n3,z\n", "data t.csv"));
}

#[test]
fn empty_column_name() {
    assert_snapshot!(on_csv("a,,c\n1,2,3\n", "data t.csv"));
}

#[test]
fn duplicate_column() {
    assert_snapshot!(on_csv("a,b,a\n1,2,3\n", "data t.csv"));
}

#[test]
fn too_many_columns() {
    assert_snapshot!(on_csv("1,".repeat(65_536) + "1\n", "data t.csv"));
}

#[test]
fn cell_too_long() {
    assert_snapshot!(on_csv(format!("a,b\n1,x\n2,{}\n", "y".repeat((1 << 20) + 1)), "data t.csv"));
}

#[test]
fn infinite() {
    assert_snapshot!(on_csv("a,b\n1,2\n3,-inf\n", "data t.csv --target a"));
}

// Exit 3: columns and cells that cannot be learned from.

#[test]
fn no_inputs() {
    assert_snapshot!(on_csv("a,y\n1,0\n2,1\n", "train t.csv --target y --drop a"));
}

#[test]
fn no_inputs_with_a_value() {
    assert_snapshot!(on_csv("a,y\n,0\n,1\n", "train t.csv --target y"));
}

#[test]
fn not_a_number_in_a_target() {
    assert_snapshot!(on_csv("a,y\n1,2\n2,lots\n", "train t.csv --target y --task numbers"));
}

#[test]
fn not_a_number_in_an_input() {
    let sandbox = with_model();
    sandbox.write("new.csv", "a,b,kind\n1,2,x\n1,many,x\n");
    assert_snapshot!(sandbox.run("predict m.rg new.csv").snapshot());
}

#[test]
fn out_of_range() {
    let sandbox = with_model();
    sandbox.write("new.csv", "a,b,kind\n1,2,x\n1e300,2,x\n");
    assert_snapshot!(sandbox.run("predict m.rg new.csv").snapshot());
}

#[test]
fn too_many_classes() {
    let mut csv = String::from("x,y\n");
    for i in 0..65_537 {
        let _ = writeln!(csv, "{},{i}", i % 7);
    }
    assert_snapshot!(on_csv(csv, "train t.csv --target y --task classes"));
}

// Exit 4: the model file.

#[test]
fn newer() {
    let sandbox = with_model();
    let bytes = sandbox.read("m.rg");
    let format = br#"{\"format\":1"#;
    let at = bytes.windows(format.len()).position(|found| found == format).expect("a format");
    let mut newer = bytes;
    newer[at + format.len() - 1] = b'2';
    sandbox.write("m.rg", newer);
    assert_snapshot!(sandbox.run("inspect m.rg").snapshot());
}

#[test]
fn damaged_model_cut_off() {
    let sandbox = with_model();
    let bytes = sandbox.read("m.rg");
    sandbox.write("m.rg", &bytes[..bytes.len() - 5]);
    assert_snapshot!(sandbox.run("predict m.rg t.csv").snapshot());
}

#[test]
fn damaged_model_altered() {
    let sandbox = with_model();
    let mut bytes = sandbox.read("m.rg");
    *bytes.last_mut().expect("a weight") ^= 1;
    sandbox.write("m.rg", bytes);
    assert_snapshot!(sandbox.run("predict m.rg t.csv").snapshot());
}
