//! Cells that look alike and mean something else in another file: what is learnt of their form, and given to the next reading.

use retrograde_data::{
    DataError, DateOrder, Encoder, EncoderSettings, Form, ReadOptions, Table, Values, read_bytes, read_many,
    scan_csv,
};

fn read(text: &str, forms: &[(&str, Form)]) -> Table {
    let forms = forms.iter().map(|&(column, form)| (column.to_owned(), form)).collect();
    read_bytes("t.csv", text.as_bytes(), &ReadOptions { forms, ..ReadOptions::default() }).expect("a table")
}

fn dates(table: &Table, column: &str) -> Vec<String> {
    let values = &table.column(column).expect("the column").values;
    (0..table.rows()).map(|row| values.text(row).unwrap_or_default().into_owned()).collect()
}

fn numbers(table: &Table, column: &str) -> Vec<f64> {
    match &table.column(column).expect("the column").values {
        Values::Number(values) => values.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_order_of_dates_is_told_and_followed() {
    let learnt = read("d,x\n25/12/2019,1\n01/02/2020,2\n", &[]);
    assert_eq!(learnt.origin.forms, [("d".to_owned(), Form::DayMonthYear)]);
    let unsure = "d,x\n01/02/2020,1\n03/04/2020,2\n";
    assert_eq!(dates(&read(unsure, &[]), "d"), ["2020-01-02", "2020-03-04"]);
    let told = read(unsure, &[("d", Form::DayMonthYear)]);
    assert_eq!(dates(&told, "d"), ["2020-02-01", "2020-04-03"]);
    assert!(told.origin.notes.is_empty() && told.origin.unexpected.is_empty(), "{:?}", told.origin);
    // What cannot be mistaken is read as it is.
    let iso = read("d,x\n2020-02-01,1\n", &[("d", Form::DayMonthYear)]);
    assert_eq!(dates(&iso, "d"), ["2020-02-01"]);
    assert!(iso.origin.unexpected.is_empty());
    let other = read("d,x\n01/02/2020,1\n12/25/2019,2\n", &[("d", Form::DayMonthYear)]);
    assert_eq!(dates(&other, "d"), ["2020-01-02", "2019-12-25"]);
    assert_eq!(
        other.origin.unexpected,
        [
            "`d` is read as dates, month before day and year; expected were dates, day before month and year, which its \
          cells do not fit"
        ]
    );
}

#[test]
fn the_order_of_day_and_month_can_be_said() {
    let said = |text: &str, order, forms: &[(String, Form)]| {
        let options =
            ReadOptions { date_order: Some(order), forms: forms.to_vec(), ..ReadOptions::default() };
        read_bytes("t.csv", text.as_bytes(), &options).expect("a table")
    };
    let unsure = "d,e,x\n01/02/2020,01.02.20,1\n03/04/2020,,2\n";
    let day = said(unsure, DateOrder::Day, &[]);
    assert_eq!(dates(&day, "d"), ["2020-02-01", "2020-04-03"]);
    assert_eq!(day.origin.notes, ["`d` is read as dates, day/month/year, as --date-order says"]);
    assert_eq!(day.origin.forms, [("d".to_owned(), Form::DayMonthYear)]);
    assert_eq!(dates(&said(unsure, DateOrder::Month, &[]), "d"), ["2020-01-02", "2020-03-04"]);
    // It comes before what a model remembers.
    let remembered = [("d".to_owned(), Form::MonthDayYear)];
    let other = said(unsure, DateOrder::Day, &remembered);
    assert_eq!(dates(&other, "d"), ["2020-02-01", "2020-04-03"]);
    assert!(other.origin.unexpected.is_empty());
    // Cells that tell otherwise are believed, and it is said.
    let american = said("d,x\n01/02/2020,1\n12/25/2019,2\n", DateOrder::Day, &[]);
    assert_eq!(dates(&american, "d"), ["2020-01-02", "2019-12-25"]);
    assert_eq!(
        american.origin.unexpected,
        ["`d` is read as dates, month before day and year: its cells do not fit --date-order day"]
    );
    // A column without a cell stays one of numbers.
    let empty = said("d,x\n,1\n,2\n", DateOrder::Day, &[]);
    assert!(matches!(empty.column("d").map(|c| &c.values), Some(Values::Number(_))));
}

#[test]
fn the_comma_within_numbers_is_told_and_followed() {
    let learnt = read("x\ty\n1,5\t1\n2,25\t2\n", &[]);
    assert_eq!(learnt.origin.forms, [("x".to_owned(), Form::DecimalComma)]);
    let unsure = "x\ty\n1,234\t1\n5,678\t2\n";
    assert_eq!(numbers(&read(unsure, &[]), "x"), [1234.0, 5678.0]);
    assert_eq!(numbers(&read(unsure, &[("x", Form::DecimalComma)]), "x"), [1.234, 5.678]);
    let semicolons = "x;y\n1,234;1\n5,678;2\n";
    assert_eq!(numbers(&read(semicolons, &[]), "x"), [1.234, 5.678]);
    assert_eq!(numbers(&read(semicolons, &[("x", Form::ThousandsComma)]), "x"), [1234.0, 5678.0]);
    // A point is a decimal point where the cells leave no doubt.
    let plain = read("x\ty\n1.5\t1\n2.25\t2\n", &[("x", Form::DecimalComma)]);
    assert_eq!(numbers(&plain, "x"), [1.5, 2.25]);
}

#[test]
fn several_files_have_one_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let unsure = write("a.csv", "d,x\n01/02/2020,1\n");
    let sure = write("b.csv", "d,x\n25/12/2019,2\n");
    let american = write("c.csv", "d,x\n12/25/2019,3\n");
    for paths in [[unsure.clone(), sure.clone()], [sure.clone(), unsure.clone()]] {
        let table = read_many(&paths, &ReadOptions::default()).expect("a table");
        let mut found = dates(&table, "d");
        found.sort();
        assert_eq!(found, ["2019-12-25", "2020-02-01"]);
        assert_eq!(table.origin.forms, [("d".to_owned(), Form::DayMonthYear)]);
    }
    // Two that contradict each other are each what they say.
    let table = read_many(&[sure, american], &ReadOptions::default()).expect("a table");
    assert_eq!(dates(&table, "d"), ["2019-12-25", "2019-12-25"]);
    assert!(table.origin.forms.is_empty());
}

#[test]
fn zeros_in_front_are_noticed() {
    let notes = |text| read(text, &[]).origin.notes;
    assert_eq!(
        notes("zip,x\n01234,1\n1234,2\n00999,3\n"),
        [
            "`zip` has zeros in front, first in row 0 (line 2): as numbers they are lost, --type zip=category keeps them"
        ]
    );
    assert!(notes("x,y\n0.5,1\n0,2\n").is_empty());
    assert!(notes("x,y\n00.5,1\n1.5,2\n").is_empty());
}

#[test]
fn a_file_that_changes_between_two_readings_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    std::fs::write(&path, "a,b\n1,2\n3,4\n").expect("a file");
    let source = scan_csv(&path, &ReadOptions::default()).expect("a source");
    let pieces = |source: &retrograde_data::Source| {
        source.pieces(None).and_then(|mut pieces| pieces.try_for_each(|piece| piece.map(|_| ())))
    };
    pieces(&source).expect("the same file");
    // As many rows of as many bytes.
    std::fs::write(&path, "a,b\n1,2\n3,5\n").expect("a file");
    assert!(matches!(pieces(&source), Err(DataError::Changed { .. })));
}

