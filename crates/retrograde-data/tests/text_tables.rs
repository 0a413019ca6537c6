//! What the reader of delimited text makes of types, dialects and encodings, and what it says of them.

mod common;

use common::{csv, parse};
use retrograde_data::{
    ColumnType, DataError, Encoding, Header, MISSING, MISSING_DATE, ReadOptions, Table, Values, plan,
    read_bytes, scan_csv,
};

fn numbers<'a>(table: &'a Table, name: &str) -> &'a [f64] {
    let column = table.column(name).unwrap_or_else(|| panic!("no column {name}"));
    let Values::Number(values) = &column.values else { panic!("{name} is no number: {column:?}") };
    values
}

fn texts(table: &Table, name: &str) -> Vec<Option<String>> {
    let column = table.column(name).unwrap_or_else(|| panic!("no column {name}"));
    assert_eq!(column.values.column_type(), ColumnType::Category);
    (0..table.rows()).map(|row| column.values.text(row).map(Into::into)).collect()
}

fn dates(table: &Table, name: &str) -> Vec<Option<String>> {
    let column = table.column(name).unwrap_or_else(|| panic!("no column {name}"));
    assert_eq!(column.values.column_type(), ColumnType::Date, "{column:?}");
    (0..table.rows()).map(|row| column.values.text(row).map(Into::into)).collect()
}

fn some(all: &[&str]) -> Vec<Option<String>> {
    all.iter().map(|&text| Some(text.to_owned())).collect()
}

/// A table with some types said.
fn with_types(text: &str, types: &[(&str, ColumnType)]) -> Result<Table, DataError> {
    let types = types.iter().map(|&(name, wanted)| (name.to_owned(), wanted)).collect();
    read_bytes("t.csv", text.as_bytes(), &ReadOptions { types, ..Default::default() })
}

#[test]
fn numbers_with_commas_and_signs_are_numbers_when_the_whole_column_has_them() {
    let table = csv("a,b,c\n\"1,234.5\",12%,$1\n12,-3.5 %,\"-$1,200\"\n,NA,$2.50\n");
    assert_eq!(numbers(&table, "a")[..2], [1234.5, 12.0]);
    assert_eq!(numbers(&table, "b")[..2], [12.0, -3.5]);
    assert_eq!(numbers(&table, "c"), [1.0, -1200.0, 2.5]);
    assert_eq!(
        table.origin.notes,
        [
            "`a` is read as numbers with commas between thousands",
            "`b` is read as numbers with `%`",
            "`c` is read as numbers with commas between thousands and `$`",
        ]
    );
    let comma = csv("a;b\n1.234,5;1,234\n2;5,678\n");
    assert_eq!((numbers(&comma, "a"), numbers(&comma, "b")), (&[1234.5, 2.0][..], &[1.234, 5.678][..]));
    assert_eq!(comma.origin.notes[1], "`b` is read as numbers with a decimal comma");
    let mixed = csv("a\n12%\n3\n");
    assert_eq!(texts(&mixed, "a"), some(&["12%", "3"]));
    assert!(mixed.origin.notes.is_empty(), "{:?}", mixed.origin.notes);
    let late = format!("a\n{}\"1,000\"\n", "5\n".repeat(2000));
    assert_eq!(numbers(&csv(&late), "a")[1999..], [5.0, 1000.0]);
}

