//! What is learned, from which rows, and what becomes of rows that differ.

mod common;

use common::csv;
use ndarray::array;
use retrograde_data::{
    Column, ColumnType, DataError, Encoder, EncoderSettings, InputColumn, InputOrigin, InputValue,
    NumberScale, Origin, Scaling, Table, TargetEncoding, TargetScaling, Targets, TaskChoice,
};

fn settings(target: &str) -> EncoderSettings {
    EncoderSettings { targets: vec![target.into()], ..EncoderSettings::default() }
}

/// `count` lines of text.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn fitted(table: &Table, settings: &EncoderSettings) -> Encoder {
    let rows: Vec<usize> = (0..table.rows()).collect();
    Encoder::fit(table, &rows, settings).expect("an encoder")
}

#[track_caller]
fn fit_error(table: &Table, settings: &EncoderSettings) -> DataError {
    let rows: Vec<usize> = (0..table.rows()).collect();
    Encoder::fit(table, &rows, settings).expect_err("an error")
}

#[test]
fn only_training_rows_are_learned_from() {
    let table = csv("x,c,y\n1,a,0\n3,b,1\n1000,z,9\n,a,1\n");
    let encoder = Encoder::fit(&table, &[0, 1], &settings("y")).expect("an encoder");
    let expected = [
        InputColumn::Number {
            column: "x".into(),
            scale: NumberScale { center: 2.0, scale: 1.0, clip: None },
            fill: 2.0,
            missing_indicator: false,
        },
        InputColumn::Category { column: "c".into(), levels: vec!["a".into(), "b".into()] },
    ];
    assert_eq!(encoder.inputs, expected);
    assert_eq!(encoder.target.classes().expect("classes"), ["0", "1"]);
    // The other rows may hold anything: the same encoder comes out.
    let other = csv("x,c,y\n1,a,0\n3,b,1\n-7,q,5\n8,r,1\n");
    assert_eq!(Encoder::fit(&other, &[0, 1], &settings("y")).expect("an encoder"), encoder);
}

