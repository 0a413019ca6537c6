//! Readers and encoders on real files; each test is skipped, and says so, where the file is absent.
#![allow(clippy::print_stdout, reason = "measured times")]

mod common;

use common::shared;
use retrograde_data::{
    ColumnType, Encoder, EncoderSettings, ReadOptions, Table, Targets, Values, folds, plan, read,
    read_mat_variables, split,
};
use std::path::Path;

fn table(path: &Path) -> Table {
    read(path, &ReadOptions::default()).expect("a readable file")
}

fn fitted(table: &Table, target: &str) -> Encoder {
    let rows: Vec<usize> = (0..table.rows()).collect();
    let settings = EncoderSettings { targets: vec![target.into()], ..EncoderSettings::default() };
    Encoder::fit(table, &rows, &settings).expect("an encoder")
}

#[test]
fn titanic() {
    let Some(path) = shared("titanic/titanic.csv") else { return };
    let table = table(&path);
    assert_eq!((table.rows(), table.columns.len()), (891, 15));
    let missing = |name: &str| table.column(name).map(|c| c.values.missing());
    assert_eq!((missing("age"), missing("deck"), missing("embarked")), (Some(177), Some(688), Some(2)));
    assert_eq!(table.line_of(890), Some(892));
    let encoder = fitted(&table, "survived");
    assert!(encoder.names().contains(&"age is missing".to_owned()));
    let rows: Vec<usize> = (0..891).collect();
    let Targets::Classes(classes) = encoder.targets(&table, &rows).expect("targets") else {
        panic!("classes")
    };
    assert_eq!(classes.iter().filter(|&&c| c == 1).count(), 342);
    let halves = split(891, 0.2, 1, Some(&classes));
    let ones = halves.validation.iter().filter(|&&r| classes[r] == 1).count();
    assert_eq!((halves.validation.len(), ones), (178, 68));
    assert_eq!(folds(891, 5, 1, Some(&classes)).len(), 5);
}

#[test]
fn california_housing() {
    let Some(path) = shared("california-housing/housing.csv") else { return };
    let table = table(&path);
    assert_eq!((table.rows(), table.columns.len()), (20_640, 10));
    assert_eq!(table.column("total_bedrooms").map(|c| c.values.missing()), Some(207));
    let encoder = fitted(&table, "median_house_value");
    assert_eq!(encoder.width(), 8 + 1 + 6);
    assert_eq!(encoder.target.classes(), None);
}

#[test]
fn weather_has_dates() {
    let Some(path) = shared("nycflights13/weather.csv") else { return };
    let types = vec![("time_hour".to_owned(), ColumnType::Date)];
    let table = read(&path, &ReadOptions { types, ..ReadOptions::default() }).expect("a readable file");
    let summary = plan(&table, None);
    let time = summary.columns.last().expect("a last column");
    assert_eq!(time.first.as_deref(), Some("2013-01-01T06:00:00"));
    assert_eq!(time.last.as_deref(), Some("2013-12-30T23:00:00"));
    let encoder = fitted(&table, "visib");
    // UTC is five hours ahead: every row is of 2013, in UTC as well.
    let parts = ["month", "day", "weekday", "seconds"].map(|part| format!("time_hour {part}"));
    assert!(encoder.names().ends_with(&parts), "{:?}", encoder.names());
}

#[test]
fn tables_without_header_with_tabs_or_quotes() {
    if let Some(path) = shared("covertype-20k/covtype.20k.data") {
        let table = table(&path);
        assert_eq!((table.rows(), table.columns.len()), (20_000, 55));
        assert_eq!(table.origin.format, "csv · comma · no header");
    }
    if let Some(path) = shared("higgs-lightgbm/binary.train") {
        let table = table(&path);
        assert_eq!((table.rows(), table.columns.len()), (7000, 29));
        assert_eq!(table.origin.format, "csv · tab · no header");
    }
    if let Some(path) = shared("diamonds/diamonds.csv") {
        let table = table(&path);
        assert_eq!((table.rows(), table.names()[1]), (53_940, "cut"));
    }
}

#[test]
fn the_course_files() {
    if let Some(path) = shared("ng-ex4/ex4data1.mat") {
        let table = table(&path);
        assert_eq!((table.rows(), table.columns.len()), (5000, 401));
        assert_eq!((table.names()[0], table.names()[399], table.names()[400]), ("X1", "X400", "y"));
        let Some(Values::Number(y)) = table.column("y").map(|c| &c.values) else { panic!("a number column") };
        assert_eq!((y[0], y[4999]), (10.0, 9.0));
    }
    if let (Some(mat), Some(csv)) = (shared("ng-ex4/ex4weights.mat"), shared("ng-ex4/ex4weights-Theta1.csv"))
    {
        let variables = read_mat_variables(&std::fs::read(mat).expect("a file")).expect("variables");
        let shapes: Vec<_> = variables.iter().map(|(name, array)| (name.as_str(), array.dim())).collect();
        assert_eq!(shapes, [("Theta1", (25, 401)), ("Theta2", (10, 26))]);
        let table = table(&csv);
        for (j, column) in table.columns.iter().enumerate() {
            let Values::Number(values) = &column.values else { panic!("a number column") };
            assert_eq!(values, &variables[0].1.column(j).to_vec());
        }
    }
}

#[test]
fn mnist() {
    let Some(path) = shared("mnist/train-images-idx3-ubyte.gz") else { return };
    let start = std::time::Instant::now();
    let table = table(&path);
    let read = start.elapsed();
    assert_eq!((table.rows(), table.columns.len()), (60_000, 785));
    assert_eq!(table.origin.format, "idx · gzip · labels from train-labels-idx1-ubyte.gz");
    let Some(Values::Number(labels)) = table.column("label").map(|c| &c.values) else {
        panic!("a number column")
    };
    assert_eq!(labels[..5], [5.0, 0.0, 4.0, 1.0, 9.0]);
    let start = std::time::Instant::now();
    let encoder = fitted(&table, "label");
    let fit = start.elapsed();
    let rows: Vec<usize> = (0..60_000).collect();
    let start = std::time::Instant::now();
    let x = encoder.transform_as::<f32>(&table, &rows).expect("inputs");
    println!("mnist: read {read:?}, fit {fit:?}, transform {:?}", start.elapsed());
    assert_eq!(x.dim(), (60_000, 784));
}
