//! Learning in pieces, and from training rows alone.

mod common;

use common::{Random, csv};
use retrograde_data::{
    Column, DataError, Encoder, EncoderFit, EncoderSettings, MISSING_DATE, Origin, Reserved, Scaling, Table,
    TargetScaling, Targets, Values, rows_with_targets,
};

fn settings(target: &str) -> EncoderSettings {
    EncoderSettings { targets: vec![target.into()], ..EncoderSettings::default() }
}

/// A table with every kind of column, of numbers that no sum takes exactly.
fn every_kind(rows: usize, seed: u64) -> Table {
    let mut random = Random(seed);
    let mut cells = |one_in: usize, cell: &mut dyn FnMut(&mut Random) -> f64| -> Vec<f64> {
        let missing = |r: &mut Random| one_in > 0 && r.below(one_in) == 0;
        (0..rows).map(|_| if missing(&mut random) { f64::NAN } else { cell(&mut random) }).collect()
    };
    let small = cells(7, &mut |r| r.below(1_000_000) as f64 * 1e-3 + 0.1);
    let wild = cells(0, &mut |r| (r.below(2_000_001) as f64 - 1e6) * 10_f64.powf(r.below(40) as f64));
    let codes = cells(9, &mut |r| (r.below(12) * r.below(12)) as f64);
    let answers = cells(5, &mut |r| r.below(2) as f64);
    let dates = cells(11, &mut |r| r.below(40_000) as f64);
    let amounts = cells(0, &mut |r| r.below(1_000_000) as f64 / 7.0);
    let texts = |values: &[f64], text: fn(f64) -> String| -> Vec<Option<String>> {
        values.iter().map(|x| (!x.is_nan()).then(|| text(*x))).collect()
    };
    let codes = texts(&codes, |x| format!("k{x}"));
    let answers = texts(&answers, |x| if x == 1.0 { "Yes".into() } else { "no".into() });
    let dates = dates.iter().map(|x| if x.is_nan() { MISSING_DATE } else { *x as i64 * 12_345_678_901 });
    let columns = vec![
        Column::number("small", small),
        Column::number("wild", wild),
        Column::category("code", codes.iter().map(Option::as_deref)),
        Column::category("answer", answers.iter().map(Option::as_deref)),
        Column::date("when", dates.collect()),
        Column::number("amount", amounts),
    ];
    Table::new(columns, Origin { name: "t.csv".into(), ..Origin::default() }).expect("a table")
}

/// The encoder of rows that come in pieces, each a table of its own whose levels are those of its rows.
fn in_pieces(table: &Table, rows: &[usize], cuts: &[usize], settings: &EncoderSettings) -> Encoder {
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
    let mut fit = EncoderFit::new(&table.origin, &columns, rows.len(), settings).expect("settings");
    for cut in cuts.windows(2) {
        let piece: Vec<usize> = (cut[0]..cut[1]).collect();
        let within: Vec<usize> =
            rows.iter().filter(|row| piece.contains(row)).map(|row| row - cut[0]).collect();
        fit.add(&with_own_levels(&table.select(&piece)), &within).expect("a piece");
    }
    fit.finish().expect("an encoder")
}

/// The same cells, with levels in the order of first appearance in these rows.
fn with_own_levels(table: &Table) -> Table {
    let own = |column: &Column| match &column.values {
        Values::Category { .. } => {
            let texts: Vec<Option<String>> =
                (0..table.rows()).map(|row| column.values.text(row).map(Into::into)).collect();
            Column::category(column.name.clone(), texts.iter().map(Option::as_deref))
        }
        _ => column.clone(),
    };
    Table::new(table.columns.iter().map(own).collect(), table.origin.clone()).expect("a table")
}

#[test]
fn pieces_give_the_bits_of_the_whole() {
    let table = every_kind(3000, 1);
    let rows: Vec<usize> = (0..3000).filter(|row| row % 5 != 2).collect();
    for scaling in [Scaling::Standard, Scaling::Robust, Scaling::None] {
        for targets in [&["amount"][..], &["answer"], &["small", "amount"]] {
            let targets = targets.iter().map(|&name| name.to_owned()).collect();
            let settings = EncoderSettings { scaling, max_levels: 9, targets, ..EncoderSettings::default() };
            let rows = with_targets(&table, &rows, &settings);
            let whole = Encoder::fit(&table, &rows, &settings).expect("an encoder");
            whole.validate().expect("valid");
            for cuts in [&[0, 3000][..], &[0, 1, 2, 1500, 1500, 2999, 3000], &[0, 700, 1024, 2048, 3000]] {
                assert_eq!(in_pieces(&table, &rows, cuts, &settings), whole, "{settings:?} {cuts:?}");
            }
        }
    }
}

