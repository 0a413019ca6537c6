//! The same table however the text is divided, and what the `csv` crate wrote and would read.

use super::blocks::{Block, Blocks};
use super::blocks::{SliceBlocks, StreamBlocks};
use super::cells::{Cursor, Dialect, Runs};
use super::crew::Division;
use super::encoding::{Encoding, Utf8Reader};
use super::text::Input;
use super::{read_input, source};
use crate::{DataError, ReadOptions, Table, Values};

/// A small random generator (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// A table's debug text, with which NaN equals NaN, or an error's message.
fn told(result: Result<Table, DataError>) -> Result<String, String> {
    result
        .map(|mut table| {
            table.origin.fingerprint = None;
            format!("{table:?}")
        })
        .map_err(|error| error.to_string())
}

/// The table of a text by every way of dividing it, from memory, from a file and in pieces; all must be equal.
#[track_caller]
fn divided(text: &[u8], random: &mut Random) -> Result<String, String> {
    let options = ReadOptions::default();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).expect("a file");
    let name = path.display().to_string();
    let whole = Division { block: 1 << 20, threads: 1 };
    let expected = told(read_input(Input::Memory(&name, text), &options, whole));
    for threads in [1, 2, 3] {
        let division = Division { block: 1 + random.below(64), threads };
        let shown = String::from_utf8_lossy(text);
        let memory = told(read_input(Input::Memory(&name, text), &options, division));
        assert_eq!(memory, expected, "{division:?} of {shown:?}");
        let file = told(read_input(Input::File(&path), &options, division));
        assert_eq!(file, expected, "{division:?} of the file {shown:?}");
        let pieces = source::scan(&path, &options, division).and_then(|source| source.collect(None));
        assert_eq!(told(pieces), expected, "{division:?} in pieces of {shown:?}");
    }
    expected
}

/// One kind of cell, which the cells of a column are mostly of.
fn cell(kind: usize, random: &mut Random) -> String {
    let n = random.below(100_000);
    let day = (1 + random.below(28), 1 + random.below(12), 1990 + random.below(40));
    match kind {
        0 => n.to_string(),
        1 => format!("{}", n as f64 / 1000.0),
        2 => format!("{}", f64::from_bits(random.next())),
        3 => format!("{:04}-{:02}-{:02}", day.2, day.1, day.0),
        4 => format!("{}/{}/{} {}:30", day.0, day.1, day.2, n % 24),
        5 => format!("{},{:03}.5", 1 + n % 999, n % 1000),
        6 => format!("${n}"),
        7 => ["", "NA", "?", ".", "null"][n % 5].to_owned(),
        8 => format!("{}", u64::MAX - n as u64),
        9 => ["a\"b", "x,y", "two\nlines", "\r\n", " é ", "it's", "#", "€5", "-", "inf"][n % 10].to_owned(),
        _ => format!("level {}", n % 7),
    }
}

fn random_cells(random: &mut Random) -> Vec<Vec<String>> {
    let (rows, width) = (1 + random.below(40), 1 + random.below(6));
    let kinds: Vec<usize> = (0..width).map(|_| random.below(11)).collect();
    let strays = random.of(&[1, 10, 1000]);
    let one = |&kind: &usize, random: &mut Random| {
        let stray = random.below(strays) == 1;
        let missing = random.below(9) == 0;
        let kind = if stray {
            random.below(11)
        } else if missing {
            7
        } else {
            kind
        };
        cell(kind, random)
    };
    (0..rows).map(|_| kinds.iter().map(|kind| one(kind, random)).collect()).collect()
}

fn written(names: &[String], cells: &[Vec<String>], random: &mut Random) -> Vec<u8> {
    let end = random.of(&[csv::Terminator::CRLF, csv::Terminator::Any(b'\n'), csv::Terminator::Any(b'\r')]);
    let style =
        random.of(&[csv::QuoteStyle::Always, csv::QuoteStyle::Necessary, csv::QuoteStyle::NonNumeric]);
    let mut writer = csv::WriterBuilder::new().terminator(end).quote_style(style).from_writer(Vec::new());
    for record in std::iter::once(names).chain(cells.iter().map(Vec::as_slice)) {
        writer.write_record(record).expect("memory");
    }
    writer.into_inner().expect("memory")
}

