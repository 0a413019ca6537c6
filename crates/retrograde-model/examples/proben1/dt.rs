//! The files of Proben1: seven header lines, then one example a line, inputs before outputs.

use flate2::read::MultiGzDecoder;
use ndarray::Array2;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The header lines, in their order.
const HEADER: [&str; 7] = [
    "bool_in",
    "real_in",
    "bool_out",
    "real_out",
    "training_examples",
    "validation_examples",
    "test_examples",
];

/// Inputs and targets of some rows.
#[derive(Debug)]
pub(crate) struct Rows {
    pub x: Array2<f64>,
    pub y: Array2<f64>,
}

/// One problem, split as its file says.
#[derive(Debug)]
pub(crate) struct Problem {
    pub training: Rows,
    pub validation: Rows,
    pub test: Rows,
}

/// Why a file is no problem of Proben1.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DtError {
    #[error("cannot read {file}: {source}")]
    Io { file: String, source: io::Error },
    #[error("{file}, line {line}: found {found}, expected {expected}")]
    Line { file: String, line: usize, found: String, expected: String },
}

/// `folder/cancer/cancer1.dt` or `.dt.gz` for `cancer1`.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Problem, DtError> {
    let stem = folder.join(name.trim_end_matches(|c: char| c.is_ascii_digit()));
    let plain = stem.join(format!("{name}.dt"));
    let path = if plain.exists() { plain } else { stem.join(format!("{name}.dt.gz")) };
    let file = path.display().to_string();
    let text = text(&path).map_err(|source| DtError::Io { file: file.clone(), source })?;
    parse(&file, &text)
}

fn text(path: &PathBuf) -> io::Result<String> {
    let bytes = std::fs::read(path)?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    } else {
        bytes.as_slice().read_to_string(&mut text)?;
    }
    Ok(text)
}

/// The lines that are left, and where they are from.
struct Lines<'a> {
    file: &'a str,
    rest: std::str::Lines<'a>,
    line: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self, expected: &str) -> Result<&'a str, DtError> {
        self.line += 1;
        self.rest.next().ok_or_else(|| self.error("the end of the file", expected))
    }

    /// About the line read last.
    fn error(&self, found: impl Into<String>, expected: impl Into<String>) -> DtError {
        let (found, expected) = (found.into(), expected.into());
        DtError::Line { file: self.file.to_owned(), line: self.line, found, expected }
    }

    fn header(&mut self, key: &str) -> Result<usize, DtError> {
        let expected = format!("`{key}=` and a count");
        let text = self.next(&expected)?;
        let count = text.strip_prefix(key).and_then(|rest| rest.strip_prefix('='));
        // A sum of seven such counts overflows nowhere.
        let count = count.and_then(|count| count.trim().parse::<u32>().ok());
        count.map(|count| count as usize).ok_or_else(|| self.error(format!("`{text}`"), expected))
    }

    /// As many rows; nothing is allocated for rows that are only declared.
    fn rows(&mut self, rows: usize, columns: &Columns) -> Result<Rows, DtError> {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for row in 1..=rows {
            let text = self.next(&format!("row {row} of {rows}"))?;
            let start = x.len() + y.len();
            for (i, word) in text.split_ascii_whitespace().enumerate() {
                let value = self.value(word, columns.is_bool(i))?;
                if i < columns.inputs() { x.push(value) } else { y.push(value) }
            }
            let found = x.len() + y.len() - start;
            if found != columns.count() {
                let of = format!(
                    "{} ({} inputs, {} outputs)",
                    columns.count(),
                    columns.inputs(),
                    columns.outputs()
                );
                return Err(self.error(format!("{found} values"), of));
            }
        }
        let matrix = |values, columns| {
            Array2::from_shape_vec((rows, columns), values)
                .map_err(|e| self.error(e.to_string(), "rows of equal length"))
        };
        Ok(Rows { x: matrix(x, columns.inputs())?, y: matrix(y, columns.outputs())? })
    }

    fn value(&self, word: &str, is_bool: bool) -> Result<f64, DtError> {
        let value = word.parse::<f64>().ok().filter(|v| v.is_finite());
        match value {
            Some(value) if !is_bool || value == 0.0 || value == 1.0 => Ok(value),
            _ => Err(self.error(format!("`{word}`"), if is_bool { "0 or 1" } else { "a finite number" })),
        }
    }
}

/// How many columns of which kind, in the order of the file.
struct Columns {
    bool_in: usize,
    real_in: usize,
    bool_out: usize,
    real_out: usize,
}

impl Columns {
    fn inputs(&self) -> usize {
        self.bool_in + self.real_in
    }

    fn outputs(&self) -> usize {
        self.bool_out + self.real_out
    }

    fn count(&self) -> usize {
        self.inputs() + self.outputs()
    }

