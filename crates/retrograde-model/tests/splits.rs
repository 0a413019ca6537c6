//! Which rows are trained on, which judge and which are the test.

mod common;

use common::table;
use retrograde_data::{ColumnType, DataError, ReadOptions, Table, read_bytes};
use retrograde_model::{
    CrossValidation, FitPlan, FitSettings, FitTerms, Fitted, Model, ModelError, SplitBy, Validation, Watch,
    cross_validate, fit,
};
use std::fmt::Write as _;

/// 100 rows in no order: `day` from 0 to 99, a date of that day, 20 groups of 5, a part.
fn days() -> Table {
    let mut text = String::from("x,day,date,group,part,y\n");
    for i in 0..100usize {
        let day = i * 37 % 100;
        let part = ["train", "train", "train", "valid", "test"][i % 5];
        let (date, group) = (format!("2013-{:02}-{:02}", 1 + day / 28, 1 + day % 28), day % 20);
        writeln!(text, "{i},{day},{date},g{group},{part},{}", usize::from(i % 3 == 0)).expect("a text");
    }
    let types = vec![("date".to_owned(), ColumnType::Date)];
    let options = ReadOptions { types, ..ReadOptions::default() };
    read_bytes("test.csv", text.as_bytes(), &options).expect("a table")
}

/// A line for each number.
fn lines(numbers: std::ops::Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.map(line).collect::<Vec<_>>().concat()
}

fn settings(split: SplitBy) -> FitSettings {
    let mut settings = FitSettings { hidden: vec![2].into(), check: None, split, ..FitSettings::default() };
    settings.encoder.targets = vec!["y".into()];
    settings.encoder.drop = vec!["x".into()];
    settings.train.threads = 1;
    settings.train.epochs = Some(2);
    settings
}

fn order(column: &str) -> SplitBy {
    SplitBy::Order(column.into())
}

#[derive(Default)]
struct Plans(Vec<FitPlan>);

impl Watch for Plans {
    fn started(&mut self, plan: &FitPlan) {
        self.0.push(plan.clone());
    }
}

fn run(table: &Table, settings: &FitSettings) -> (Fitted, FitPlan) {
    let mut plans = Plans::default();
    let fitted = fit(table, settings, &FitTerms::default(), &mut plans).expect("a fit");
    (fitted, plans.0.remove(0))
}

fn parts(plan: &FitPlan) -> (usize, usize, usize) {
    (plan.train_rows, plan.validation_rows, plan.test_rows)
}

fn refusal(table: &Table, settings: &FitSettings) -> ModelError {
    fit(table, settings, &FitTerms::default(), &mut ()).expect_err("a refusal")
}

#[test]
fn the_test_is_a_share_of_all_and_validation_of_the_others() {
    let mut three = settings(SplitBy::Chance);
    three.validation = Validation::Share(0.2);
    three.test = Some(0.2);
    let (fitted, plan) = run(&days(), &three);
    assert_eq!((parts(&plan), plan.split.stratified), ((64, 16, 20), true));
    assert_eq!(fitted.test.as_ref().map(|test| test.rows), Some(20));
    let kept = fitted.model.provenance();
    assert_eq!((kept.train_rows, kept.validation_rows, kept.test_rows), (64, 16, 20));
    // Without validation the same rows are the test.
    three.validation = Validation::None;
    let (alone, plan) = run(&days(), &three);
    assert_eq!(parts(&plan), (80, 0, 20));
    let confusion =
        |fitted: &Fitted| fitted.test.as_ref().and_then(|t| t.confusion.clone()).expect("a matrix");
    let sums =
        |fitted: &Fitted| confusion(fitted).matrix.iter().map(|row| row.iter().sum()).collect::<Vec<usize>>();
    assert_eq!(sums(&alone), sums(&fitted));
    for share in [0.0, 1.0, -0.1, f64::NAN, 0.001] {
        three.test = Some(share);
        assert!(fit(days(), &three, &FitTerms::default(), &mut ()).is_err(), "{share}");
    }
}

#[test]
fn the_last_rows_in_time_are_held_out() {
    for column in ["day", "date"] {
        let mut by_time = settings(order(column));
        by_time.validation = Validation::Share(0.2);
        by_time.test = Some(0.1);
        let (fitted, plan) = run(&days(), &by_time);
        assert_eq!((parts(&plan), plan.split.stratified), ((72, 18, 10), false));
        let since = plan.split.since.as_deref();
        assert_eq!(since, Some(if column == "day" { "72" } else { "2013-03-17" }));
        let inputs = fitted.model.encoder().names();
        assert!(inputs.iter().any(|name| name == "day"), "it remains an input: {inputs:?}");
        // The seed has no say.
        by_time.train.seed = 9;
        assert_eq!(run(&days(), &by_time).1.split, plan.split);
    }
}

