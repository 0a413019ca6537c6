//! The plan of a table in a file: what `data --save plan.toml` writes and `train --plan plan.toml` follows.

use crate::args::{ColumnArgs, LearnArgs, ReadArgs, RowArgs, date_order, delimiter, encoding};
use crate::error::{Failure, Result};
use crate::exit::Exit;
use crate::output::text::clean;
use retrograde_data::{ColumnType, Role, Scaling, TableSummary, TaskChoice, nearest, shell};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// What the file says it is.
const SCHEMA: &str = "retrograde.plan/1";
/// A plan is read by people; a larger file is something else.
const MAX_BYTES: u64 = 16 << 20;

/// How a table is read, and what its columns are used for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    schema: String,
    #[serde(default)]
    read: Read,
    #[serde(default)]
    encode: Encode,
    #[serde(default)]
    rows: Rows,
    columns: BTreeMap<String, Column>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    header: Option<bool>,
    delimiter: Option<String>,
    encoding: Option<String>,
    #[serde(rename = "date-order")]
    date_order: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Encode {
    task: Option<TaskChoice>,
    scale: Option<Scaling>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    #[serde(rename = "split-by")]
    split_by: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    r#type: Option<ColumnType>,
    role: ColumnRole,
}

/// What a column is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ColumnRole {
    Input,
    Target,
    Drop,
    Weight,
    Group,
    Part,
}

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// A file that is not there or no plan, with the line.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let failed = |problem: String| {
            Failure::new(Exit::Usage, format!("cannot read the plan {name}: {problem}"))
                .hint("retrograde data DATA --target COLUMN --save plan.toml  writes one")
        };
        let size = std::fs::metadata(path).map_err(|problem| failed(problem.to_string()))?.len();
        if size > MAX_BYTES {
            return Err(failed(format!("it has {size} bytes, expected at most {MAX_BYTES}")));
        }
        let text = std::fs::read_to_string(path).map_err(|problem| failed(problem.to_string()))?;
        let plan: Self = toml::from_str(&text).map_err(|problem| failed(placed(&text, &problem)))?;
        if plan.schema != SCHEMA {
            return Err(failed(format!("its schema is `{}`, expected `{SCHEMA}`", clean(&plan.schema))));
        }
        Ok(plan)
    }

    /// Fills in what the command line left open about reading.
    ///
    /// # Errors
    /// A delimiter, an encoding or an order of dates that is none.
    pub(crate) fn fill_read(&self, read: &mut ReadArgs) -> Result<()> {
        let refused = |what: &str, word: &str, problem: &str| {
            Failure::usage(format!("the plan: {what}: found `{}`; {problem}", clean(word)))
        };
        if !read.header && !read.no_header {
            read.header = self.read.header == Some(true);
            read.no_header = self.read.header == Some(false);
        }
        if let (None, Some(word)) = (read.delimiter, &self.read.delimiter) {
            let found = delimiter(word).map_err(|problem| refused("delimiter", word, &problem))?;
            read.delimiter = Some(found);
        }
        if let (None, Some(word)) = (read.encoding, &self.read.encoding) {
            let found = encoding(word).map_err(|problem| refused("encoding", word, &problem))?;
            read.encoding = Some(found);
        }
        if let (None, Some(word)) = (read.date_order, &self.read.date_order) {
            let found = date_order(word).map_err(|problem| refused("date-order", word, &problem))?;
            read.date_order = Some(found);
        }
        Ok(())
    }

    /// Fills in what the command line left open about columns and rows.
    pub(crate) fn fill_columns(&self, columns: &mut ColumnArgs, rows: &mut RowArgs) {
        let one = |given: &mut Option<String>, role| {
            if given.is_none() {
                *given = self.in_role(role).into_iter().next();
            }
        };
        if columns.target.is_empty() {
            columns.target = self.in_role(ColumnRole::Target);
        }
        one(&mut rows.weight, ColumnRole::Weight);
        let is_split = rows.split_by.is_some() || rows.group.is_some() || rows.split_column.is_some();
        if !is_split {
            one(&mut rows.group, ColumnRole::Group);
            one(&mut rows.split_column, ColumnRole::Part);
            rows.split_by.clone_from(&self.rows.split_by);
        }
        if columns.features.is_empty() {
            let used = [&rows.weight, &rows.group, &rows.split_column];
            let free = |name: &String| {
                !columns.drop.contains(name)
                    && !columns.target.contains(name)
                    && used.iter().all(|other| other.as_ref() != Some(name))
            };
            columns.features = self.in_role(ColumnRole::Input).into_iter().filter(free).collect();
        }
        if columns.task == TaskChoice::Auto {
            columns.task = self.encode.task.unwrap_or_default();
        }
        if !columns.no_standardize {
            columns.scale = columns.scale.or(self.encode.scale);
        }
    }

    /// The types that it gives to columns.
    pub(crate) fn types(&self) -> Vec<(String, ColumnType)> {
        self.columns.iter().filter_map(|(name, column)| Some((name.clone(), column.r#type?))).collect()
    }

    /// Refuses a plan for another table: every column it names must be there.
    ///
    /// # Errors
    /// The first column that the table does not have.
    pub(crate) fn expect_for(&self, path: &Path, table: &str, names: &[&str]) -> Result<()> {
        let Some(absent) = self.columns.keys().find(|name| !names.contains(&name.as_str())) else {
            return Ok(());
        };
        let failure = Failure::usage(format!(
            "the plan {} names a column `{absent}`, which {table} does not have",
            path.display()
        ))
        .detail(format!("columns: {}", names.join(", ")));
        Err(match nearest(absent, names.iter().copied()) {
            Some(near) => failure.hint(format!("is it  {}  now?", shell(near))),
            None => {
                failure.hint(format!("write a new one:  retrograde data {} --save plan.toml", shell(table)))
            }
        })
    }

    fn in_role(&self, role: ColumnRole) -> Vec<String> {
        self.columns.iter().filter(|(_, column)| column.role == role).map(|(name, _)| name.clone()).collect()
    }
}

/// The text of the plan for a table as it was read and is to be used, which goes to `path`.
pub(crate) fn text(summary: &TableSummary, path: &Path, (read, columns): (&ReadArgs, &ColumnArgs)) -> String {
    let name = clean(&summary.name);
    let mut out = format!(
        "# How retrograde reads and uses {name} ({}):\n#   retrograde train {} --plan {}\n\
         # Options on the command line come first.\n\nschema = \"{SCHEMA}\"\n",
        clean(&summary.format),
        shell(&name),
        clean(&shell(&path.display().to_string()))
    );
    out.push_str(&read_section(read));
    let scale = if columns.no_standardize { Scaling::None } else { columns.scale.unwrap_or_default() };
    let _ = write!(
        out,
        "\n[encode]\ntask = \"{}\"   # auto, classes, numbers\nscale = \"{}\"   # standard, robust, none\n",
        columns.task.name(),
        scale.name()
    );
    out.push_str(
        "\n# type: number, category, date\n# role: input, target, drop, weight, group, part (train, validation or \
         test)\n[columns]\n",
    );
    for column in &summary.columns {
        let role = match column.role {
            Some(Role::Target) => "target",
            Some(Role::Ignored) => "drop",
            Some(Role::Input) | None => "input",
        };
        let kind = column.kind.column_type().name();
        let _ = writeln!(out, "{} = {{ type = \"{kind}\", role = \"{role}\" }}", key(&column.name));
    }
    out
}

/// What was said about reading; nothing where nothing was.
fn read_section(read: &ReadArgs) -> String {
    let header = match (read.header, read.no_header) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let delimiter = read.delimiter.map(|byte| toml_text(&char::from(byte).to_string()));
    let said = [
        ("header", header.map(|header| header.to_string())),
        ("delimiter", delimiter),
        ("encoding", read.encoding.map(|encoding| toml_text(&encoding.name()))),
        ("date-order", read.date_order.map(|order| toml_text(order.name()))),
    ];
    let mut out = String::new();
    for (key, value) in said.into_iter().filter_map(|(key, value)| Some((key, value?))) {
        if out.is_empty() {
            out.push_str("\n[read]\n");
        }
        let _ = writeln!(out, "{key} = {value}");
    }
    out
}

/// A key of TOML: bare where it can be.
fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { toml_text(name) }
}

/// A basic string of TOML on one line.
fn toml_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The line of a mistake, and what it is.
fn placed(text: &str, problem: &toml::de::Error) -> String {
    let line = problem.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
    let message = problem.message().replace('\n', " ");
    line.map_or(message.clone(), |line| format!("line {line}: {message}"))
}

/// The command line with the plan that it names followed, and the plan.
pub(crate) fn followed(on: &LearnArgs) -> Result<(LearnArgs, Option<Plan>)> {
    let mut on = on.clone();
    let plan = on.plan.as_deref().map(Plan::load).transpose()?;
    if let Some(plan) = &plan {
        plan.fill_read(&mut on.read)?;
        plan.fill_columns(&mut on.columns, &mut on.rows);
    }
    Ok((on, plan))
}

#[cfg(test)]
mod tests {
    use super::{Plan, key};

    #[test]
    fn keys_are_quoted_where_they_must_be() {
        assert_eq!(key("total_bill-2"), "total_bill-2");
        for name in ["a b", "", "é", "x\"y\\", "tab\there", "a.b", "\u{7f}"] {
            let line = format!("schema = \"\"\n[columns]\n{} = {{ role = \"input\" }}\n", key(name));
            let plan: Plan = toml::from_str(&line).expect("TOML");
            assert_eq!(plan.columns.keys().collect::<Vec<_>>(), [name]);
        }
    }

    #[test]
    fn what_is_misspelt_is_refused() {
        for text in ["schema = \"\"\n[columns]\nx = { rolle = \"input\" }\n", "schema = \"\"\n[colums]\n"] {
            assert!(toml::from_str::<Plan>(text).is_err());
        }
    }
}