/// Of these rows, those with all targets.
fn with_targets(table: &Table, rows: &[usize], settings: &EncoderSettings) -> Vec<usize> {
    let (present, _) = rows_with_targets(table, &settings.targets).expect("targets");
    rows.iter().copied().filter(|row| present.contains(row)).collect()
}

#[test]
fn a_sample_of_many_rows_decides_medians_however_they_come() {
    // One column of numbers: all of up to 2²⁴ rows. The rule for more columns is tested where it is written.
    let values: Vec<f64> = (0..5000).map(|i| f64::from(i * i % 4999)).collect();
    let columns = vec![
        Column::number("x", values.clone()),
        Column::number("y", values.iter().map(|x| x / 3.0).collect()),
    ];
    let table = Table::new(columns, Origin::default()).expect("a table");
    let rows: Vec<usize> = (0..5000).collect();
    let settings = EncoderSettings { scaling: Scaling::Robust, ..settings("y") };
    let whole = Encoder::fit(&table, &rows, &settings).expect("an encoder");
    assert_eq!(in_pieces(&table, &rows, &[0, 1234, 5000], &settings), whole);
}

#[test]
fn pieces_that_do_not_fit_are_refused() {
    let table = csv("x,y\n1,a\n2,b\n3,a\n");
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
    let begun = |rows| EncoderFit::new(&table.origin, &columns, rows, &settings("y")).expect("settings");
    let mut fit = begun(3);
    assert_eq!(fit.columns(), ["x", "y"]);
    fit.add(&table, &[0, 1]).expect("two rows");
    let error = fit.finish().expect_err("a row too few");
    assert_eq!(error.to_string(), "t.csv came in pieces with 2 training rows, expected 3");
    let error = begun(3).add(&csv("x,y\na,a\nb,b\n"), &[0]).expect_err("a text");
    let expected = "t.csv came in pieces with a category column `x`, expected a number column";
    assert_eq!(error.to_string(), expected);
    let error = begun(3).add(&csv("x,z\n1,a\n2,b\n"), &[0]).expect_err("no target");
    assert!(matches!(error, DataError::UnknownColumn { .. }), "{error}");
    let error = begun(3).add(&table, &[3]).expect_err("no row");
    assert_eq!(error.to_string(), "t.csv has no row 3, expected a row below 3");
}

#[test]
fn the_first_of_several_problems_is_named_whatever_the_cuts() {
    // In the order of columns: the second column's infinity is found before the first one's.
    let number = |name: &str, far: usize| {
        let values = (0..6).map(|row| if row == far { f64::INFINITY } else { row as f64 });
        Column::number(name, values.collect())
    };
    let y = Column::number("y", (0..6).map(f64::from).collect());
    let table = Table::new(vec![number("a", 4), number("b", 1), y], Origin::default()).expect("a table");
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
    for cuts in [&[0, 6][..], &[0, 2, 6], &[0, 1, 5, 6]] {
        let mut fit = EncoderFit::new(&table.origin, &columns, 6, &settings("y")).expect("settings");
        for cut in cuts.windows(2) {
            let piece = table.select(&(cut[0]..cut[1]).collect::<Vec<_>>());
            fit.add(&piece, &(0..cut[1] - cut[0]).collect::<Vec<_>>()).expect("a piece");
        }
        let error = fit.finish().expect_err("infinite");
        assert!(matches!(&error, DataError::Infinite { column, .. } if column == "a"), "{error}");
    }
}

#[test]
fn rows_outside_the_training_are_never_looked_at() {
    let table = every_kind(400, 2);
    let rows: Vec<usize> = (0..400).filter(|row| row % 3 != 0).collect();
    for scaling in [Scaling::Standard, Scaling::Robust] {
        let settings = EncoderSettings { scaling, max_levels: 5, ..settings("amount") };
        let encoder = Encoder::fit(&table, &rows, &settings).expect("an encoder");
        let other = spoiled(&table, &rows);
        assert_eq!(Encoder::fit(&other, &rows, &settings).expect("an encoder"), encoder);
        // What is learned does depend on the rows that are looked at.
        let all: Vec<usize> = (0..400).collect();
        assert_ne!(Encoder::fit(&table, &all, &settings).expect("an encoder").inputs, encoder.inputs);
    }
}

