//! docs/calculus.md is what the command says: every block of it is run, in order, in one folder.
//!
//! A block begins with ```` ```console ````; each line of it that begins with `$ ` is a command, and what follows is what the
//! command says, stderr before stdout. Words after `console` say what is shown of a block:
//!
//! | word | |
//! |---|---|
//! | `show=4-9,12-` | these lines of each command's output, from 1; `…` stands for the others |
//! | `exit=1` | the exit code of its last command, if it is not 0 |
//!
//! Times are written as `0.0 s`. The numbers may differ from the guide's by a few units of the last digit, or beyond six digits:
//! the digits after those depend on the processor, and a numerical derivative has no more. `UPDATE_GUIDE=1 cargo test -p
//! retrograde-cli --test cli guide` writes what the command says now.

use crate::sandbox::{Ran, Sandbox, root};
use std::fmt::Write as _;
use std::ops::RangeInclusive;

/// From the root.
const GUIDE: &str = "docs/calculus.md";

#[test]
fn the_guide_says_what_the_command_says() {
    let path = root().join(GUIDE);
    let written = std::fs::read_to_string(&path).expect("the guide").replace("\r\n", "\n");
    let said = said_now(&written);
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        if !differences(&written, &said).is_empty() {
            std::fs::write(&path, said).expect("the guide is written");
        }
        return;
    }
    let different = differences(&written, &said);
    assert!(
        different.is_empty(),
        "{GUIDE} is not what the command says (UPDATE_GUIDE=1 writes it anew):\n{}",
        different.join("\n")
    );
}

/// The guide with what its commands say now.
fn said_now(guide: &str) -> String {
    let sandbox = Sandbox::new();
    let mut out = String::new();
    let mut lines = guide.lines();
    let mut commands = 0;
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(words) = line.strip_prefix("```console") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        assert!(
            block.first().is_some_and(|line| line.starts_with("$ ")),
            "a block without a command: {block:?}"
        );
        let shown = Shown::parse(words);
        let prompts: Vec<&str> = block.iter().filter_map(|line| line.strip_prefix("$ ")).collect();
        commands += prompts.len();
        for (number, prompt) in prompts.iter().enumerate() {
            let ran = run(&sandbox, prompt);
            let expected = if number + 1 == prompts.len() { shown.exit } else { 0 };
            assert_eq!(ran.code, expected, "{prompt}\n{}", ran.snapshot());
            let _ = write!(out, "$ {prompt}\n{}", shown.of(&ran));
        }
        out.push_str("```\n");
    }
    assert!(commands > 10, "{commands} commands in the guide");
    out
}

/// `retrograde …`, or `echo '…' | retrograde …`.
fn run(sandbox: &Sandbox, prompt: &str) -> Ran {
    let (input, command) = match prompt.split_once(" | ") {
        Some((echo, command)) => {
            let text = echo.strip_prefix("echo '").and_then(|rest| rest.strip_suffix('\''));
            (Some(text.unwrap_or_else(|| panic!("only echo '…' is understood: {prompt}"))), command)
        }
        None => (None, prompt),
    };
    let words =
        command.strip_prefix("retrograde ").unwrap_or_else(|| panic!("only retrograde is run: {prompt}"));
    // Names of weights are quoted for the shell, and have no blanks.
    let words = words.replace('\'', "");
    match input {
        Some(text) => sandbox.run_with_stdin(&words, format!("{text}\n").as_bytes()),
        None => sandbox.run(&words),
    }
}

/// What a block shows of its commands' output.
struct Shown {
    lines: Vec<RangeInclusive<usize>>,
    exit: i32,
}

impl Shown {
    fn parse(words: &str) -> Self {
        let mut shown = Self { lines: Vec::new(), exit: 0 };
        for word in words.split_whitespace() {
            let number = |text: &str| text.parse::<usize>().unwrap_or_else(|e| panic!("{word}: {e}"));
            match word.split_once('=') {
                Some(("show", list)) => {
                    let range = |part: &str| {
                        let (first, last) = part.split_once('-').unwrap_or((part, part));
                        number(first)..=if last.is_empty() { usize::MAX } else { number(last) }
                    };
                    shown.lines = list.split(',').map(range).collect();
                }
                Some(("exit", code)) => shown.exit = i32::try_from(number(code)).expect("a small number"),
                _ => panic!("{word} is neither show= nor exit="),
            }
        }
        shown
    }

