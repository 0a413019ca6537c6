//! The plan of a table in a file, written by `data` and followed by `train`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use std::fmt::Write as _;

/// A table that nobody guesses right: without a header, tabs between the cells, and words in the old encoding of Cyrillic.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut table = Vec::new();
    for i in 0..60_u32 {
        let word: &[u8] = if i % 3 == 0 { b"\xe4\xe0" } else { b"\xed\xe5\xf2" };
        table.extend(format!("{};{};", i % 7, i * 5 % 9).bytes());
        table.extend(word);
        table.extend(format!(";{}\n", if i % 7 + i * 5 % 9 > 7 { "yes" } else { "no" }).bytes());
    }
    sandbox.write("t.txt", table);
    sandbox
}

const READ: &str = "--no-header --delimiter ; --encoding windows-1251";
const TRAIN: &str = "--hidden 3 --epochs 2 --no-check";

#[test]
fn a_plan_says_all_that_was_said_and_found() {
    let sandbox = sandbox();
    sandbox.done(&format!("data t.txt {READ} --target c3 --drop c1 --type c0=category --save plan.toml"));
    assert_snapshot!(String::from_utf8(sandbox.read("plan.toml")).expect("text"));
}

#[test]
fn a_followed_plan_is_the_options_it_was_written_with() {
    let sandbox = sandbox();
    let words = format!("{READ} --target c3 --drop c1 --type c0=category");
    sandbox.done(&format!("data t.txt {words} --save plan.toml"));
    sandbox.done(&format!("train t.txt --plan plan.toml {TRAIN} -o planned.rg"));
    sandbox.done(&format!("train t.txt {words} {TRAIN} -o said.rg"));
    let predicted = |model: &str| sandbox.done(&format!("predict {model} t.txt {READ}")).stdout;
    assert_eq!(predicted("planned.rg"), predicted("said.rg"));
    assert!(sandbox.done("inspect planned.rg").stdout.contains("c0"));
}

#[test]
fn the_order_of_dates_is_said_once() {
    let sandbox = Sandbox::new();
    let mut csv = String::from("when,x,answer\n");
    for i in 0..60 {
        let _ = writeln!(csv, "{:02}/{:02}/2020,{},{}", 1 + i % 12, 1 + i % 5, i % 7, i % 2);
    }
    sandbox.write("t.csv", csv);
    let open = sandbox.done("data t.csv --target answer").stdout;
    assert!(open.contains("whether the day comes first: --date-order day says so"), "{open}");
    let said = sandbox.done("data t.csv --target answer --date-order day --save plan.toml").stdout;
    assert!(said.contains("`when` is read as dates, day/month/year, as --date-order says"), "{said}");
    let plan = String::from_utf8(sandbox.read("plan.toml")).expect("text");
    assert!(plan.contains("[read]\ndate-order = \"day\"\n"), "{plan}");
    sandbox.done(&format!("train t.csv --plan plan.toml {TRAIN} -o planned.rg"));
    sandbox.done(&format!("train t.csv --target answer --date-order day {TRAIN} -o said.rg"));
    sandbox.done(&format!("train t.csv --target answer {TRAIN} -o open.rg"));
    let predicted = |model: &str| sandbox.done(&format!("predict {model} t.csv")).stdout;
    sandbox.write(
        "us.csv",
        "when,x,answer\n01/02/2020,1,0\n12/25/2020,2,1\n".to_owned() + &"02/03/2020,3,1\n".repeat(9),
    );
    let otherwise =
        "`when` is read as dates, month before day and year: its cells do not fit --date-order day";
    assert!(sandbox.done("data us.csv --date-order day").stdout.contains(otherwise));
    let train = sandbox.done(&format!("train us.csv --target answer --date-order day {TRAIN} -o us.rg"));
    assert!(train.stderr.contains(otherwise), "{}", train.stderr);
    // The model remembers what it was told.
    assert_eq!(predicted("planned.rg"), predicted("said.rg"));
    assert_ne!(predicted("said.rg"), predicted("open.rg"));
}