#[test]
fn what_training_did_not_have_is_listed() {
    let train = read("c,b,y\nred,yes,1\ngreen,no,2\nred,no,3\n", &[]);
    let settings = EncoderSettings { targets: vec!["y".into()], ..EncoderSettings::default() };
    let encoder = Encoder::fit(&train, &[0, 1, 2], &settings).expect("an encoder");
    assert!(encoder.unseen(&train).is_empty());
    let new = read("c,b\nblue,True\nred,maybe\nblue,1\n,\npink,0\n", &[]);
    let said: Vec<String> = encoder.unseen(&new).iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "3 cells of `c` have a value that training did not have: `blue`, `pink`",
            "1 cell of `b` has a value that training did not have: `maybe`",
        ]
    );
    // Answers of another pair are answers.
    let x = encoder.transform(&new, &[0, 2, 4]).expect("inputs");
    let place = encoder.names().iter().position(|name| name.starts_with("b=")).expect("the answer");
    assert_eq!(x.column(place).to_vec(), [1.0, 1.0, 0.0]);
}

#[test]
fn what_is_dropped_is_not_kept_when_a_table_is_scanned() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    std::fs::write(&path, "id,a,b\nx1,1,red\nx2,2,green\n").expect("a file");
    let options = ReadOptions { unused: vec!["id".into()], ..ReadOptions::default() };
    let source = scan_csv(&path, &options).expect("a source");
    let names: Vec<&str> = source.columns().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["id", "a", "b"]);
    let pieces = source.pieces(Some(&["b", "a"])).expect("pieces");
    let rows: usize = pieces.map(|piece| piece.expect("a piece").rows()).sum();
    assert_eq!(rows, 2);
    // Rows of all columns, as a check asks for them, have it missing.
    let row = source.select(&[1]).expect("a row");
    assert_eq!(
        (row.columns[0].values.missing(), row.columns[2].values.text(0).as_deref()),
        (1, Some("green"))
    );
    // A table in memory has all its columns.
    let table = retrograde_data::read(&path, &options).expect("a table");
    assert_eq!(table.column("id").map(|column| column.values.missing()), Some(0));
}
