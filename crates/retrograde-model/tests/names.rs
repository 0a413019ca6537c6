//! Weight names, there and back.

mod common;

use common::{set, table, trained};
use retrograde::WeightId;
use retrograde_data::{Header, ReadOptions, read_bytes};
use retrograde_model::{FitSettings, Model};
use std::fmt::Write as _;

fn named(columns: &[&str]) -> Model {
    let quoted: Vec<String> =
        columns.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let mut text = format!("{},target\n", quoted.join(","));
    for row in 0..8 {
        let cells: Vec<String> = (0..columns.len()).map(|c| ((row * 7 + c * 3) % 5).to_string()).collect();
        writeln!(text, "{},{}", cells.join(","), if row % 2 == 0 { "no" } else { "yes" }).expect("a text");
    }
    let mut settings = FitSettings { check: None, hidden: vec![3].into(), ..FitSettings::default() };
    settings.encoder.targets = vec!["target".into()];
    settings.train.epochs = Some(1);
    let options = ReadOptions { header: Header::Present, ..ReadOptions::default() };
    trained(&read_bytes("names.csv", text.as_bytes(), &options).expect("a table"), &settings).model
}

#[test]
fn every_weight_of_every_name_comes_back() {
    let model = named(&[
        "u",
        "größe",
        "a]b",
        "c\"d",
        "it's",
        "7",
        "two words",
        "back\\slash",
        "x=1",
        "-3",
        "L1[2,u]",
        "a,b",
        "tab\tin",
    ]);
    let network = model.network().clone();
    let ids: Vec<WeightId> = (0..network.weight_count()).map(|i| network.weight_at(i)).collect();
    let names: Vec<String> = ids.iter().map(|&id| model.weight_name(id)).collect();
    assert_eq!(model.weight_names(&ids), names);
    for (id, name) in ids.iter().zip(&names) {
        assert_eq!(model.parse_weight_name(name).expect(name), *id, "{name}");
        assert!(!name.contains('\''), "{name} cannot stand in single quotes");
    }
    let mut distinct = names.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), names.len());
    let first: Vec<&str> = names[..13].iter().map(String::as_str).collect();
    assert_eq!(
        first,
        [
            "L1[1,u]",
            "L1[1,größe]",
            r#"L1[1,"a]b"]"#,
            r#"L1[1,"c\"d"]"#,
            r#"L1[1,"it\u0027s"]"#,
            r#"L1[1,"7"]"#,
            r#"L1[1,"two words"]"#,
            r#"L1[1,"back\\slash"]"#,
            "L1[1,x=1]",
            r#"L1[1,"-3"]"#,
            r#"L1[1,"L1[2,u]"]"#,
            r#"L1[1,"a,b"]"#,
            r#"L1[1,"tab\u0009in"]"#,
        ]
    );
    assert_eq!(names[network.layer(0).bias.start], "L1[1,0]");
    assert_eq!(names[network.layer(1).weights.start], "L2[1,1]");
}

#[test]
fn an_ambiguous_name_is_given_by_number() {
    // The indicator of `a` and the column of that name are both called `a is missing`.
    let text = "a,a is missing,target\n1,0,no\n,1,yes\n2,0,no\n3,1,yes\n,0,no\n4,1,yes\n";
    let mut settings = FitSettings { check: None, hidden: vec![].into(), ..FitSettings::default() };
    settings.encoder.targets = vec!["target".into()];
    settings.train.epochs = Some(1);
    let model = trained(&table(text), &settings).model;
    let name = |source| model.weight_name(WeightId { layer: 0, unit: 0, source: Some(source) });
    assert_eq!([name(0), name(1), name(2)], ["L1[1,a]", "L1[1,2]", "L1[1,3]"]);
    assert!(model.parse_weight_name("L1[1,a is missing]").is_err());
}

#[test]
fn lenient_where_the_meaning_is_plain_and_strict_elsewhere() {
    let (iris, mut settings) = set("@iris");
    settings.train.epochs = Some(1);
    let model = trained(&iris, &settings).model;
    let parsed = |text: &str| model.parse_weight_name(text);
    let id = WeightId { layer: 0, unit: 1, source: Some(2) };
    for text in ["L1[2,petal_length]", "L1[2,3]", " L1[2, petal_length ]", "l1[2,\"petal_length\"]"] {
        assert_eq!(parsed(text).expect(text), id, "{text}");
    }
    for text in [
        "",
        "L",
        "L1",
        "L1[",
        "L1[]",
        "L1[1]",
        "L0[1,1]",
        "L9[1,1]",
        "L1[0,1]",
        "L1[257,1]",
        "L1[1,5]",
        "L1[1,-1]",
        "L1[1,petal]",
        "L2[1,petal_length]",
        "L1[1,\"petal_length]",
        "L1[+1,1]",
        "L1[1,1]x",
        "L99999999999999999999[1,1]",
        "\u{a0}L1[1,u]é",
        "é",
    ] {
        assert!(parsed(text).is_err(), "{text}");
    }
    let error = parsed("L1[1,petal]").expect_err("no such input").to_string();
    assert_eq!(
        error,
        "no weight `L1[1,petal]`: the inputs are sepal_length, sepal_width, petal_length, petal_width"
    );
}
