//! Dates, booleans, robust scaling, identifiers and categories of many levels.

mod common;

use common::csv;
use ndarray::array;
use retrograde_data::{
    Column, ColumnType, DataError, DateInput, DatePart, Encoder, EncoderSettings, InputColumn, InputOrigin,
    InputValue, NumberScale, Origin, Scaling, Table,
};

fn settings(target: &str) -> EncoderSettings {
    EncoderSettings { targets: vec![target.into()], ..EncoderSettings::default() }
}

#[track_caller]
fn fitted(table: &Table, settings: &EncoderSettings) -> Encoder {
    let rows: Vec<usize> = (0..table.rows()).collect();
    Encoder::fit(table, &rows, settings).expect("an encoder")
}

/// 2013-01-01 00:00 (a Tuesday) in microseconds.
const START: i64 = 1_356_998_400_000_000;
const HOUR: i64 = 3_600_000_000;

fn dated(hours: &[Option<i64>]) -> Table {
    let moment = |h: &Option<i64>| h.map_or(retrograde_data::MISSING_DATE, |h| START + h * HOUR);
    let columns = vec![
        Column::date("time_hour", hours.iter().map(moment).collect()),
        Column::number("y", (0..hours.len()).map(|i| i as f64 / 2.0).collect()),
    ];
    Table::new(columns, Origin { name: "t.csv".into(), ..Origin::default() }).expect("a table")
}

#[test]
fn dates_become_their_parts() {
    // 1 January 5:00, 2 January 7:00, missing, 3 February 9:00.
    let table = dated(&[Some(5), Some(31), None, Some(33 * 24 + 9)]);
    let raw = EncoderSettings { scaling: Scaling::None, ..settings("y") };
    let encoder = fitted(&table, &raw);
    let expected =
        ["month", "day", "weekday", "seconds", "is missing"].map(|part| format!("time_hour {part}"));
    assert_eq!(encoder.names(), expected);
    let note = "`time_hour` has the same year 2013 in every training row that has it: left out";
    assert_eq!(encoder.notes, [note]);
    let x = encoder.transform(&table, &[0, 1, 2, 3]).expect("inputs");
    let expected = array![
        [1.0, 1.0, 2.0, 18_000.0, 0.0],
        [1.0, 2.0, 3.0, 25_200.0, 0.0],
        [1.0, 2.0, 3.0, 25_200.0, 1.0],
        [2.0, 3.0, 7.0, 32_400.0, 0.0]
    ];
    assert_eq!(x, expected);
    let origin = |value| InputOrigin { column: "time_hour".into(), value };
    let origins = encoder.origins();
    assert_eq!(origins[2], origin(InputValue::Part(DatePart::Weekday)));
    assert_eq!(origins[4], origin(InputValue::Missing));
    assert_eq!(encoder.types(), [("time_hour".to_owned(), ColumnType::Date)]);
    encoder.validate().expect("valid");
    // Standardised, each part as a number would be.
    let standard = fitted(&table, &settings("y"));
    let InputColumn::Date { parts, .. } = &standard.inputs[0] else { panic!("{standard:?}") };
    let as_numbers = csv("day,y\n1,0\n2,.5\n,1\n3,1.5\n");
    let InputColumn::Number { scale, fill, .. } = fitted(&as_numbers, &settings("y")).inputs[0] else {
        panic!()
    };
    assert_eq!(parts[1], DateInput { part: DatePart::Day, scale, fill });
}

#[test]
fn a_single_date_is_left_out() {
    let table = dated(&[Some(5), None, Some(5)]);
    let error = Encoder::fit(&table, &[0, 1, 2], &settings("y")).expect_err("no inputs");
    let note = "`time_hour` is left out: every training row that has it has the same date";
    assert_eq!(error.details(), [note]);
    let error = Encoder::fit(&table, &[1], &settings("y")).expect_err("no inputs");
    assert_eq!(error.details(), ["`time_hour` is left out: it is missing in every training row"]);
}