/// The same table with other cells in all rows but these: other numbers, new texts, other dates, missing targets.
fn spoiled(table: &Table, kept: &[usize]) -> Table {
    let of = |column: &Column| {
        let wild = |row: usize| !kept.contains(&row);
        match &column.values {
            Values::Number(values) => {
                let spoil = |(row, &x): (usize, &f64)| match (wild(row), row % 2) {
                    (true, 0) => f64::INFINITY,
                    (true, _) => f64::NAN,
                    (false, _) => x,
                };
                Column::number(column.name.clone(), values.iter().enumerate().map(spoil).collect())
            }
            Values::Date(dates) => {
                let spoil = |(row, &x): (usize, &i64)| if wild(row) { x ^ i64::MAX } else { x };
                Column::date(column.name.clone(), dates.iter().enumerate().map(spoil).collect())
            }
            Values::Category { .. } => {
                let texts: Vec<Option<String>> = (0..table.rows())
                    .map(|row| {
                        let text = column.values.text(row).map(Into::into);
                        if wild(row) { Some(format!("never seen {row}")) } else { text }
                    })
                    .collect();
                Column::category(column.name.clone(), texts.iter().map(Option::as_deref))
            }
        }
    };
    Table::new(table.columns.iter().map(of).collect(), table.origin.clone()).expect("a table")
}

#[test]
fn targets_and_reserved_columns_are_never_inputs() {
    let table = csv("x,w,part,group,y,z\n1,1,a,p,1.5,2\n2,2,b,q,2.5,3\n3,1,a,p,3.5,9\n");
    let reserve = |column: &str, role, flag| Reserved { column: column.into(), role, flag };
    let reserved = vec![
        reserve("w", "the weight", "--weight"),
        reserve("part", "the split", "--split-by"),
        reserve("group", "the group", "--group"),
    ];
    let targets = vec!["y".into(), "z".into()];
    let base = EncoderSettings { targets, reserved, ..EncoderSettings::default() };
    let rows = [0, 1, 2];
    let encoder = Encoder::fit(&table, &rows, &base).expect("an encoder");
    assert_eq!(encoder.names(), ["x"]);
    let x = encoder.transform(&table, &rows).expect("inputs");
    // Other weights, groups and targets: the same inputs.
    let other = csv("x,w,part,group,y,z\n1,9,q,r,7,7\n2,8,r,s,8,8\n3,7,s,t,9,9\n");
    assert_eq!(encoder.transform(&other, &rows).expect("inputs"), x);
    let refused = |change: &dyn Fn(&mut EncoderSettings)| {
        let mut settings = base.clone();
        change(&mut settings);
        Encoder::fit(&table, &rows, &settings).expect_err("an error")
    };
    assert_eq!(
        refused(&|s| s.features = Some(vec!["x".into(), "group".into()])).to_string(),
        "column `group` is named as a feature and as the group, expected one of them"
    );
    assert_eq!(
        refused(&|s| s.targets.push("w".into())).to_string(),
        "column `w` is named as a target and as the weight, expected one of them"
    );
    let error = refused(&|s| s.reserved[0].column = "weight".into());
    assert_eq!(error.to_string(), "no column `weight` in t.csv");
    // It is no input anyway.
    let dropped = EncoderSettings { drop: vec!["w".into()], ..base.clone() };
    assert_eq!(Encoder::fit(&table, &rows, &dropped).expect("an encoder").names(), ["x"]);
}

#[test]
fn rows_without_a_target() {
    let table = csv("x,y,z\n1,a,1\n2,,2\n3,b,\n4,a,4\n");
    assert_eq!(rows_with_targets(&table, &["y"]).expect("rows"), (vec![0, 2, 3], 1));
    assert_eq!(rows_with_targets(&table, &["y", "z"]).expect("rows"), (vec![0, 3], 2));
    let error = rows_with_targets(&table, &["Y"]).expect_err("no column");
    assert_eq!(error.hint().as_deref(), Some("did you mean  --target y ?"));
    let error = Encoder::fit(&table, &[0, 1, 2], &settings("y")).expect_err("a missing target");
    assert_eq!(error.to_string(), "t.csv, row 1 (line 3): the target `y` is missing (1 such rows)");
    let encoder = Encoder::fit(&table, &[0, 2], &settings("y")).expect("an encoder");
    assert_eq!(encoder.targets(&table, &[3, 2]).expect("targets"), Targets::Classes(vec![0, 1]));
}