#[test]
fn rows_of_one_moment_stay_together_and_it_is_said() {
    let rows = lines(0..60, |i| format!("{i},{},{}\n", i / 7, i % 2));
    let t = table(&format!("x,week,y\n{rows}"));
    let mut by_week = settings(order("week"));
    by_week.encoder.drop.clear();
    let (_, plan) = run(&t, &by_week);
    // 12 are asked for; the weeks begin at rows 42, 49 and 56.
    assert_eq!(parts(&plan), (49, 11, 0));
    assert_eq!(plan.notes[0], "rows of one value of `week` stay together: 11 are held out instead of 12");
    let constant = lines(0..60, |i| format!("{i},1,{}\n", i % 2));
    by_week.validation = Validation::Share(0.2);
    let error = refusal(&table(&format!("x,week,y\n{constant}")), &by_week);
    assert_eq!(
        error.to_string(),
        "test.csv cannot be divided by `week`: all rows have the same value, and stay together"
    );
}

#[test]
fn what_has_no_order_is_refused() {
    let error = refusal(&days(), &settings(order("group")));
    let reason = "row 0 (line 2) has the text `g0`, expected a date or a number";
    assert_eq!(error.to_string(), format!("test.csv cannot be divided by `group`: {reason}"));
    assert_eq!(error.hint().as_deref(), Some("--type group=date"));
    let error = refusal(&days(), &settings(order("dat")));
    assert_eq!(error.hint().as_deref(), Some("did you mean  --split-by date ?"));
    let gap = table("x,t,y\n1,1,a\n2,,b\n3,3,a\n4,4,b\n");
    let mut by_time = settings(order("t"));
    by_time.validation = Validation::Share(0.5);
    let error = refusal(&gap, &by_time).to_string();
    assert_eq!(error, "test.csv cannot be divided by `t`: row 1 (line 3) has no value");
}

#[test]
fn a_column_names_the_parts() {
    let (fitted, plan) = run(&days(), &settings(SplitBy::Column("part".into())));
    assert_eq!(parts(&plan), (60, 20, 20));
    assert!(fitted.model.encoder().inputs.iter().all(|input| input.column() != "part"));
    assert_eq!(fitted.test.map(|test| test.rows), Some(20));
    let numbers = lines(0..20, |i| format!("{i},{},{}\n", i % 2, i / 2 % 2));
    let t = table(&format!("x,part,y\n{numbers}"));
    let mut by_part = settings(SplitBy::Column("part".into()));
    by_part.encoder.drop.clear();
    by_part.encoder.task = retrograde_data::TaskChoice::Numbers;
    assert_eq!(parts(&run(&t, &by_part).1), (10, 10, 0));
    by_part.encoder.task = retrograde_data::TaskChoice::Auto;
    for (cell, message) in [
        ("tset", "row 1 (line 3) is in the part `tset`, expected train, validation or test"),
        ("", "row 1 (line 3) has no part, expected train, validation or test"),
    ] {
        let t = table(&format!("x,part,y\n1,train,a\n2,{cell},b\n3,valid,a\n4,train,b\n"));
        let error = refusal(&t, &by_part);
        assert_eq!(error.to_string(), format!("test.csv cannot be divided by `part`: {message}"));
        assert!(error.hint().is_some_and(|hint| hint.contains(if cell.is_empty() {
            "fill"
        } else {
            "`test`"
        })));
    }
    by_part.validation = Validation::Share(0.2);
    assert!(matches!(refusal(&days(), &by_part), ModelError::Split { .. }));
}

#[test]
fn groups_stay_together() {
    let mut by_group = settings(SplitBy::Groups("group".into()));
    by_group.validation = Validation::Share(0.25);
    by_group.test = Some(0.2);
    let (fitted, plan) = run(&days(), &by_group);
    // Groups of 5: every share can be met.
    assert_eq!((parts(&plan), plan.split.stratified), ((60, 20, 20), false));
    assert!(fitted.model.encoder().inputs.iter().all(|input| input.column() != "group"));
    assert!(fitted.model.predict(&days()).expect("predictions").ignored.iter().all(|name| name != "group"));
    by_group.test = None;
    let one = table("x,g,y\n1,a,0\n2,a,1\n3,a,0\n4,a,1\n");
    by_group.encoder.drop.clear();
    by_group.split = SplitBy::Groups("g".into());
    assert!(matches!(refusal(&one, &by_group), ModelError::Split { .. }));
    let gaps = lines(0..60, |i| format!("{i},{},{}\n", if i < 40 { "a" } else { "" }, i % 2));
    let (_, plan) = run(&table(&format!("x,g,y\n{gaps}")), &by_group);
    assert_eq!(parts(&plan), (40, 20, 0));
    assert!(
        plan.notes.contains(&"20 rows have no `g`: together they are one group".to_owned()),
        "{:?}",
        plan.notes
    );
    by_group.encoder.features = Some(vec!["g".into()]);
    assert!(matches!(refusal(&one, &by_group), ModelError::Data(DataError::TwoRoles { .. })));
}