#[test]
fn unseen_and_missing_categories_share_the_last_input() {
    let table = csv("c,y\na,0\nb,1\nz,0\n?,1\n");
    let encoder = Encoder::fit(&table, &[0, 1], &settings("y")).expect("an encoder");
    assert_eq!(encoder.names(), ["c=a", "c=b", "c=unseen or missing"]);
    let x = encoder.transform(&table, &[3, 2, 1, 0]).expect("inputs");
    assert_eq!(x, array![[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    let origin = |value| InputOrigin { column: "c".into(), value };
    let level = |text: &str| origin(InputValue::Level(text.into()));
    assert_eq!(encoder.origins(), [level("a"), level("b"), origin(InputValue::Rest)]);
}

#[test]
fn missing_numbers_are_filled_and_marked() {
    let table = csv("x,y\n0,0\n0,1\n,0\n6,1\n");
    let encoder = fitted(&table, &settings("y"));
    let InputColumn::Number { scale, fill, missing_indicator, .. } = encoder.inputs[0] else { panic!() };
    assert_eq!((scale.center, fill, missing_indicator), (2.0, 0.0, true));
    assert_eq!(scale.scale, 8_f64.sqrt());
    let x = encoder.transform(&table, &[2, 3]).expect("inputs");
    assert_eq!(x, array![[-2.0 / 8_f64.sqrt(), 1.0], [4.0 / 8_f64.sqrt(), 0.0]]);
    assert_eq!(encoder.names(), ["x", "x is missing"]);
}

#[test]
fn constant_and_empty_columns() {
    let table = csv("k,e,c,x,y\n0.1,,a,1,0\n0.1,,a,2,1\n0.1,,a,3,0\n");
    let encoder = fitted(&table, &settings("y"));
    assert_eq!(encoder.names(), ["k", "c=a", "c=unseen or missing", "x"]);
    assert_eq!(encoder.transform(&table, &[0]).expect("inputs")[[0, 0]], 0.0);
    assert_eq!(
        encoder.notes,
        [
            "`k` is 0.1 in every training row that has it",
            "`e` is left out: it is missing in every training row",
            "`c` is `a` in every training row that has it",
        ]
    );
    assert_eq!(encoder.ignored(&table), ["e"]);
}

#[test]
fn f32_matches_f64_across_block_ends() {
    let rows = lines(200, |i| format!("{},{},{}", i, ["a", "b", "c"][i % 3], i % 2));
    let table = csv(&format!("x,c,y\n{rows}"));
    let encoder = fitted(&table, &settings("y"));
    for count in [0, 1, 63, 64, 65, 129, 200] {
        let rows: Vec<usize> = (0..count).rev().collect();
        let double = encoder.transform(&table, &rows).expect("inputs");
        let single = encoder.transform_as::<f32>(&table, &rows).expect("inputs");
        assert_eq!(double.dim(), (count, encoder.width()));
        assert_eq!(double.mapv(|x| x as f32), single);
    }
}

#[test]
fn many_levels_keep_the_most_frequent() {
    let levels = lines(400, |i| format!("k{},{}", (i * i) % 97, i % 2));
    let table = csv(&format!("c,y\n{levels}"));
    let encoder = fitted(&table, &EncoderSettings { max_levels: 3, ..settings("y") });
    let InputColumn::Category { levels, .. } = &encoder.inputs[0] else { panic!() };
    assert_eq!(levels.len(), 3);
    assert_eq!(
        encoder.notes,
        ["`c` has 49 levels: the 3 most frequent have an input each, the others share one"]
    );
    let x = encoder.transform(&table, &(0..400).collect::<Vec<_>>()).expect("inputs");
    assert!(x.rows().into_iter().all(|row| row.sum() == 1.0));
}

#[test]
fn identifiers_are_refused_with_a_hint() {
    let rows = lines(100, |i| format!("id{i},{i},{}", i % 2));
    let error = fit_error(&csv(&format!("my id,x,y\n{rows}")), &settings("y"));
    let expected =
        "column `my id` of t.csv looks like an identifier or free text: 100 different values in 100 rows";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.hint().as_deref(), Some("--drop 'my id'"));
    let mut rows: Vec<String> = (0..100).map(|i| format!("{i},{}", i % 2)).collect();
    rows[7] = "7.5x,1".into();
    let error = fit_error(&csv(&format!("x,y\n{}\n", rows.join("\n"))), &settings("y"));
    assert_eq!(
        error.details(),
        ["99 of them are numbers; the first that is not is `7.5x` in row 7 (line 9)"]
    );
}

#[test]
fn the_task_is_chosen_by_the_target() {
    let table = csv("t,i,f,x\nno,10,0.5,1\nyes,9,1.5,2\nno,10,2.5,3\n");
    let classes = |target| fitted(&table, &settings(target)).target.classes().map(<[String]>::to_vec);
    assert_eq!(classes("t"), Some(vec!["no".into(), "yes".into()]));
    assert_eq!(classes("i"), Some(vec!["9".into(), "10".into()]));
    assert_eq!(classes("f"), None);
    let forced = EncoderSettings { task: TaskChoice::Classes, ..settings("f") };
    assert_eq!(fitted(&table, &forced).target.classes().expect("classes"), ["0.5", "1.5", "2.5"]);
    let forced = EncoderSettings { task: TaskChoice::Numbers, ..settings("i") };
    assert_eq!(fitted(&table, &forced).target.classes(), None);
    let several = EncoderSettings { targets: vec!["i".into(), "f".into()], ..settings("") };
    assert_eq!(fitted(&table, &several).target.columns(), ["i", "f"]);
    let wide = lines(21, |i| format!("{i},1"));
    assert_eq!(fitted(&csv(&format!("y,x\n{wide}")), &settings("y")).target.classes(), None);
}

#[test]
fn number_targets_scale_and_scale_back() {
    let table = csv("x,y\n1,10.5\n2,20.5\n");
    let encoder = fitted(&table, &settings("y"));
    let Targets::Numbers(mut y) = encoder.targets(&table, &[0, 1]).expect("targets") else { panic!() };
    assert_eq!(y, array![[-1.0], [1.0]]);
    encoder.target.unscale_matrix(&mut y);
    assert_eq!(y, array![[10.5], [20.5]]);
    assert_eq!(encoder.target.unscale(0, 0.0), 15.5);
    let raw =
        EncoderSettings { scaling: Scaling::None, target_scaling: TargetScaling::None, ..settings("y") };
    let encoder = fitted(&table, &raw);
    assert_eq!(encoder.targets(&table, &[1]).expect("targets"), Targets::Numbers(array![[20.5]]));
    assert_eq!(encoder.transform(&table, &[1]).expect("inputs"), array![[2.0]]);
}

#[test]
fn a_table_at_prediction_may_differ_in_harmless_ways() {
    let train = csv("x,zip,y\n1,01,0\n2,b,1\n");
    let encoder = fitted(&train, &settings("y"));
    assert_eq!(encoder.types(), ["zip", "y"].map(|name| (name.to_owned(), ColumnType::Category)));
    let new = csv("extra,zip,x\nq,1,2\nq,01,NA\n");
    assert_eq!(encoder.ignored(&new), ["extra"]);
    let x = encoder.transform(&new, &[0, 1]).expect("inputs");
    // Read as numbers, `1` and `01` are the same, and neither is the level `01`.
    assert_eq!(x, array![[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]]);
    let texts = csv("zip,x\nb,oops\nb,2\n");
    let error = encoder.transform(&texts, &[1, 0]).expect_err("an error");
    assert_eq!(error.to_string(), "t.csv, row 0 (line 2), column `x`: found `oops`, expected a number");
    assert!(encoder.transform(&texts, &[1]).is_ok());
}

#[test]
fn a_table_at_prediction_may_not_differ_in_others() {
    let encoder = fitted(&csv("Age,y\n1,0\n2,1\n"), &settings("y"));
    let error = encoder.transform(&csv("age,b\n1,2\n"), &[0]).expect_err("an error");
    assert_eq!(error.to_string(), "no column `Age` in t.csv");
    assert_eq!(error.hint().as_deref(), Some("the nearest column is `age`"));
    let error = encoder.transform(&csv("Age,b\n1,2\n"), &[1]).expect_err("an error");
    assert_eq!(error.to_string(), "t.csv has no row 1, expected a row below 1");
    let far = csv("Age,b\n1e300,2\n");
    let error = encoder.transform_as::<f32>(&far, &[0]).expect_err("an error");
    let expected =
        "t.csv, row 0 (line 2), column `Age`: 1e300 is too large for the numbers the network computes with";
    assert_eq!(error.to_string(), expected);
    assert!(encoder.transform(&far, &[0]).is_ok());
}

#[test]
fn targets_that_cannot_be_used() {
    let table = csv("x,y\n1,a\n2,b\n3,\n4,\n");
    let error = fit_error(&table, &settings("y"));
    assert_eq!(error.to_string(), "t.csv, row 2 (line 4): the target `y` is missing (2 such rows)");
    let encoder = Encoder::fit(&table, &[0, 1], &settings("y")).expect("an encoder");
    let error = encoder.targets(&csv("y\nb\nc\n"), &[0, 1]).expect_err("an error");
    assert_eq!(
        error.to_string(),
        "t.csv, row 1 (line 3): the target `y` is `c`, expected one of the 2 trained classes"
    );
    assert_eq!(error.details(), ["classes: a, b"]);
    let error = fit_error(&csv("x,y\n1,a\n2,a\n"), &settings("y"));
    let expected = "the target `y` of t.csv has only one class, `a`, in 2 training rows, expected at least 2";
    assert_eq!(error.to_string(), expected);
    let numbers = EncoderSettings { task: TaskChoice::Numbers, ..settings("y") };
    let error = fit_error(&csv("x,y\n1,3.5\n2,3.5\n"), &settings("y"));
    let expected = "the target `y` of t.csv is 3.5 in every one of 2 training rows: there is nothing to learn, expected at \
                    least 2 different numbers";
    assert_eq!(error.to_string(), expected);
    let hint = "is the file sorted and cut off, or is this another column?";
    assert_eq!(error.hint().as_deref(), Some(hint));
    let error = fit_error(&csv("x,y\n1,5\n2,a\n"), &numbers);
    assert_eq!(error.to_string(), "t.csv, row 1 (line 3), column `y`: found `a`, expected a number");
}

#[test]
fn classes_are_found_by_text_or_by_value() {
    let encoder = fitted(&csv("x,y\n1,1\n2,-0\n"), &settings("y"));
    assert_eq!(encoder.target.classes().expect("classes"), ["0", "1"]);
    assert_eq!(encoder.targets(&csv("y\n0\n1.0\n"), &[0, 1]).expect("targets"), Targets::Classes(vec![0, 1]));
    // One odd cell makes the column text; the cells that are asked for are still found.
    assert_eq!(encoder.targets(&csv("y\n1.0\nx\n"), &[0]).expect("targets"), Targets::Classes(vec![1]));
}

#[test]
fn settings_that_name_the_wrong_columns() {
    let table = csv("tenure,churned\n1,no\n2,yes\n");
    let error = fit_error(&table, &settings("churn"));
    assert_eq!(error.to_string(), "no column `churn` in t.csv");
    assert_eq!(error.details(), ["columns: tenure, churned"]);
    assert_eq!(error.hint().as_deref(), Some("did you mean  --target churned ?"));
    let none = EncoderSettings::default();
    assert_eq!(fit_error(&table, &none).to_string(), "no target column was named for t.csv");
    let both = EncoderSettings { drop: vec!["churned".into()], ..settings("churned") };
    let expected = "column `churned` is named as a target and as dropped, expected one of them";
    assert_eq!(fit_error(&table, &both).to_string(), expected);
    let all = EncoderSettings { drop: vec!["tenure".into()], ..settings("churned") };
    assert_eq!(fit_error(&table, &all).to_string(), "t.csv has no input columns besides the target");
    let twice = EncoderSettings {
        targets: vec!["tenure".into(), "churned".into()],
        task: TaskChoice::Classes,
        ..settings("")
    };
    let expected = "2 target columns cannot be classes, expected one target column";
    assert_eq!(fit_error(&table, &twice).to_string(), expected);
    let error = Encoder::fit(&table, &[], &settings("churned")).expect_err("an error");
    assert_eq!(error.to_string(), "no training rows in t.csv, expected at least 1");
}

#[test]
fn an_encoder_survives_json_bit_for_bit() {
    let table = csv("x,c,y\n0.1,a,1.1\n0.2,b,2.2\n,a,3.3\n");
    let encoder = fitted(&table, &settings("y"));
    let json = serde_json::to_string(&encoder).expect("JSON");
    let back: Encoder = serde_json::from_str(&json).expect("an encoder");
    assert_eq!(back, encoder);
    back.validate().expect("valid");
}

/// A way to spoil an encoder.
type Change<'a> = &'a dyn Fn(&mut Encoder);

#[test]
fn encoders_that_contradict_themselves_are_refused() {
    let good = fitted(&csv("x,c,y\n1,a,0\n2,b,1\n"), &settings("y"));
    let broken = |change: &dyn Fn(&mut Encoder)| {
        let mut encoder = good.clone();
        change(&mut encoder);
        encoder.validate().expect_err("an error").to_string()
    };
    let number = |center, scale, fill| InputColumn::Number {
        column: "x".into(),
        scale: NumberScale { center, scale, clip: None },
        fill,
        missing_indicator: false,
    };
    let cases: [(Change, &str); 7] = [
        (&|e| e.inputs.clear(), "the encoder's input columns has 0, expected 1 to 65,536"),
        (
            &|e| e.inputs[0] = number(0.0, 0.0, 0.0),
            "the encoder's scale of `x` has 0, expected a finite number above 0",
        ),
        (
            &|e| e.inputs[0] = number(f64::NAN, 1.0, 0.0),
            "the encoder's center of `x` has NaN, expected a finite number",
        ),
        (
            &|e| e.inputs[1] = number(0.0, 1.0, 0.0),
            "the encoder's columns has `x` twice, expected each name once",
        ),
        (
            &|e| {
                e.inputs[1] =
                    InputColumn::Category { column: "c".into(), levels: vec!["a".into(), "a".into()] }
            },
            "the encoder's levels of `c` has `a` twice, expected each name once",
        ),
        (
            &|e| e.target = TargetEncoding::Classes { column: "y".into(), classes: vec!["0".into()] },
            "the encoder's classes has 1, expected 2 to 65,536",
        ),
        (
            &|e| {
                e.target =
                    TargetEncoding::Numbers { columns: vec!["y".into()], mean: vec![], scale: vec![1.0] }
            },
            "the encoder's target means has 0, expected one per target column",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(broken(change), expected);
    }
}

#[test]
fn levels_are_in_the_order_of_the_training_rows() {
    let columns = vec![
        Column::category("c", [Some("z"), Some("a"), Some("m")]),
        Column::number("y", vec![0.0, 1.0, 0.0]),
    ];
    let table = Table::new(columns, Origin::default()).expect("a table");
    let encoder = Encoder::fit(&table, &[2, 1], &settings("y")).expect("an encoder");
    assert_eq!(encoder.names(), ["c=m", "c=a", "c=unseen or missing"]);
}
