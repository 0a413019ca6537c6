//! Tables by name: a file, `-`, or an embedded set.

use crate::args::{ColumnArgs, ReadArgs, column_type};
use crate::error::{Failure, Result};
use retrograde_data::{
    DataError, EncoderSettings, Header, ReadOptions, Scaling, Table, TargetScaling, embedded, read, read_bytes,
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

/// Reads what `name` stands for. `categories` are read as such beside those of `--type`: a model's own.
pub(crate) fn open(name: &Path, args: &ReadArgs, categories: Vec<String>) -> Result<Source> {
    if let Some(set) = name.to_str().filter(|n| n.starts_with('@')) {
        let set = embedded(set)?;
        return Ok(Source { table: set.table, targets: set.targets, standardize: set.defaults.standardize });
    }
    let options = options(args, categories)?;
    let table = if name.as_os_str() == "-" { from_stdin(&options)? } else { read(name, &options)? };
    Ok(Source { table, targets: Vec::new(), standardize: true })
}

/// Reads a table for a model, with the columns as categories that were so in training.
pub(crate) fn open_for(name: &Path, args: &ReadArgs, categories: &[String]) -> Result<Source> {
    let found = open(name, args, categories.to_vec());
    if categories.is_empty() || found.is_ok() || name.as_os_str() == "-" {
        return found;
    }
    // A column may be missing altogether. That is the model's to say: it knows what it needs.
    let plain = open(name, args, Vec::new())?;
    let there = categories.iter().filter(|c| plain.table.column(c).is_some()).cloned();
    open(name, args, there.collect())
}

fn from_stdin(options: &ReadOptions) -> Result<Table> {
    let mut bytes = Vec::new();
    let limit = options.max_bytes.saturating_add(1);
    let read = std::io::stdin().lock().take(limit).read_to_end(&mut bytes);
    read.map_err(|source| DataError::Io { name: "stdin".into(), source })?;
    if bytes.len() as u64 == limit {
        return Err(DataError::TooLarge { name: "stdin".into(), limit: options.max_bytes }.into());
    }
    Ok(read_bytes("stdin", &bytes, options)?)
}

fn options(args: &ReadArgs, mut categories: Vec<String>) -> Result<ReadOptions> {
    for word in &args.types {
        let column = column_type(word).map_err(|problem| {
            Failure::usage(format!("--type: {problem}")).hint(format!("--type {}", example_type(word)))
        })?;
        categories.push(column.to_owned());
    }
    Ok(ReadOptions {
        header: if args.no_header { Header::Absent } else { Header::Sniff },
        delimiter: args.delimiter,
        labels: args.labels.clone(),
        categories,
        ..ReadOptions::default()
    })
}

fn example_type(word: &str) -> String {
    let column = word.rsplit_once('=').map_or(word, |(column, _)| column);
    crate::output::text::shell(&format!("{column}=category"))
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
        scaling: if standardize { Scaling::Standard } else { Scaling::None },
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
    crate::output::text::shell(&name.display().to_string())
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