#[test]
fn a_model_remembers_how_its_rows_were_divided() {
    for split in
        [order("date"), SplitBy::Groups("group".into()), SplitBy::Column("part".into()), SplitBy::Chance]
    {
        let model = run(&days(), &settings(split.clone())).0.model;
        let again = Model::from_bytes("m.rg", &model.to_bytes().expect("bytes")).expect("a model");
        assert_eq!(again.provenance(), model.provenance());
        assert_eq!(again.provenance().split.by, split);
    }
}

#[test]
fn duplicates_of_training_rows_are_counted() {
    let rows = lines(0..100, |i| format!("{},{},{}\n", i, i % 10, i % 10 / 5));
    let t = table(&format!("id,x,y\n{rows}"));
    let mut all = settings(SplitBy::Chance);
    all.encoder.drop = vec!["id".into()];
    let (fitted, plan) = run(&t, &all);
    assert_eq!(plan.split.duplicates, 20);
    assert_eq!(plan.notes[0], "20 of 20 held-out rows (100.0%) also are among the training rows");
    assert_eq!(fitted.model.provenance().split.duplicates, 20);
    // With the number of the row no two are equal.
    all.encoder.drop.clear();
    let (_, plan) = run(&t, &all);
    assert_eq!(plan.split.duplicates, 0);
    assert!(plan.notes.iter().all(|note| !note.contains("held-out")));
}

fn cross(
    table: &Table,
    settings: &FitSettings,
    k: usize,
) -> Result<(CrossValidation, Vec<FitPlan>), ModelError> {
    let mut plans = Plans::default();
    cross_validate(table, settings, k, &mut plans).map(|cross| (cross, plans.0))
}

#[test]
fn folds_are_divided_as_the_rows_were() {
    let none = |split| FitSettings { validation: Validation::None, ..settings(split) };
    let (found, plans) = cross(&days(), &none(order("day")), 4).expect("folds");
    assert_eq!(plans.iter().map(|plan| plan.train_rows).collect::<Vec<_>>(), [20, 40, 60, 80]);
    assert!(found.folds.iter().all(|fold| fold.rows == 20) && found.by == order("day"));
    let (found, plans) = cross(&days(), &none(SplitBy::Groups("group".into())), 4).expect("folds");
    assert!(plans.iter().all(|plan| plan.train_rows == 75));
    assert_eq!(found.folds.iter().map(|fold| fold.rows).sum::<usize>(), 100);
    let (found, plans) = cross(&days(), &none(SplitBy::Column("part".into())), 4).expect("folds");
    assert!(plans.iter().all(|plan| plan.train_rows == 60));
    assert_eq!(found.notes, ["20 rows are in the part `test` of `part`, and in no fold"]);
    // What a fold learns from is divided in the same way.
    let (_, plans) = cross(&days(), &settings(order("day")), 4).expect("folds");
    let since: Vec<_> = plans.iter().map(|plan| plan.split.since.clone().unwrap_or_default()).collect();
    assert_eq!(since, ["", "", "48", "64"]);
    let few = cross(&days(), &none(SplitBy::Groups("part".into())), 4).expect_err("three groups");
    assert_eq!(few.to_string(), "4 folds: `part` has 3 groups");
}

#[test]
fn rows_without_a_target_are_in_no_fold() {
    let rows = lines(0..60, |i| format!("{i},{}\n", if i % 6 == 0 { "" } else { ["a", "b"][i % 2] }));
    let t = read_bytes("t.csv", format!("x,y\n{rows}").as_bytes(), &ReadOptions::default()).expect("a table");
    let mut all = settings(SplitBy::Chance);
    all.encoder.drop.clear();
    let (found, _) = cross(&t, &all, 5).expect("folds");
    assert_eq!(found.folds.iter().map(|fold| fold.rows).sum::<usize>(), 50);
    assert_eq!(found.notes, ["10 rows have no `y` and are left out"]);
}
