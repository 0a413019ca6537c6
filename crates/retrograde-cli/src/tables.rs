//! Tables by name: a file, `-`, or an embedded set.

use crate::args::{ColumnArgs, LearnArgs, ReadArgs, column_type};
use crate::error::{Failure, Result};
use crate::plan::{self, Plan};
use retrograde_data::{
    ColumnType, DataError, EncoderSettings, Form, Header, ReadOptions, Scaling, Table, TargetScaling,
    embedded, nearest, read, read_bytes, shell,
};
use std::io::Read as _;
use std::path::Path;

/// A table, with what is known about an embedded one: `R` is a [`Table`], or [`Rows`] that may come in pieces.
#[derive(Debug)]
pub(crate) struct Source<R = Table> {
    /// The rows.
    pub(crate) table: R,
    /// The targets of an embedded set.
    targets: Vec<String>,
    /// Whether inputs are meant to be standardised.
    standardize: bool,
}

/// A table that need not be in memory.
pub(crate) type Rows = retrograde_data::Source<'static>;

/// What has columns.
pub(crate) trait Columns {
    /// Their names and types.
    fn columns(&self) -> Vec<(String, ColumnType)>;

    /// Where they come from.
    fn name(&self) -> &str;
}

impl Columns for Table {
    fn columns(&self) -> Vec<(String, ColumnType)> {
        self.columns.iter().map(|c| (c.name.clone(), c.values.column_type())).collect()
    }

    fn name(&self) -> &str {
        &self.origin.name
    }
}

impl Columns for Rows {
    fn columns(&self) -> Vec<(String, ColumnType)> {
        Self::columns(self).to_vec()
    }

    fn name(&self) -> &str {
        &self.origin().name
    }
}

/// What is known of the columns of a table before it is read.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) types: Vec<(String, ColumnType)>,
    pub(crate) forms: Vec<(String, Form)>,
    /// Columns that are dropped.
    pub(crate) unused: Vec<String>,
}

/// Reads what `name` stands for, as it is `known`; what `--type` says comes first.
pub(crate) fn open(name: &Path, args: &ReadArgs, known: Known) -> Result<Source> {
    open_as(name, args, known, read)
}

/// Opens it with `open`, from the disk.
fn open_as<R: Columns + From<Table>>(
    name: &Path,
    args: &ReadArgs,
    known: Known,
    open: impl Fn(&Path, &ReadOptions) -> std::result::Result<R, DataError>,
) -> Result<Source<R>> {
    if let Some(set) = name.to_str().filter(|n| n.starts_with('@')) {
        let set = embedded(set)?;
        refuse_reading(args, &set.table.origin.name)?;
        let (table, standardize) = (set.table.into(), set.defaults.standardize);
        return Ok(Source { table, targets: set.targets, standardize });
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
        encoding: args.encoding,
        types: forced.iter().cloned().chain(known.types).collect(),
        forms: known.forms,
        date_order: args.date_order,
        unused: known.unused,
        ..ReadOptions::default()
    };
    let table = if name.as_os_str() == "-" { from_stdin(&options)?.into() } else { open(name, &options)? };
    let columns = table.columns();
    if let Some(unknown) = forced.iter().find(|(name, _)| columns.iter().all(|(known, _)| known != name)) {
        return Err(unknown_type(&unknown.0, &table));
    }
    Ok(Source { table, targets: Vec::new(), standardize: true })
}

/// Reads the table that is to be learnt from, by its plan where one is named; and the command line that the plan completed.
pub(crate) fn open_planned(on: &LearnArgs) -> Result<(LearnArgs, Source<Rows>)> {
    let (on, plan) = plan::followed(on)?;
    let types = plan.as_ref().map(Plan::types).unwrap_or_default();
    let rows = [&on.rows.weight, &on.rows.group, &on.rows.split_by, &on.rows.split_column];
    // What is no input may still decide about rows.
    let is_used = |name: &&String| {
        rows.iter().any(|used| used.as_ref() == Some(name)) || on.columns.target.contains(name)
    };
    let unused = on.columns.drop.iter().filter(|name| !is_used(name)).cloned().collect();
    let known = Known { types, unused, ..Known::default() };
    let source = open_as(&on.data, &on.read, known, retrograde_data::open)?;
    if let (Some(plan), Some(path)) = (&plan, &on.plan) {
        let columns = source.table.columns();
        let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        plan.expect_for(path, source.table.name(), &names)?;
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
        ("--encoding", args.encoding.is_some()),
        ("--date-order", args.date_order.is_some()),
        ("--labels", args.labels.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(Failure::usage(format!("{flag}: {name} is embedded, not read from a file"))
            .hint(format!("leave {flag} out"))),
        None => Ok(()),
    }
}

/// A column that `--type` named and the table does not have.
fn unknown_type(column: &str, table: &impl Columns) -> Failure {
    let columns: Vec<String> = table.columns().into_iter().map(|(name, _)| name).collect();
    let near = nearest(column, columns.iter().map(String::as_str));
    let hint = near.map(|near| format!("did you mean  --type {} ?", shell(&format!("{near}=category"))));
    let name = table.name().to_owned();
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
pub(crate) fn encoder_settings<R: Columns>(source: &Source<R>, args: &ColumnArgs) -> EncoderSettings {
    let columns = source.table.columns();
    let names = |words: &[String]| column_names(&columns, words);
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
fn column_names(columns: &[(String, ColumnType)], words: &[String]) -> Vec<String> {
    let split = |word: &String| -> Vec<String> {
        if columns.iter().any(|(name, _)| name == word) {
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
    use super::{Columns as _, column_names};
    use retrograde_data::{ReadOptions, read_bytes};

    #[test]
    fn a_comma_separates_columns_unless_it_is_part_of_one() {
        let csv = b"a;b;c,d\n1;2;3\n4;5;6\n";
        let table = read_bytes("t.csv", csv, &ReadOptions::default()).expect("a table");
        let names = |word: &str| column_names(&table.columns(), &[word.to_owned()]);
        assert_eq!(names("a,b"), ["a", "b"]);
        assert_eq!(names("c,d"), ["c,d"]);
        assert_eq!(names("a, x"), ["a", "x"]);
    }
}