#[test]
fn dates_may_arrive_as_text() {
    let encoder = fitted(&dated(&[Some(5), Some(31), None, Some(800)]), &settings("y"));
    let texts = |cells: [&str; 3]| {
        let cells = cells.map(|cell| Some(cell).filter(|text| !text.is_empty()));
        let table = Table::new(
            vec![Column::category("time_hour", cells)],
            Origin { name: "new.csv".into(), ..Origin::default() },
        );
        table.and_then(|table| table.with_lines(vec![2, 3, 4])).expect("a table")
    };
    let new = texts(["2013-01-01T05:00", "", " 2013-01-02 07:00:00Z"]);
    let read = dated(&[Some(5), None, Some(31)]);
    let rows = [0, 1, 2];
    assert_eq!(
        encoder.transform(&new, &rows).expect("inputs"),
        encoder.transform(&read, &rows).expect("inputs")
    );
    let bad = texts(["2013-01-01", "", "yesterday"]);
    let error = encoder.transform(&bad, &rows).expect_err("no date");
    assert_eq!(error.to_string(), "new.csv, row 2 (line 4), column `time_hour`: `yesterday` is not a date");
    assert!(error.hint().is_some());
    assert!(encoder.transform(&bad, &[0, 1]).is_ok());
    let numbers = Table::new(vec![Column::number("time_hour", vec![f64::NAN, 20.0])], Origin::default());
    let error = encoder.transform(&numbers.expect("a table"), &[0, 1]).expect_err("no date");
    assert!(matches!(error, DataError::NotADate { ref found, .. } if found == "20"), "{error}");
}

