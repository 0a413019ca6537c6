//! Random damage to every format gives a table or an error, never a panic and never much memory.

mod common;

use common::watch::{LARGEST, Watch};
use common::{Mat, Random, gzip, idx, parse};
use retrograde_data::read_mat_variables;
use std::sync::atomic::Ordering;

#[global_allocator]
static ALLOCATOR: Watch = Watch;

/// Cuts the bytes off, or flips up to eight bits, 1,000 times.
fn damage(seed: u64, name: &str, whole: &[u8]) {
    let mut random = Random(seed);
    for round in 0..1000 {
        let mut bytes = whole.to_vec();
        if round % 2 == 0 {
            bytes.truncate(random.below(whole.len()));
        } else {
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        check(name, &bytes);
    }
}

/// Reads; a table that comes out has cells and lines for every row.
fn check(name: &str, bytes: &[u8]) {
    match parse(name, bytes) {
        Ok(table) => {
            for column in &table.columns {
                assert_eq!(column.values.len(), table.rows());
            }
            let _ = table.line_of(table.rows().saturating_sub(1));
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            let _ = (error.hint(), error.details());
        }
    }
}

/// One test: the allocator's count is of the whole process.
#[test]
fn damaged_files_never_panic_and_never_take_much_memory() {
    let text = "name,age,\"a \"\"b\"\"\"\nx,1.5,\"two\nlines\"\ny,NA,é\r\n".repeat(40);
    damage(1, "t.csv", text.as_bytes());
    damage(2, "t.csv.gz", &gzip(text.as_bytes()));
    let images: Vec<u8> = (0..20 * 36_u32).map(|i| (i * 7 % 256) as u8).collect();
    damage(3, "t-images-idx3-ubyte", &idx(8, &[20, 6, 6], &images));
    damage(4, "t.gz", &gzip(&idx(0x0d, &[20, 9], &images)));
    for little in [true, false] {
        let mat = Mat { little };
        let x = mat.doubles("X", 10, &(0..40).map(f64::from).collect::<Vec<_>>());
        let y = mat.matrix("y", 9, &[10, 1], 2, &[1; 10]);
        damage(5, "t.mat", &mat.file(&[x.clone(), y.clone()]));
        let packed = mat.file(&[mat.compressed(&x), mat.compressed(&y)]);
        damage(6, "t.mat", &packed);
        // A valid stream around damaged contents gets past the checksum.
        let mut random = Random(7);
        for _ in 0..1000 {
            let mut inner = x.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(inner.len());
                inner[at] ^= 1 << random.below(8);
            }
            let file = mat.file(&[mat.compressed(&inner)]);
            check("t.mat", &file);
            let _ = read_mat_variables(&file);
        }
    }
    let largest = LARGEST.load(Ordering::Relaxed);
    assert!(largest < 4 << 20, "an allocation of {largest} bytes");
}

#[test]
fn random_bytes_are_no_problem() {
    let mut random = Random(8);
    for _ in 0..2000 {
        let length = random.below(300);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        check("t", &bytes);
        let header = Mat { little: random.below(2) == 0 }.header();
        bytes.splice(0..0, header);
        check("t.mat", &bytes);
        let alphabet = b"\",;\n\r1a. -\t|";
        let texty: Vec<u8> = (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect();
        check("t.csv", &texty);
    }
}
