//! The data sets that come with the crate.

mod toys;

use crate::error::DataError;
use crate::read::{Header, ReadOptions, read_bytes};
use crate::table::{Column, Origin, Table, Values};

/// The handwritten digits, without header; the last column is the digit.
const DIGITS: &[u8] = include_bytes!("../data/digits.csv.gz");
/// The iris flowers, with header.
const IRIS: &[u8] = include_bytes!("../data/iris.csv");

/// A data set with what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// The rows; the origin's name is `@digits` and so on, and there are no file lines.
    pub table: Table,
    /// The columns to predict.
    pub targets: Vec<String>,
    /// The settings under which the set is meant to be used.
    pub defaults: EmbeddedDefaults,
}

/// The settings under which an embedded set is meant to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedDefaults {
    /// Whether inputs and number targets are standardised. Not so for `mazur`, whose published numbers are of the
    /// values as they are.
    pub standardize: bool,
}

/// A line of the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedInfo {
    /// The name, without `@`.
    pub name: &'static str,
    /// What it is, in one line.
    pub description: &'static str,
    /// Its licence.
    pub licence: &'static str,
}

const CC_BY: &str = "CC BY 4.0 (UCI)";
const OWN: &str = "MIT OR Apache-2.0 (made here)";

/// All embedded sets.
pub const EMBEDDED: &[EmbeddedInfo] = &[
    info("digits", "1797 handwritten digits of 8×8 pixels (0 to 16), 10 classes", CC_BY),
    info("iris", "150 flowers by 4 lengths in cm, 3 species", CC_BY),
    info("moons", "400 points of two interleaved half circles, noise 0.2, 2 classes", OWN),
    info("circles", "400 points of two circles of radius 1 and 0.5, noise 0.1, 2 classes", OWN),
    info("sine", "200 points of y = sin x for x from -3 to 3, noise 0.05, a number", OWN),
    info("xor", "the 4 rows of the exclusive or, 2 classes", OWN),
    info("mazur", "the 1 row of Matt Mazur's worked example of backpropagation, 2 numbers", OWN),
];

const fn info(name: &'static str, description: &'static str, licence: &'static str) -> EmbeddedInfo {
    EmbeddedInfo { name, description, licence }
}

/// The embedded set of this name, with or without `@`. Generated sets have the same bits on every platform.
///
/// | name | columns | target |
/// |---|---|---|
/// | `digits` | `p0` … `p63` | `digit` |
/// | `iris` | `sepal_length`, `sepal_width`, `petal_length`, `petal_width` | `species` |
/// | `moons`, `circles` | `u`, `v` | `class` |
/// | `sine` | `x` | `y` |
/// | `xor` | `x1`, `x2` | `y` |
/// | `mazur` | `i1`, `i2` | `o1`, `o2` |
///
/// # Errors
/// [`DataError::UnknownEmbedded`] for any other name.
pub fn embedded(name: &str) -> Result<Embedded, DataError> {
    let name = name.strip_prefix('@').unwrap_or(name);
    let (columns, targets): (Vec<Column>, &[&str]) = match name {
        "digits" => (digits()?, &["digit"]),
        "iris" => (file("iris", IRIS, Header::Present)?, &["species"]),
        "moons" => (toys::moons(), &["class"]),
        "circles" => (toys::circles(), &["class"]),
        "sine" => (toys::sine(), &["y"]),
        "xor" => (toys::xor(), &["y"]),
        "mazur" => (toys::mazur(), &["o1", "o2"]),
        _ => {
            let names = EMBEDDED.iter().map(|info| info.name).collect();
            return Err(DataError::UnknownEmbedded { found: name.to_owned(), names });
        }
    };
    let origin = Origin {
        name: format!("@{name}"),
        format: "embedded".into(),
        fingerprint: Some(fingerprint(&columns)),
        ..Origin::default()
    };
    Ok(Embedded {
        table: Table::new(columns, origin)?,
        targets: targets.iter().map(|&target| target.to_owned()).collect(),
        defaults: EmbeddedDefaults { standardize: name != "mazur" },
    })
}

/// The columns of an included file.
fn file(name: &str, bytes: &[u8], header: Header) -> Result<Vec<Column>, DataError> {
    read_bytes(name, bytes, &ReadOptions { header, ..ReadOptions::default() }).map(|table| table.columns)
}

fn digits() -> Result<Vec<Column>, DataError> {
    let mut columns = file("digits", DIGITS, Header::Absent)?;
    let pixels = columns.len().saturating_sub(1);
    for (i, column) in columns.iter_mut().enumerate() {
        column.name = if i < pixels { format!("p{i}") } else { "digit".into() };
    }
    Ok(columns)
}

/// The fingerprint of the cells, column by column.
fn fingerprint(columns: &[Column]) -> u64 {
    let bytes = columns.iter().flat_map(|column| match &column.values {
        Values::Number(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>(),
        Values::Category { codes, .. } => codes.iter().flat_map(|c| c.to_le_bytes()).collect(),
        Values::Date(moments) => moments.iter().flat_map(|m| m.to_le_bytes()).collect(),
    });
    crate::read::fingerprint(&bytes.collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::{EMBEDDED, embedded};
    use crate::{Encoder, EncoderSettings, Targets};

    #[test]
    fn every_listed_set_is_there_and_encodes() {
        for info in EMBEDDED {
            let set = embedded(&format!("@{}", info.name)).expect(info.name);
            let rows: Vec<usize> = (0..set.table.rows()).collect();
            let settings = EncoderSettings { targets: set.targets.clone(), ..EncoderSettings::default() };
            let encoder = Encoder::fit(&set.table, &rows, &settings).expect(info.name);
            assert!(encoder.transform(&set.table, &rows).is_ok());
        }
    }

    #[test]
    fn digits_has_its_published_class_counts() {
        let set = embedded("digits").expect("digits");
        assert_eq!((set.table.rows(), set.table.columns.len()), (1797, 65));
        let rows: Vec<usize> = (0..1797).collect();
        let settings = EncoderSettings { targets: set.targets, ..EncoderSettings::default() };
        let encoder = Encoder::fit(&set.table, &rows, &settings).expect("an encoder");
        let Targets::Classes(codes) = encoder.targets(&set.table, &rows).expect("targets") else {
            panic!("classes")
        };
        let mut counts = [0; 10];
        for c in codes {
            counts[c as usize] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    }

    #[test]
    fn iris_is_fishers() {
        let set = embedded("iris").expect("iris");
        assert_eq!(
            set.table.names(),
            ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]
        );
        let row = |r: usize| {
            set.table.columns.iter().filter_map(|c| c.values.text(r)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row(34), "4.9 3.1 1.5 0.2 setosa");
        assert_eq!(row(37), "4.9 3.6 1.4 0.1 setosa");
        assert_eq!(row(149), "5.9 3 5.1 1.8 virginica");
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let error = embedded("@digit").expect_err("unknown");
        assert_eq!(error.to_string(), "no embedded data set `@digit`");
        assert_eq!(error.hint().as_deref(), Some("did you mean  @digits ?"));
        assert_eq!(error.details(), ["embedded: digits, iris, moons, circles, sine, xor, mazur"]);
    }
}