#[test]
fn moments_beyond_all_calendars_are_refused() {
    let mut table = dated(&[Some(5), Some(31)]);
    let encoder = fitted(&table, &settings("y"));
    table.columns[0] = Column::date("time_hour", vec![START, i64::MAX]);
    for error in [
        Encoder::fit(&table, &[0, 1], &settings("y")).expect_err("no date"),
        encoder.transform(&table, &[0, 1]).expect_err("no date"),
    ] {
        let expected = "t.csv, row 1, column `time_hour`: `9223372036854775807 µs` is not a date";
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn answers_become_one_input() {
    let table = csv("a,b,y\nYes,t,0\nno,f,1\nyes ,t,0\n,f,1\nYES,t,1\n");
    let encoder = fitted(&table, &settings("y"));
    let expected = InputColumn::Boolean {
        column: "a".into(),
        no: "no".into(),
        yes: "Yes".into(),
        fill: true,
        missing_indicator: true,
    };
    assert_eq!(encoder.inputs[0], expected);
    assert_eq!(encoder.names(), ["a=Yes", "a is missing", "b=t"]);
    let x = encoder.transform(&table, &[0, 1, 2, 3, 4]).expect("inputs");
    let expected =
        array![[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]];
    assert_eq!(x, expected);
    // Spellings do not matter, and answers of another pair are answers; other texts count as missing: where there is no
    // indicator, they are only filled.
    let new = csv("a,b\nNO,T\nperhaps,x\ntrue,\n");
    let x = encoder.transform(&new, &[0, 1, 2]).expect("inputs");
    assert_eq!(x, array![[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [1.0, 0.0, 1.0]]);
    assert_eq!(encoder.types()[0], ("a".to_owned(), ColumnType::Category));
    // The same number of both: the no stands in.
    let even = fitted(&csv("a,y\ny,0\nn,1\n"), &settings("y"));
    assert_eq!(even.transform(&csv("a\n?\nx\n"), &[0, 1]).expect("inputs"), array![[0.0], [0.0]]);
    // Other files have 1 and 0, or 1.0 and 0.0.
    for text in ["a\n1\n0\n", "a\n1.0\n0.0\n"] {
        assert_eq!(even.transform(&csv(text), &[0, 1]).expect("inputs"), array![[1.0], [0.0]]);
    }
}

#[test]
fn other_texts_are_categories() {
    for (cells, names) in [
        ("yes,no,?,maybe", &["c=yes", "c=no", "c=maybe", "c=unseen or missing"][..]),
        ("yes,yes,yes,yes", &["c=yes", "c=unseen or missing"]),
        ("yes,n,yes,n", &["c=yes", "c=n", "c=unseen or missing"]),
    ] {
        let rows: Vec<String> = cells.split(',').zip(0..).map(|(c, i)| format!("{c},{}", i % 2)).collect();
        let encoder = fitted(&csv(&format!("c,y\n{}\n", rows.join("\n"))), &settings("y"));
        assert_eq!(encoder.names(), names, "{cells}");
    }
    // Only the training rows decide.
    let table = csv("c,y\nyes,0\nno,1\nmaybe,0\n");
    let encoder = Encoder::fit(&table, &[0, 1], &settings("y")).expect("an encoder");
    assert_eq!(encoder.names(), ["c=yes"]);
}

#[test]
fn robust_scaling_is_that_of_the_paper() {
    let robust = EncoderSettings { scaling: Scaling::Robust, ..settings("y") };
    // Quartiles 2 and 4, median 3; the outlier moves nothing and ends below 3.
    let table = csv("x,k,s,y\n1,5,0,.5\n2,5,0,1\n3,5,0,2\n4,5,0,3\n1e6,5,8,4\n");
    let encoder = fitted(&table, &robust);
    let scale = |center, scale| NumberScale { center, scale, clip: Some(3.0) };
    let scales: Vec<NumberScale> = encoder
        .inputs
        .iter()
        .map(|input| match input {
            InputColumn::Number { scale, .. } => *scale,
            _ => panic!("{input:?}"),
        })
        .collect();
    // A constant column has the scale 1; where the quartiles are equal it is half the range.
    assert_eq!(scales, [scale(3.0, 2.0), scale(5.0, 1.0), scale(0.0, 4.0)]);
    let x = encoder.transform(&table, &[0, 1, 4]).expect("inputs");
    let clipped = |z: f64| z / (1.0 + (z / 3.0).powi(2)).sqrt();
    assert_eq!(x.column(0).to_vec(), [clipped(-1.0), clipped(-0.5), clipped(499_998.5)]);
    assert_eq!(x.column(1).to_vec(), [0.0, 0.0, 0.0]);
    assert_eq!(x[[2, 2]], clipped(2.0));
    assert!((scales[0].invert(x[[0, 0]]) - 1.0).abs() < 1e-15);
    // No number is too far, but none may be infinite.
    let far = csv("x,k,s\n1e300,5,0\n-inf,5,0\n");
    assert_eq!(encoder.transform_as::<f32>(&far, &[0]).expect("inputs")[[0, 0]], 3.0);
    let error = encoder.transform(&far, &[1]).expect_err("infinite");
    assert_eq!(
        error.to_string(),
        "t.csv, row 1 (line 3), column `x`: `-inf` is not finite, expected a finite number"
    );
}

#[test]
fn numbers_that_only_name_rows_are_pointed_out() {
    let noted = |name: &str, cell: &dyn Fn(usize) -> f64, rows: usize| {
        let columns = vec![
            Column::number(name, (0..rows).map(cell).collect()),
            Column::number("y", (0..rows).map(|i| (i % 7) as f64 / 2.0).collect()),
        ];
        !fitted(&Table::new(columns, Origin::default()).expect("a table"), &settings("y")).notes.is_empty()
    };
    let shuffled = |i: usize| (i * 37 % 100 + 1) as f64;
    assert!(noted("passengerid", &shuffled, 100));
    // With the gaps of rows held out, but not with larger ones.
    assert!(noted("n", &|i| (2 * i) as f64, 100));
    assert!(!noted("n", &|i| (9 * i) as f64, 100));
    assert!(noted("customer_id", &|i| (i * i * 1000) as f64, 100));
    assert!(noted("id", &|i| i as f64, 10));
    assert!(!noted("n", &|i| i as f64, 10));
    assert!(!noted("id", &|i| (i / 2) as f64, 100));
    assert!(!noted("id", &|i| i as f64 + 0.5, 100));
    assert!(!noted("id", &|i| if i == 5 { f64::NAN } else { i as f64 }, 100));
    let columns = vec![
        Column::number("passenger id", (0..100).map(shuffled).collect()),
        Column::number("y", (0..100).map(|i| f64::from(i % 7) / 2.0).collect()),
    ];
    let encoder = fitted(&Table::new(columns, Origin::default()).expect("a table"), &settings("y"));
    let note =
        "`passenger id` has a different value in every row: if it only names rows, --drop 'passenger id'";
    assert_eq!(encoder.notes, [note]);
}

#[test]
fn more_than_64_levels_share_an_input() {
    let table = |levels: usize, rows: usize| {
        let rows: Vec<String> = (0..rows).map(|i| format!("k{},{}", i % levels, i % 2)).collect();
        csv(&format!("tailnum,y\n{}\n", rows.join("\n")))
    };
    let exactly = fitted(&table(64, 128), &settings("y"));
    assert_eq!((exactly.width(), exactly.notes.len()), (65, 0));
    let more = fitted(&table(65, 130), &settings("y"));
    assert_eq!(more.width(), 65);
    let note = "`tailnum` has 65 levels: the 64 most frequent have an input each, the others share one";
    assert_eq!(more.notes, [note]);
    // Of equally frequent ones the earlier: the last is the one that is left.
    assert_eq!(more.names()[63..], ["tailnum=k63", "tailnum=unseen or missing"]);
    // Many levels are no identifier as long as they group rows.
    let tailnum = fitted(&table(400, 800), &settings("y"));
    assert_eq!(tailnum.width(), 65);
    let rows: Vec<usize> = (0..799).collect();
    assert!(matches!(
        Encoder::fit(&table(400, 799), &rows, &settings("y")),
        Err(DataError::Identifier { levels: 400, rows: 799, .. })
    ));
}

#[test]
fn models_of_older_versions_are_read() {
    let json = r#"{
        "inputs": [
            {"kind": "number", "column": "age", "mean": 30, "scale": 14.5, "fill": 28.0, "missing_indicator": true},
            {"kind": "category", "column": "sex", "levels": ["male", "female"]}
        ],
        "target": {"kind": "numbers", "columns": ["fare"], "mean": [32.5], "scale": [49.75]},
        "notes": []
    }"#;
    let encoder: Encoder = serde_json::from_str(json).expect("an encoder");
    encoder.validate().expect("valid");
    let scale = NumberScale { center: 30.0, scale: 14.5, clip: None };
    let age = InputColumn::Number { column: "age".into(), scale, fill: 28.0, missing_indicator: true };
    assert_eq!(encoder.inputs[0], age);
    assert_eq!(encoder.choices, None);
}

#[test]
fn every_kind_survives_json_and_reads_well() {
    let mut table = dated(&[Some(5), Some(31), None, Some(800)]);
    table.columns.push(Column::category("b", [Some("true"), None, Some("false"), Some("true")]));
    table.columns.push(Column::number("x", vec![0.1, f64::NAN, 0.3, 1e6]));
    let encoder = fitted(&table, &EncoderSettings { scaling: Scaling::Robust, ..settings("y") });
    let json = serde_json::to_string(&encoder).expect("JSON");
    let back: Encoder = serde_json::from_str(&json).expect("an encoder");
    assert_eq!(back, encoder);
    back.validate().expect("valid");
    for part in [
        r#""kind":"date","column":"time_hour","parts":[{"part":"month","center":"#,
        r#""kind":"boolean","column":"b","no":"false","yes":"true","fill":true,"missing_indicator":true"#,
        r#""kind":"number","column":"x","center":0.3,"scale":"#,
        r#""clip":3.0"#,
        r#""choices":{"scaling":"robust","target_scaling":"standard","max_levels":64}"#,
    ] {
        assert!(json.contains(part), "{part} in {json}");
    }
}

#[test]
fn new_kinds_that_contradict_themselves_are_refused() {
    let encoder = fitted(&dated(&[Some(5), Some(31), None, Some(800)]), &settings("y"));
    let broken = |input: InputColumn| {
        let mut encoder = encoder.clone();
        encoder.inputs = vec![input];
        encoder.validate().expect_err("an error").to_string()
    };
    let date = |parts| InputColumn::Date { column: "d".into(), parts, missing_indicator: false };
    let good = DateInput { part: DatePart::Day, scale: NumberScale::IDENTITY, fill: 0.0 };
    let answers = |no: &str, yes: &str| InputColumn::Boolean {
        column: "b".into(),
        no: no.into(),
        yes: yes.into(),
        fill: false,
        missing_indicator: false,
    };
    let clip = |clip| {
        let scale = NumberScale { clip: Some(clip), ..NumberScale::IDENTITY };
        InputColumn::Number { column: "x".into(), scale, fill: 0.0, missing_indicator: false }
    };
    let cases = [
        (date(vec![]), "the encoder's number of parts of `d` has 0, expected 1 to 5"),
        (date(vec![good, good]), "the encoder's parts of `d` has `day` twice, expected each name once"),
        (
            date(vec![DateInput { fill: f64::NAN, ..good }]),
            "the encoder's fill of `d` has NaN, expected a finite number",
        ),
        (
            answers("true", "false"),
            "the encoder's answers of `b` has `true` and `false`, expected the no and the yes of one pair, such as \
             false and true",
        ),
        (
            answers("no", "true"),
            "the encoder's answers of `b` has `no` and `true`, expected the no and the yes of one pair, such as false \
             and true",
        ),
        (clip(0.0), "the encoder's clip of `x` has 0, expected a finite number above 0"),
    ];
    for (input, expected) in cases {
        assert_eq!(broken(input), expected);
    }
}