#[test]
fn dates_have_the_order_that_fits_all_of_them() {
    let table = csv("iso,us,eu,dot,y\n2013-12-31,12/31/2013,31/12/2013,31.12.2013,2013/12/31\n\
                     2013-01-02T05:15,1/2/2013 5:15 PM,2/1/2013 17:15,2.1.2013,\n");
    let end = "2013-12-31";
    assert_eq!(dates(&table, "iso"), some(&[end, "2013-01-02T05:15:00"]));
    assert_eq!(dates(&table, "us"), some(&[end, "2013-01-02T17:15:00"]));
    assert_eq!(dates(&table, "eu"), some(&[end, "2013-01-02T17:15:00"]));
    assert_eq!(dates(&table, "dot"), some(&[end, "2013-01-02"]));
    assert_eq!(dates(&table, "y"), [Some(end.to_owned()), None]);
    assert_eq!(
        table.origin.notes,
        [
            "`us` is read as dates, month/day/year",
            "`eu` is read as dates, day/month/year",
            "`dot` is read as dates, day.month.year",
            "`y` is read as dates, year/month/day",
        ]
    );
    let open = csv("a,b\n1/2/2013,1.2.2013\n3/4/2013,3.4.2013\n");
    assert_eq!(dates(&open, "a"), some(&["2013-01-02", "2013-03-04"]));
    assert_eq!(dates(&open, "b"), some(&["2013-02-01", "2013-04-03"]));
    assert_eq!(
        open.origin.notes,
        [
            "`a` is read as dates, month/day/year, as `/` suggests; none of them tells whether the day comes first: \
             --date-order day says so",
            "`b` is read as dates, day.month.year, as `.` suggests; none of them tells whether the month comes first: \
             --date-order month says so",
        ]
    );
    assert_eq!(texts(&csv("a\n31/12/2013\n12/31/2013\n"), "a").len(), 2);
}

#[test]
fn dates_are_read_as_people_write_them() {
    let table = csv("us,uk,full,dash,oracle,short,zone\n\
         Jan 10 2020,10 Jan 2020,\"January 10, 2020\",10-Jan-2020,10-JAN-20,01/10/20,2020-01-10 00:30:00 UTC\n\
         Feb 3 2020,3 Feb 2020,\"February 3, 2020\",03-Feb-2020,03-FEB-20,02/03/20,2020-02-03 02:30:00 +02:00\n\
         May 31 1999,31 May 1999,\"May 31, 1999\",31-May-1999,31-MAY-99,5/31/99,1999-05-31 00:30:00 Z\n");
    for name in ["us", "uk", "full", "dash", "oracle", "short"] {
        assert_eq!(dates(&table, name), some(&["2020-01-10", "2020-02-03", "1999-05-31"]), "{name}");
    }
    assert_eq!(
        dates(&table, "zone"),
        some(&["2020-01-10T00:30:00", "2020-02-03T00:30:00", "1999-05-31T00:30:00"])
    );
    assert_eq!(
        table.origin.notes,
        [
            "`us` is read as dates, month day year",
            "`uk` is read as dates, day month year",
            "`full` is read as dates, month day year",
            "`dash` is read as dates, day-month-year",
            "`oracle` is read as dates, day-month-year of two digits (69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068)",
            "`short` is read as dates, month/day/year of two digits (69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068)",
        ]
    );
    // Words that begin as a month does, and dates of two forms, are texts.
    let texts_of = csv("a,b\nMay,1/2/20\nMarch,1/2/2020\n");
    assert_eq!(texts(&texts_of, "a"), some(&["May", "March"]));
    assert_eq!(texts(&texts_of, "b"), some(&["1/2/20", "1/2/2020"]));
}

#[test]
fn missing_is_written_in_many_ways_and_a_point_among_numbers_is_one() {
    let table = csv("n,c,p,d\n#N/A,#N/A,.,NaT\nn/a,n/a,1,<NA>\n<NA>,<NA>,2,2013-01-31\n1,x,.,NA\n");
    assert!(numbers(&table, "n")[..3].iter().all(|x| x.is_nan()));
    assert_eq!(texts(&table, "c"), [None, None, None, Some("x".into())]);
    assert_eq!(numbers(&table, "p").iter().filter(|x| x.is_nan()).count(), 2);
    let Some(Values::Date(found)) = table.column("d").map(|c| &c.values) else { panic!("dates") };
    assert_eq!(found.iter().filter(|&&d| d == MISSING_DATE).count(), 3);
    assert_eq!(
        table.origin.notes,
        ["a cell of `p` that is `.` is read as missing, the first in row 0 (line 2)"]
    );
    assert_eq!(texts(&csv("a\n.\nx\n"), "a"), some(&[".", "x"]));
    assert_eq!(texts(&csv("a\n.\n2013-01-31\n"), "a"), some(&[".", "2013-01-31"]));
}

