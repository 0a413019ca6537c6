//! Tables by name: a file, `-`, or an embedded set.

use crate::args::{ColumnArgs, LearnArgs, ReadArgs, column_type};
use crate::error::{Failure, Result};
use crate::plan::{self, Plan};
use retrograde_data::{
    ColumnType, DataError, EncoderSettings, Header, ReadOptions, Scaling, Table, TargetScaling, embedded,
    nearest, read, read_bytes, shell,
};
use std::io::Read as _;
use std::path::Path;

/// A table, with what is known about an embedded one.
#[derive(Debug)]
pub(crate) struct Source {
    /// The rows.
    pub(crate) table: Table,
    /// The targets of an embedded set.
    targets: Vec<String>,
    /// Whether inputs are meant to be standardised.
    standardize: bool,
}

/// Reads what `name` stands for. `types` are a model's own; those of `--type` come first.
pub(crate) fn open(name: &Path, args: &ReadArgs, types: Vec<(String, ColumnType)>) -> Result<Source> {
    if let Some(set) = name.to_str().filter(|n| n.starts_with('@')) {
        let set = embedded(set)?;
        refuse_reading(args, &set.table.origin.name)?;
        return Ok(Source { table: set.table, targets: set.targets, standardize: set.defaults.standardize });
    }
    let forced = forced_types(args)?;
    let options = ReadOptions {
        header: match (args.header, args.no_header) {
            (true, _) => Header::Present,
            (_, true) => Header::Absent,
            _ => Header::Sniff,
        },
        delimiter: args.delimiter,
        labels: args.labels.clone(),
        types: forced.iter().cloned().chain(types).collect(),
        ..ReadOptions::default()
    };
    let found = if name.as_os_str() == "-" { from_stdin(&options) } else { read(name, &options) };
    let table = found?;
    if let Some(unknown) = forced.iter().find(|(column, _)| table.column(column).is_none()) {
        return Err(unknown_type(&unknown.0, &table));
    }
    Ok(Source { table, targets: Vec::new(), standardize: true })
}

/// Reads the table that is to be learnt from, by its plan where one is named; and the command line that the plan completed.
pub(crate) fn open_planned(on: &LearnArgs) -> Result<(LearnArgs, Source)> {
    let (on, plan) = plan::followed(on)?;
    let types = plan.as_ref().map(Plan::types).unwrap_or_default();
    let source = open(&on.data, &on.read, types)?;
    if let (Some(plan), Some(path)) = (&plan, &on.plan) {
        plan.expect_for(path, &source.table.origin.name, &source.table.names())?;
    }
    Ok((on, source))
}

/// An embedded set is not read, so options about reading would change nothing.
fn refuse_reading(args: &ReadArgs, name: &str) -> Result<()> {
    let given = [
        ("--no-header", args.no_header),
        ("--header", args.header),
        ("--delimiter", args.delimiter.is_some()),
        ("--type", !args.types.is_empty()),
        ("--labels", args.labels.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::usage(format!("{flag}: {name} is embedded, not read from a file"))
            .hint(format!("leave {flag} out"))),
        None => Ok(()),
    }
}

/// A column that `--type` named and the table does not have.
fn unknown_type(column: &str, table: &Table) -> Failure {
    let columns: Vec<String> = table.names().into_iter().map(str::to_owned).collect();
    let near = nearest(column, columns.iter().map(String::as_str));
    let hint = near.map(|near| format!("did you mean  --type {} ?", shell(&format!("{near}=category"))));
    let name = table.origin.name.clone();
    let problem = DataError::UnknownColumn { name, column: column.to_owned(), columns, flag: "--type" };
    let failure = problem.details().iter().fold(Failure::usage(problem.to_string()), Failure::detail);
    hint.into_iter().fold(failure, Failure::hint)
}

fn from_stdin(options: &ReadOptions) -> std::result::Result<Table, DataError> {
    let mut bytes = Vec::new();
    let limit = options.max_bytes.saturating_add(1);
    let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
    read.map_err(|source| DataError::Io { name: "stdin".into(), source })?;
    if bytes.len() as u64 == limit {
        return Err(DataError::TooLarge { name: "stdin".into(), limit: options.max_bytes });
    }
    read_bytes("stdin", &bytes, options)
}

/// The columns of `--type`.
fn forced_types(args: &ReadArgs) -> Result<Vec<(String, ColumnType)>> {
    let column = |word: &String| {
        column_type(word).map(|(name, found)| (name.to_owned(), found)).map_err(|problem| {
            Failure::usage(format!("--type: {problem}")).hint(format!("--type {}", example_type(word)))
        })
    };
    args.types.iter().map(column).collect()
}

fn example_type(word: &str) -> String {
    let column = word.rsplit_once('=').map_or(word, |(column, _)| column);
    shell(&format!("{column}=category"))
}

/// What to learn from which columns, with an embedded set's own targets.
pub(crate) fn encoder_settings(source: &Source, args: &ColumnArgs) -> EncoderSettings {
    let names = |words: &[String]| column_names(&source.table, words);
    let targets = if args.target.is_empty() { source.targets.clone() } else { names(&args.target) };
    let standardize = source.standardize && !args.no_standardize;
    EncoderSettings {
        targets,
        features: (!args.features.is_empty()).then(|| names(&args.features)),
        drop: names(&args.drop),
        task: args.task,
        scaling: args.scale.unwrap_or(if standardize { Scaling::Standard } else { Scaling::None }),
        target_scaling: if standardize { TargetScaling::Standard } else { TargetScaling::None },
        ..EncoderSettings::default()
    }
}

/// `a,b` is two columns, unless the table has one of that name.
fn column_names(table: &Table, words: &[String]) -> Vec<String> {
    let split = |word: &String| -> Vec<String> {
        if table.column(word).is_some() {
            return vec![word.clone()];
        }
        word.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    words.iter().flat_map(split).collect()
}

/// How a table is called in a command that can be pasted.
pub(crate) fn pasteable(name: &Path) -> String {
    shell(&name.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::column_names;
    use retrograde_data::{ReadOptions, read_bytes};

    #[test]
    fn a_comma_separates_columns_unless_it_is_part_of_one() {
        let csv = b"a;b;c,d\n1;2;3\n4;5;6\n";
        let table = read_bytes("t.csv", csv, &ReadOptions::default()).expect("a table");
        let names = |word: &str| column_names(&table, &[word.to_owned()]);
        assert_eq!(names("a,b"), ["a", "b"]);
        assert_eq!(names("c,d"), ["c,d"]);
        assert_eq!(names("a, x"), ["a", "x"]);
    }
}