#[test]
fn written_tables_come_back_however_they_are_divided() {
    let mut random = Random(1);
    for _ in 0..150 {
        let cells = random_cells(&mut random);
        let names: Vec<String> = (0..cells[0].len()).map(|i| format!("column {i}")).collect();
        let text = written(&names, &cells, &mut random);
        divided(&text, &mut random).expect("a table");
        let types = names.iter().map(|name| (name.clone(), crate::ColumnType::Category)).collect();
        let header = crate::Header::Present;
        let options = ReadOptions { types, header, delimiter: Some(b','), ..ReadOptions::default() };
        let division = Division { block: 1 + random.below(64), threads: 2 };
        let table = read_input(Input::Memory("t", &text), &options, division).expect("a table");
        assert_eq!(table.rows(), cells.len());
        for (row, cells) in cells.iter().enumerate() {
            for (column, cell) in table.columns.iter().zip(cells) {
                let missing = super::number::is_missing(cell.trim().as_bytes());
                let expected = Some(cell.trim()).filter(|_| !missing);
                assert_eq!(column.values.text(row).as_deref(), expected, "row {row} of {}", column.name);
            }
        }
    }
}

#[test]
fn numbers_and_dates_are_those_that_were_written() {
    let mut random = Random(2);
    let numbers: Vec<f64> = (0..3000).map(|i| f64::from(i) / 7.0 * random.of(&[1.0, 1e-9, -1e9])).collect();
    let lines: Vec<String> = numbers.iter().map(|x| format!("{x},{x:.3},{}\n", x.trunc())).collect();
    let text = lines.concat();
    for threads in [1, 2] {
        let division = Division { block: 500, threads };
        let input = Input::Memory("t", text.as_bytes());
        let table = read_input(input, &ReadOptions::default(), division).expect("a table");
        let Values::Number(found) = &table.columns[0].values else { panic!("numbers") };
        assert_eq!(found, &numbers);
        let Values::Number(found) = &table.columns[1].values else { panic!("numbers") };
        let rounded: Vec<f64> =
            numbers.iter().map(|x| format!("{x:.3}").parse().expect("a number")).collect();
        assert_eq!(found, &rounded);
    }
}

#[test]
fn hostile_text_gives_the_same_however_it_is_divided() {
    let mut random = Random(3);
    let alphabet: Vec<&str> =
        "\" \" \" , , , ; \n \n \n \r 1 1.5 a - . é NA # ' 2013-01-31 1/2/2013 $ % \t".split(' ').collect();
    for _ in 0..600 {
        let text: String = (0..random.below(60)).map(|_| random.of(&alphabet)).collect();
        let mut bytes = text.into_bytes();
        if random.below(10) == 0 && !bytes.is_empty() {
            let at = random.below(bytes.len());
            bytes[at] = random.of(&[0, 0xe9, 0xff, b'"']);
        }
        let _ = divided(&bytes, &mut random);
    }
}

fn records_of(blocks: &mut dyn Blocks, dialect: Dialect) -> Vec<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    while let Some(Block { bytes, .. }) = blocks.next(None).expect("memory") {
        let mut cursor = Cursor::new(&bytes, dialect);
        while cursor.next_record() {
            let mut record = Vec::new();
            loop {
                record.push(cursor.cell().map_or(b"unclosed".to_vec(), <[u8]>::to_vec));
                if !cursor.next_cell() {
                    break;
                }
            }
            records.push(record);
        }
    }
    records
}