#[test]
fn integers_that_are_too_large_are_texts() {
    let table = csv("id,x\n9007199254740993,9007199254740993\n1,0.5\n");
    assert_eq!(texts(&table, "id"), some(&["9007199254740993", "1"]));
    assert_eq!(numbers(&table, "x"), [9_007_199_254_740_992.0, 0.5]);
    assert_eq!(
        table.origin.notes,
        [
            "`id` is read as a category because the integer in row 0 (line 2) is too large for a number to hold \
          exactly; --type id=number rounds it"
        ]
    );
    let forced = with_types("id\n9007199254740993\n1\n", &[("id", ColumnType::Number)]).expect("numbers");
    assert_eq!(numbers(&forced, "id"), [9_007_199_254_740_992.0, 1.0]);
    assert_eq!(numbers(&csv("a\n9007199254740991\n"), "a"), [9_007_199_254_740_991.0]);
}

#[test]
fn a_column_that_is_almost_of_numbers_is_told_with_the_cell_that_is_not() {
    let text = format!("my age,day\n{}abc,x\nabd,2013-01-01\n", "5,2013-01-01\n\n".repeat(30));
    let table = csv(&text);
    let notes = [
        "`my age` is read as a category: 30 of 32 cells are numbers, but 2 are not, the first `abc` in row 30 (line 62); \
         --type 'my age=number' refuses them",
        "`day` is read as a category: 31 of 32 cells are dates, but 1 is not: `x` in row 30 (line 62); --type day=date \
         refuses it",
    ];
    assert_eq!(table.origin.notes, notes);
    assert_eq!(plan(&table, None).notes, notes);
    let few = csv(&format!("a\n{}x\n", "5\n".repeat(9)));
    assert!(few.origin.notes.is_empty(), "one in ten is not a few");
    let refused = with_types(&text, &[("my age", ColumnType::Number)]).expect_err("`abc`");
    assert_eq!(
        refused.to_string(),
        "t.csv, row 30 (line 62), column `my age`: found `abc`, expected a number"
    );
}

#[test]
fn types_that_are_said_take_every_way_of_writing_them() {
    let dates_of = |text| with_types(text, &[("a", ColumnType::Date)]);
    assert_eq!(dates(&dates_of("a\n31.12.2013\n").expect("a date"), "a"), some(&["2013-12-31"]));
    let error = dates_of("a\n31.12.2013\n1.1.2013\n12/31/2013\n").expect_err("another order");
    assert_eq!(error.to_string(), "t.csv, row 2 (line 4), column `a`: `12/31/2013` is not a date");
    let error = with_types("a\n\"1,200\"\n1\nx\n", &[("a", ColumnType::Number)]).expect_err("a text");
    assert_eq!(error.to_string(), "t.csv, row 2 (line 4), column `a`: found `x`, expected a number");
    let category = with_types("a,b\n01,true\n1,false\n", &[("a", ColumnType::Category)]).expect("texts");
    assert_eq!(texts(&category, "a"), some(&["01", "1"]));
    assert_eq!(texts(&category, "b"), some(&["true", "false"]));
    assert!(category.origin.notes.is_empty());
}

