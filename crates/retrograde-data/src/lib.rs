//! From bytes to a typed [`Table`], and from a table to encoded matrices.
//!
//! ```text
//! bytes ─ read ─→ Table ─ Encoder::fit(training rows) ─→ Encoder ─ transform, targets ─→ matrices
//! ```
//!
//! * [`read`], [`read_many`] and [`read_bytes`] read CSV, Parquet, Arrow IPC, IDX, MAT v5, NPY, NPZ, svmlight and ARFF
//!   files, compressed or in archives or not, chosen by their content; several files or a pattern become one table.
//! * [`embedded`] gives the data sets that come with the crate.
//! * [`split`] and [`folds`] choose rows, always the same ones for the same seed.
//! * [`Encoder`] learns from training rows how columns become numbers, and is part of a saved model; [`EncoderFit`]
//!   learns it from a table in pieces.
//! * [`plan`] describes a table, and what an encoder makes of it.
//!
//! The crate knows nothing of networks and never prints. Every failure is a [`DataError`], which says what was
//! found, what was expected and where, with a hint that can be pasted.
//!
//! ```
//! use retrograde_data::{Encoder, EncoderSettings, ReadOptions, Targets, read_bytes};
//!
//! let csv = b"age,sex,survived\n20,male,no\n40,female,yes\n,male,no\n";
//! let table = read_bytes("ship.csv", csv, &ReadOptions::default())?;
//! let rows = [0, 1, 2];
//! let settings = EncoderSettings { targets: vec!["survived".into()], ..EncoderSettings::default() };
//! let encoder = Encoder::fit(&table, &rows, &settings)?;
//! assert_eq!(encoder.names(), ["age", "age is missing", "sex=male", "sex=female", "sex=unseen or missing"]);
//! let x = encoder.transform(&table, &rows)?;
//! assert_eq!(x.row(1).to_vec(), [1.0, 0.0, 0.0, 1.0, 0.0]);
//! assert_eq!(encoder.targets(&table, &rows)?, Targets::Classes(vec![0, 1, 0]));
//! # Ok::<(), retrograde_data::DataError>(())
//! ```

mod embedded;
mod encode;
mod error;
mod hint;
mod moment;
mod plan;
mod read;
mod rng;
mod split;
mod table;

pub use embedded::{EMBEDDED, Embedded, EmbeddedDefaults, EmbeddedInfo, embedded};
pub use encode::{
    Choices, DateInput, DatePart, Element, Encoder, EncoderFit, EncoderSettings, InputColumn, InputOrigin,
    InputValue, NumberScale, Reserved, Scaling, TargetEncoding, TargetScaling, Targets, TaskChoice, Unseen,
    rows_with_targets,
};
pub use error::{At, DataError};
pub use hint::{nearest, shell};
pub use plan::{ColumnKind, ColumnSummary, LevelCount, Role, TableSummary, plan};
pub use read::{
    Encoding, Header, Pieces, ReadOptions, Source, open, read, read_bytes, read_many, read_mat_variables,
    scan_columnar, scan_columnar_bytes, scan_csv,
};
pub use split::{HeldPart, HoldOut, Split, folds, folds_in_order, folds_of_groups, split, split_last};
pub use table::{Column, ColumnType, DateOrder, Form, MISSING, MISSING_DATE, Origin, Table, Values};