/// Against the `csv` crate, on texts that are mostly quotes, delimiters and line ends.
#[test]
fn cells_are_those_of_the_csv_crate() {
    let mut random = Random(4);
    for _ in 0..20_000 {
        let mut text: Vec<u8> =
            (0..random.below(40)).map(|_| random.of(b"\"\"\",,,\n\n\r\rab 'ccccccccc")).collect();
        let quote = random.of(b"\"'");
        // Whether the last quote closes is not the csv crate's concern: such texts are closed here.
        let mut reader = csv::ReaderBuilder::new();
        reader.has_headers(false).flexible(true).quote(quote);
        let read = |text: &[u8]| -> Vec<Vec<Vec<u8>>> {
            let records = reader.from_reader(text).into_byte_records().map(|r| r.expect("bytes"));
            records.map(|record| record.iter().map(<[u8]>::to_vec).collect()).collect()
        };
        let dialect = Dialect { delimiter: b',', quote, runs: Runs::Empty };
        let size = 1 + random.below(16);
        let unclosed = records_of(&mut SliceBlocks { rest: &text, dialect, size }, dialect)
            .iter()
            .flatten()
            .any(|cell| cell == b"unclosed");
        if unclosed {
            text.extend([b'x', quote]);
        }
        let expected = read(&text);
        let found = records_of(&mut SliceBlocks { rest: &text, dialect, size }, dialect);
        assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(&text));
        let reader = Utf8Reader::new("t", Encoding::UTF_8, 0, Box::new(text.as_slice()));
        let mut stream = StreamBlocks::new(reader, 0, dialect, size).expect("memory");
        assert_eq!(records_of(&mut stream, dialect), expected, "{:?}", String::from_utf8_lossy(&text));
    }
}

#[test]
fn a_huge_cell_is_refused_alike_in_memory_and_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    let name = path.display().to_string();
    let long = "x\"\"\n".repeat(1_500_000);
    for (text, expected) in [
        (
            format!("a,b\n1,\"{long}\"\n2,3\n"),
            "line 2, column 2: a cell of 4500000 bytes, expected at most 1048576",
        ),
        (
            format!("a,b\n1,\"{long}\"tail,5\n"),
            "line 2, column 2: a cell of 4500004 bytes, expected at most 1048576",
        ),
        (format!("a,b\n1,\"{long}"), "line 2: a quote opens here and never closes"),
        (
            format!("a,b\n1,2\n{}", "x".repeat(5_000_000)),
            "line 3, column 1: a cell of 5000000 bytes, expected at most 1048576",
        ),
    ] {
        std::fs::write(&path, &text).expect("a file");
        for block in [1000, 1 << 20] {
            let division = Division { block, threads: 2 };
            for input in [Input::Memory(&name, text.as_bytes()), Input::File(&path)] {
                let error = read_input(input, &ReadOptions::default(), division).expect_err("too long");
                assert_eq!(error.to_string(), format!("{name}, {expected}"));
            }
        }
    }
}

/// A large file is asked about by its beginning, which ends anywhere.
#[test]
fn a_beginning_tells_delimited_text_from_other_texts() {
    let cut = |line: &str| -> Vec<u8> { line.bytes().cycle().take(super::sniff::SAMPLE + 1).collect() };
    let options = ReadOptions::default();
    let is = |first: &[u8]| super::is_delimited("t", first, &options).expect("a known format");
    assert!(is(&cut("1,2.5,red\n")));
    assert!(!is(&cut("1 1:0 2:3 7:0.25\n")), "svmlight");
    let mut arff = b"% made by hand\n@relation t\n@attribute a numeric\n@data\n".to_vec();
    arff.extend(cut("1\n"));
    assert!(!is(&arff), "ARFF");
    assert!(!is(b"\x1f\x8b\x08\0\0\0\0\0"), "gzip");
    // Whoever names a delimiter has such a text.
    let told = ReadOptions { delimiter: Some(b' '), ..ReadOptions::default() };
    assert!(super::is_delimited("t", &cut("1 1:0 2:3 7:0.25\n"), &told).expect("a known format"));
}