#[test]
fn encodings_are_told_by_their_bytes() {
    let text = "größe,x\nüber,1\n";
    let format = |bytes: &[u8]| {
        let table = parse("t.csv", bytes).expect("a table");
        assert_eq!(texts(&table, "größe"), some(&["über"]));
        table.origin.format
    };
    assert_eq!(format(text.as_bytes()), "csv · comma · header");
    assert_eq!(format(format!("\u{feff}{text}").as_bytes()), "csv · comma · header · byte order mark");
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(order).collect()
    };
    assert_eq!(format(&utf16(u16::to_le_bytes)), "csv · comma · header · utf-16le");
    assert_eq!(format(&utf16(u16::to_be_bytes)), "csv · comma · header · utf-16be");
    assert_eq!(format(b"gr\xf6\xdfe,x\n\xfcber,1\n"), "csv · comma · header · windows-1252");
    let options = |label| ReadOptions { encoding: Encoding::named(label).ok(), ..Default::default() };
    let greek = read_bytes("t.csv", b"a\n\xe1\xe2\n", &options("iso-8859-7")).expect("a table");
    assert_eq!(
        (texts(&greek, "a"), greek.origin.format.as_str()),
        (some(&["αβ"]), "csv · comma · header · iso-8859-7")
    );
    let nul = read_bytes("t.csv", b"a\0\n\0x\0\n\0", &options("utf-8")).expect_err("UTF-16 without a mark");
    assert_eq!(nul.to_string(), "t.csv, line 1, byte 2: a NUL byte, expected text");
    assert!(read_bytes("t.csv", b"a\0\n\0x\0\n\0", &options("utf-16le")).is_ok());
}

#[test]
fn dialects_are_told_by_their_lines() {
    let spaces = csv("  x   y name\n 1.5  2  a\n10.25 3  \"b c\"\n\n 7   4  \"d e\"  \n");
    assert_eq!(spaces.origin.format, "csv · spaces · header");
    assert_eq!(numbers(&spaces, "x"), [1.5, 10.25, 7.0]);
    assert_eq!(texts(&spaces, "name"), some(&["a", "b c", "d e"]));
    for (text, format, names) in [
        ("a,b\n'x, y',1\n'it''s',2\n", "csv · comma · quote ' · header", ["a", "b"]),
        ("a,b\n'tis,1\n'twas',2\n", "csv · comma · header", ["a", "b"]),
        ("# from a, b\n#\na,b\n1,2\n", "csv · comma · header · 2 comment lines at the top", ["a", "b"]),
        ("# of 2013\n#a,b\n1,2\n", "csv · comma · header · 1 comment line at the top", ["#a", "b"]),
        ("#,Name\n1,x\n2,y\n", "csv · comma · header", ["#", "Name"]),
        (",b\n0,x\n1,y\n", "csv · comma · header · first column without a name", ["index", "b"]),
        ("\"\";\"b\"\n\"r1\";2\n", "csv · semicolon · header · first column without a name", ["index", "b"]),
    ] {
        let table = csv(text);
        assert_eq!((table.origin.format.as_str(), table.names()), (format, names.to_vec()), "{text:?}");
    }
    assert_eq!(texts(&csv("a,b\n'x, y',1\n'it''s',2\n"), "a"), some(&["x, y", "it's"]));
    // Words are no columns.
    assert_eq!(csv("city\nNew York\nLos Angeles\n").columns.len(), 1);
    assert_eq!(csv("a b\nc d\n").columns.len(), 1);
    let comments = csv("# one\n# two\na,b\n1,2\n3,4\n");
    assert_eq!((comments.line_of(0), comments.line_of(1)), (Some(4), Some(5)));
    let with =
        |delimiter| ReadOptions { delimiter: Some(delimiter), header: Header::Present, ..Default::default() };
    let exact = read_bytes("t", b"a b c\n1  3\n", &with(b' ')).expect("an empty cell between two spaces");
    assert!(numbers(&exact, "b")[0].is_nan());
    let runs = read_bytes("t", b"a  b c\n1 2   3\n", &with(b' ')).expect("runs of spaces");
    assert_eq!(numbers(&runs, "b"), [2.0]);
}