#[test]
fn roles_are_edited_by_hand_and_options_come_first() {
    let sandbox = Sandbox::new();
    let mut csv = String::from("a,b,w,who,answer\n");
    for i in 0..60 {
        let _ = writeln!(csv, "{},{},{},p{},{}", i % 7, i % 5, 1 + i % 3, i % 20, i % 2);
    }
    sandbox.write("t.csv", csv);
    sandbox.done("data t.csv --target answer --save plan.toml");
    let plan = String::from_utf8(sandbox.read("plan.toml")).expect("text");
    let edited = plan.replace(
        "w = { type = \"number\", role = \"input\" }",
        "w = { type = \"number\", role = \"weight\" }",
    );
    let edited =
        edited.replace("who = { type = \"category\", role = \"input\" }", "who = { role = \"group\" }");
    assert!(edited.contains("role = \"weight\"") && edited.contains("role = \"group\""), "{plan}");
    sandbox.write("plan.toml", edited);
    let words = format!("train t.csv --plan plan.toml {TRAIN} --json -o m.rg");
    let d = sandbox.json(&words, "retrograde.train/1");
    assert_eq!(
        (&d["weight"], &d["split"]["by"], &d["split"]["column"]),
        (&"w".into(), &"groups".into(), &"who".into())
    );
    let d = sandbox.json(&format!("{words} --target a --task numbers --split-by b"), "retrograde.train/1");
    assert_eq!((&d["split"]["by"], &d["split"]["column"]), (&"order".into(), &"b".into()));
}

#[test]
fn plans_that_cannot_be_followed() {
    let sandbox = Sandbox::with_table();
    let columns = "[columns]\na = { role = \"input\" }\nanswer = { role = \"target\" }\n";
    let plans = [
        (
            "a word that is misspelt",
            "schema = \"retrograde.plan/1\"\n[columns]\na = { rolle = \"input\" }\n".to_owned(),
        ),
        ("another document", "schema = \"retrograde.trace/1\"\n[columns]\n".to_owned()),
        ("no TOML", "{\"schema\": 1}".to_owned()),
        (
            "a column that is not there",
            format!("schema = \"retrograde.plan/1\"\n{columns}knd = {{ role = \"input\" }}\n"),
        ),
        (
            "an encoding that is none",
            format!("schema = \"retrograde.plan/1\"\n[read]\nencoding = \"utf-9\"\n{columns}"),
        ),
        (
            "an order of dates that is none",
            format!("schema = \"retrograde.plan/1\"\n[read]\ndate-order = \"year\"\n{columns}"),
        ),
        (
            "a delimiter that is none",
            format!("schema = \"retrograde.plan/1\"\n[read]\ndelimiter = \"::\"\n{columns}"),
        ),
    ];
    for (name, text) in plans {
        sandbox.write("plan.toml", text);
        assert_snapshot!(name, sandbox.run("train t.csv --plan plan.toml -o m.rg").snapshot());
    }
    assert_snapshot!("no plan", sandbox.run("train t.csv --plan absent.toml -o m.rg").snapshot());
}

#[test]
fn identifiers_are_shown_all_at_once_and_left_out_of_the_plan() {
    let sandbox = Sandbox::new();
    let mut csv = String::from("id,a,key,answer\n");
    for i in 0..200 {
        let _ = writeln!(csv, "user{i},{},k-{},{}", i % 7, i * 7 % 200, i % 2);
    }
    sandbox.write("t.csv", csv);
    let ran = sandbox.done("data t.csv --target answer --save plan.toml");
    let note = "`id`, `key` look like identifiers or free text: training refuses them; --drop id,key";
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
    sandbox.done(&format!("train t.csv --plan plan.toml {TRAIN} -o m.rg"));
    sandbox.done(&format!("train t.csv --target answer --drop id,key {TRAIN} -o m.rg"));
}