    fn of(&self, ran: &Ran) -> String {
        let text = format!("{}{}", ran.stderr, ran.stdout);
        let is_shown = |n: usize| self.lines.is_empty() || self.lines.iter().any(|range| range.contains(&n));
        let mut out = String::new();
        let mut left_out = false;
        for (number, line) in text.lines().enumerate() {
            if is_shown(number + 1) {
                out.push_str(without_times(line).trim_end());
                out.push('\n');
            } else if !left_out {
                out.push_str("…\n");
            }
            left_out = !is_shown(number + 1);
        }
        for range in &self.lines {
            assert!(*range.start() <= text.lines().count(), "there is no line {} in\n{text}", range.start());
        }
        out
    }
}

/// `0.0 s` for every time in seconds.
fn without_times(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(" s") {
        let (before, after) = rest.split_at(at);
        let is_unit = !after[2..].starts_with(|c: char| c.is_alphanumeric());
        let start = before.rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |at| at + 1);
        // A blank or another character of one byte ends what is before the number.
        match before.get(start..) {
            Some(number) if is_unit && number.parse::<f64>().is_ok() => {
                let _ = write!(out, "{}{:>width$}", &before[..start], "0.0", width = number.len());
            }
            _ => out.push_str(before),
        }
        out.push_str(" s");
        rest = &after[2..];
    }
    out + rest
}

/// The lines that are not the same, numbers aside that are close enough.
fn differences(written: &str, said: &str) -> Vec<String> {
    let (mut written, mut said) = (written.lines(), said.lines());
    let mut different = Vec::new();
    for number in 1.. {
        match (written.next(), said.next()) {
            (None, None) => break,
            (was, is) => {
                let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
                if !same(was, is) {
                    different.push(format!("line {number}\n- {was}\n+ {is}"));
                }
            }
        }
    }
    different
}

/// Whether two lines have the same words, and numbers that are the same as far as they can be.
fn same(was: &str, is: &str) -> bool {
    let words = |line: &str| -> Vec<String> {
        let breaks = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '(' | ')' | ':');
        line.split(breaks).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (was, is) = (words(was), words(is));
    was.len() == is.len() && was.iter().zip(&is).all(|(was, is)| was == is || close(was, is))
}

fn close(was: &str, is: &str) -> bool {
    const LAST_DIGITS: f64 = 3.0;
    const SIX_DIGITS: f64 = 1e-6;
    // Counts and names are exact.
    if !was.contains(['.', 'e']) || !is.contains(['.', 'e']) {
        return false;
    }
    match (was.parse::<f64>(), is.parse::<f64>()) {
        (Ok(a), Ok(b)) => {
            let allowed = (LAST_DIGITS * last_digit(was)).max(SIX_DIGITS * a.abs());
            (a - b).abs() <= allowed * (1.0 + 1e-9)
        }
        _ => false,
    }
}

/// What one unit of a number's last digit is.
fn last_digit(number: &str) -> f64 {
    let (mantissa, exponent) = number.split_once('e').unwrap_or((number, "0"));
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let exponent: i32 = exponent.parse().unwrap_or(0);
    10f64.powi(exponent - i32::try_from(decimals).unwrap_or(0))
}

#[test]
fn close_numbers_are_the_same_and_others_are_not() {
    for (was, is) in [
        ("D = 0.0123456", "D = 0.0123458"),
        ("± 3e-10", "± 4e-10"),
        ("[0.12345678901234,1.0]", "[0.12345678901299,1.0]"),
        ("numerically  -2.83719e-6  agrees ✓", "numerically -2.83720e-6 agrees ✓"),
    ] {
        assert!(same(was, is), "{was} and {is}");
    }
    for (was, is) in [
        ("D = 0.0123456", "D = -0.0123456"),
        ("D = 0.0123456", "D = 0.0124456"),
        ("± 3e-10", "± 3e-9"),
        ("9 agree ✓", "8 agree ✓"),
        ("agrees ✓", "differs ✗"),
        ("a b", "a b c"),
        ("1.0", "NaN"),
    ] {
        assert!(!same(was, is), "{was} and {is}");
    }
}

#[test]
fn times_are_not_told() {
    assert_eq!(
        without_times("  1  0.6972   2.9e-2     0.1 s   ← best"),
        "  1  0.6972   2.9e-2     0.0 s   ← best"
    );
    assert_eq!(without_times("stop   56 epochs in 12.5 s: done"), "stop   56 epochs in  0.0 s: done");
    assert_eq!(without_times("Σ sums δ s"), "Σ sums δ s");
}