#[test]
fn a_piece_is_written_into_its_part_of_a_matrix() {
    let table = every_kind(200, 3);
    let rows: Vec<usize> = (0..200).collect();
    let encoder = Encoder::fit(&table, &rows, &settings("amount")).expect("an encoder");
    let whole = encoder.transform_as::<f32>(&table, &rows).expect("inputs");
    let width = encoder.width();
    // What was there before does not matter.
    let mut matrix = vec![7.0_f32; 200 * width];
    for cut in [0, 3, 3, 67, 200].windows(2) {
        let piece = table.select(&rows[cut[0]..cut[1]]);
        let out = &mut matrix[cut[0] * width..cut[1] * width];
        encoder.transform_into(&piece, &rows[..cut[1] - cut[0]], out).expect("inputs");
    }
    assert_eq!(whole.as_slice(), Some(&matrix[..]));
    let error = encoder.transform_into(&table, &[0], &mut matrix).expect_err("too long");
    let expected = format!("a slice of {} elements for the encoded rows, expected {width}", matrix.len());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn an_encoder_knows_how_to_learn_another() {
    let table = csv("x,c,y\n0,a,1.5\n1,b,2.5\n2,a,9\n");
    let rows = [0, 1, 2];
    let asked = EncoderSettings {
        scaling: Scaling::Robust,
        target_scaling: TargetScaling::None,
        max_levels: 7,
        ..settings("y")
    };
    let encoder = Encoder::fit(&table, &rows, &asked).expect("an encoder");
    let again = encoder.settings();
    assert_eq!(
        (again.scaling, again.target_scaling, again.max_levels),
        (Scaling::Robust, TargetScaling::None, 7)
    );
    assert_eq!(Encoder::fit(&table, &rows, &again).expect("an encoder"), encoder);
    // An older model does not say: its numbers do.
    let raw = EncoderSettings { scaling: Scaling::None, ..settings("y") };
    for (asked, expected) in [(raw, Scaling::None), (settings("y"), Scaling::Standard)] {
        let mut older = Encoder::fit(&table, &rows, &asked).expect("an encoder");
        older.choices = None;
        assert_eq!(older.settings().scaling, expected);
        assert_eq!(older.settings().target_scaling, TargetScaling::Standard);
    }
}

#[test]
fn whole_weights_are_repeated_rows() {
    let mut random = Random(11);
    for (round, scaling) in
        [Scaling::Standard, Scaling::Robust, Scaling::None].into_iter().cycle().take(12).enumerate()
    {
        let table = every_kind(120, 40 + round as u64);
        let settings = EncoderSettings { scaling, max_levels: 5, ..settings("amount") };
        let rows: Vec<usize> = (0..table.rows()).filter(|row| row % 7 != 3).collect();
        let weights: Vec<f64> = rows.iter().map(|_| (1 + random.below(4)) as f64).collect();
        let often = |(&row, &weight): (&usize, &f64)| std::iter::repeat_n(row, weight as usize);
        let repeated: Vec<usize> = rows.iter().zip(&weights).flat_map(often).collect();
        let expected = Encoder::fit(&table, &repeated, &settings).expect("an encoder");
        let columns: Vec<_> =
            table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
        let mut fit = EncoderFit::new(&table.origin, &columns, rows.len(), &settings).expect("columns");
        fit.add_weighted(&table, &rows[..50], Some(&weights[..50])).expect("rows");
        fit.add_weighted(&table, &rows[50..], Some(&weights[50..])).expect("rows");
        let found = fit.finish().expect("an encoder");
        let (found, expected) = [found, expected]
            .map(|encoder| {
                let x = encoder.transform(&table, &rows).expect("inputs");
                let Ok(Targets::Numbers(y)) = encoder.targets(&table, &rows) else { panic!("numbers") };
                (encoder.names(), x, y)
            })
            .into();
        assert_eq!(found.0, expected.0);
        let near = |a: &f64, b: &f64| (a - b).abs() <= 1e-12 * (1.0 + a.abs());
        assert!(found.1.iter().zip(&expected.1).all(|(a, b)| near(a, b)), "round {round}");
        assert!(found.2.iter().zip(&expected.2).all(|(a, b)| near(a, b)), "round {round}");
    }
    let table = every_kind(20, 1);
    let columns: Vec<_> = table.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect();
    let mut fit = EncoderFit::new(&table.origin, &columns, 20, &settings("amount")).expect("columns");
    assert!(fit.add_weighted(&table, &[0, 1], Some(&[1.0])).is_err());
}