#[test]
fn a_scanned_file_comes_in_pieces_with_one_list_of_levels() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    let row = |i: usize| {
        format!("{i},level {},2013-01-{:02},{}\n", i % 7, 1 + i % 28, if i == 90_000 { "x" } else { "1" })
    };
    let text: String = std::iter::once("n,c,d,late\n".to_owned()).chain((0..100_000).map(row)).collect();
    std::fs::write(&path, &text).expect("a file");
    let source = scan_csv(&path, &ReadOptions::default()).expect("a source");
    let columns: Vec<(&str, ColumnType)> = source.columns().iter().map(|(n, t)| (n.as_str(), *t)).collect();
    let (number, category) = (ColumnType::Number, ColumnType::Category);
    assert_eq!(columns, [("n", number), ("c", category), ("d", ColumnType::Date), ("late", category)]);
    assert_eq!((source.rows(), source.origin().notes.len()), (100_000, 1));
    let whole = retrograde_data::read(&path, &ReadOptions::default()).expect("a table");
    assert_eq!(source.origin(), &whole.origin);
    assert_eq!(source.collect(None).expect("all rows"), whole);
    let pieces: Vec<Table> = source
        .pieces(Some(&["late", "n"]))
        .expect("pieces")
        .map(|p| p.expect("a piece").into_owned())
        .collect();
    assert!(pieces.len() > 1);
    let last = &pieces[pieces.len() - 1];
    let Values::Category { levels, codes } = &last.columns[0].values else { panic!("a category") };
    assert_eq!(
        (&**levels, codes.last(), last.names()),
        (&["1".to_owned(), "x".to_owned()][..], Some(&0), vec!["late", "n"])
    );
    assert!(!codes.contains(&MISSING));
    let none = source.pieces(Some(&[])).expect("pieces").map(|p| p.expect("a piece").rows());
    assert_eq!(none.sum::<usize>(), 100_000, "rows are rows without a column too");
    // Some pieces are enough for some.
    assert!(source.pieces(None).expect("pieces").next().is_some_and(|p| p.is_ok()));
    std::fs::write(&path, text.replace("level 3", "level 8")).expect("a file");
    let changed = source.collect(None).expect_err("another level");
    assert_eq!(changed.to_string(), format!("{} has changed since it was first read", path.display()));
    std::fs::write(&path, &text[..text.len() / 2]).expect("a file");
    assert!(source.collect(Some(&["n"])).is_err(), "half of the file");
}

#[test]
fn a_large_file_is_not_loaded_to_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    let rows = 2_400_000;
    let text: String =
        std::iter::once("a,b\n".to_owned()).chain((0..rows).map(|i| format!("{i:015},{i:015}\n"))).collect();
    assert!(text.len() > 64 << 20);
    std::fs::write(&path, &text).expect("a file");
    let large = retrograde_data::read(&path, &ReadOptions::default()).expect("a table");
    assert_eq!((large.rows(), large.line_of(rows - 1)), (rows, Some(rows as u64 + 1)));
    assert_eq!(numbers(&large, "b")[rows - 1], (rows - 1) as f64);
    let name = path.display().to_string();
    let small = read_bytes(&name, text.as_bytes(), &ReadOptions::default()).expect("a table");
    assert_eq!((&large.origin, large == small), (&small.origin, true));
}

#[test]
fn one_column_whose_cells_look_like_several_is_told() {
    let notes = |text: &str| csv(text).origin.notes;
    assert_eq!(
        notes("x\na;b\nc;d\ne;f\n"),
        [
            "one column was found, but all of the first 3 cells have as many semicolons: if they separate columns, --delimiter semicolon"
        ]
    );
    assert_eq!(
        notes(&format!("title of it\n{}z\n", "a  b\n".repeat(19))),
        [
            "one column was found, but 19 of the first 20 cells have as many spaces: if they separate columns, --delimiter space"
        ]
    );
    for honest in [
        "x\n1\n2\n3\n",
        "name\nJohn Smith\nJane Doe\n",
        "text\nit is so\nno\nperhaps it is not so\n",
        "when\n2020-01-10 00:30:00 UTC\n2020-01-11 00:30:00 UTC\n",
        "name\n\"Smith, John\"\n\"Doe, Jane\"\n",
        "x;y\na;b\nc;d\n",
    ] {
        assert!(notes(honest).iter().all(|note| !note.starts_with("one column")), "{honest}");
    }
    let given = ReadOptions { delimiter: Some(b','), ..Default::default() };
    let table = read_bytes("t.csv", b"x\na;b\nc;d\n", &given).expect("a table");
    assert!(table.origin.notes.is_empty());
}