    fn is_bool(&self, i: usize) -> bool {
        i < self.bool_in || (self.inputs()..self.inputs() + self.bool_out).contains(&i)
    }
}

fn parse(file: &str, text: &str) -> Result<Problem, DtError> {
    let mut lines = Lines { file, rest: text.lines(), line: 0 };
    let mut counts = [0; HEADER.len()];
    for (count, key) in counts.iter_mut().zip(HEADER) {
        *count = lines.header(key)?;
    }
    let [bool_in, real_in, bool_out, real_out, training, validation, test] = counts;
    let columns = Columns { bool_in, real_in, bool_out, real_out };
    if columns.inputs() == 0 || columns.outputs() == 0 || [training, validation, test].contains(&0) {
        return Err(lines.error("a header with a 0", "inputs, outputs and rows of each of the three kinds"));
    }
    let problem = Problem {
        training: lines.rows(training, &columns)?,
        validation: lines.rows(validation, &columns)?,
        test: lines.rows(test, &columns)?,
    };
    match lines.next("") {
        Ok(text) => Err(lines.error(format!("`{text}`"), "the end of the file")),
        Err(_) => Ok(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const GOOD: &str = "bool_in=1\nreal_in=2\nbool_out=0\nreal_out=1\ntraining_examples=2\n\
        validation_examples=1\ntest_examples=1\n1 .5 -1 0\n 0  0.25 3e-1   1\n1 0 0 1\n0 7 8 9\n";

    fn message(text: &str) -> String {
        parse("a.dt", text).unwrap_err().to_string()
    }

    #[test]
    fn rows_go_where_the_header_says() {
        let problem = parse("a.dt", GOOD).unwrap();
        assert_eq!(problem.training.x, ndarray::array![[1.0, 0.5, -1.0], [0.0, 0.25, 0.3]]);
        assert_eq!(problem.training.y, ndarray::array![[0.0], [1.0]]);
        assert_eq!(problem.validation.x, ndarray::array![[1.0, 0.0, 0.0]]);
        assert_eq!(problem.test.y, ndarray::array![[9.0]]);
    }

    #[test]
    fn a_bad_header_is_named() {
        let wanted = "a.dt, line 2: found `real_inn=2`, expected `real_in=` and a count";
        assert_eq!(message(&GOOD.replace("real_in=", "real_inn=")), wanted);
        let wanted = "a.dt, line 5: found `training_examples=-1`, expected `training_examples=` and a count";
        assert_eq!(message(&GOOD.replace("training_examples=2", "training_examples=-1")), wanted);
        assert!(message(&GOOD.replace("test_examples=1", "test_examples=0")).starts_with("a.dt, line 7: "));
        assert_eq!(message(""), "a.dt, line 1: found the end of the file, expected `bool_in=` and a count");
    }

    #[test]
    fn a_bad_row_is_named() {
        let wanted = "a.dt, line 9: found `?`, expected a finite number";
        assert_eq!(message(&GOOD.replace("3e-1", "?")), wanted);
        assert_eq!(message(&GOOD.replace("3e-1", "inf")), wanted.replace('?', "inf"));
        assert_eq!(message(&GOOD.replace("1 .5", ".5 .5")), "a.dt, line 8: found `.5`, expected 0 or 1");
        let wanted = "a.dt, line 11: found 5 values, expected 4 (3 inputs, 1 outputs)";
        assert_eq!(message(&GOOD.replace("7 8 9", "7 8 9 9")), wanted);
        let wanted = "a.dt, line 11: found 3 values, expected 4 (3 inputs, 1 outputs)";
        assert_eq!(message(&GOOD.replace("7 8 9", "7 8")), wanted);
    }

    #[test]
    fn exactly_as_many_rows_as_declared() {
        let end = "a.dt, line 12: found";
        assert_eq!(
            message(&format!("{GOOD}0 7 8 9\n")),
            format!("{end} `0 7 8 9`, expected the end of the file")
        );
        let huge = GOOD.replace("test_examples=1", "test_examples=4000000000");
        assert_eq!(message(&huge), format!("{end} the end of the file, expected row 2 of 4000000000"));
    }

    #[test]
    fn files_may_be_compressed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("toy")).unwrap();
        let missing = read(folder.path(), "toy1").unwrap_err().to_string();
        assert!(missing.contains("toy1.dt.gz"), "{missing}");
        let file = std::fs::File::create(folder.path().join("toy/toy1.dt.gz")).unwrap();
        let mut gz = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        gz.write_all(GOOD.as_bytes()).unwrap();
        gz.finish().unwrap();
        std::fs::write(folder.path().join("toy/toy2.dt"), GOOD).unwrap();
        for name in ["toy1", "toy2"] {
            assert_eq!(read(folder.path(), name).unwrap().test.x, ndarray::array![[0.0, 7.0, 8.0]]);
        }
    }
}
