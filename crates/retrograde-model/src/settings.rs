//! Everything a training needs beside the table.

use crate::loss_choice::LossChoice;
use crate::scratch::Widths;
use retrograde::{
    Activation, CheckSettings, Error, Init, Optimizer, Output, Regularisation, Schedule, Shape, TrainSettings,
};
use retrograde_data::{EncoderSettings, Table};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The numbers a network is trained and stored in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// 32-bit floats.
    #[default]
    F32,
    /// 64-bit floats.
    F64,
}

impl Dtype {
    /// `f32` or `f64`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    /// The type of that name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with both names.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        match name {
            "f32" => Ok(Self::F32),
            "f64" => Ok(Self::F64),
            _ => Err(Error::Unknown {
                what: "number type",
                found: name.to_owned(),
                expected: "f32, f64".to_owned(),
            }),
        }
    }

    /// Bytes per number.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Units of the hidden layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hidden {
    /// By the number of training rows: 256 and 128; from 10,000 rows on 256, 256 and 128, for there a third layer finds more
    /// than it invents.
    #[default]
    Auto,
    /// These; none is a linear model.
    Units(Vec<usize>),
}

impl Hidden {
    /// From this many training rows on there is a third layer.
    const DEEPER: usize = 10_000;

    /// The units for a number of training rows.
    pub fn units(&self, rows: usize) -> &[usize] {
        match self {
            Self::Auto if rows < Self::DEEPER => &[256, 128],
            Self::Auto => &[256, 256, 128],
            Self::Units(units) => units,
        }
    }
}

impl From<Vec<usize>> for Hidden {
    fn from(units: Vec<usize>) -> Self {
        Self::Units(units)
    }
}

/// Which rows judge the training without taking part in it. Those of [`FitSettings::test`] are none of these rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Validation {
    /// None of fewer than 50 rows; else a fifth of them up to 100 rows, or a twentieth where that is more.
    #[default]
    Auto,
    /// None: every row is trained on, and the training cost decides.
    None,
    /// This share of the rows, between 0 and 1.
    Share(f64),
    /// All rows of another table.
    Table(Box<Table>),
}

/// By what rows are divided into those that are trained on, those that judge and those of the test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "column", rename_all = "lowercase")]
pub enum SplitBy {
    /// By the seed; stratified when the target is a class: each gives its share.
    #[default]
    Chance,
    /// By the order of a column of dates or numbers: the last rows are held out. Rows of one value stay together. The
    /// column remains an input.
    Order(String),
    /// By the seed, but rows with the same value in a column stay together, those without one too. The column is no input.
    Groups(String),
    /// By a column that names the part of each row: `train` (also `training`, `learn`, 0), `validation` (`valid`, `val`,
    /// `dev`, 1) or `test` (`holdout`, 2). The column is no input.
    Column(String),
}

/// What each class counts for, beside the rows' own weights.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// 1.
    #[default]
    Equal,
    /// M/(K M_c): M is the sum of the training rows' weights, M_c that of class c, K the number of classes. Without row
    /// weights that is m/(K m_c), scikit-learn's `balanced`. All classes then weigh the same together.
    Balanced,
    /// These numbers, finite and not negative; 1 for a class that is not named.
    Given(Vec<(String, f64)>),
}

/// Encoded rows in a file, of which a training holds a window: for tables whose matrix does not fit into memory.
///
/// The table is read and encoded once. The file is as long as that matrix would be, has no name, and is gone with the process.
/// Rows that fit into the window stay in memory, and all is as without streaming. Otherwise only rows of one window are shuffled
/// with each other; which rows those are changes with every epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Streaming {
    /// Where the file is made: a disk with room for it.
    pub folder: PathBuf,
    /// Rows of the window, of which two are held; `None`: as many as 128 MiB hold.
    pub window: Option<usize>,
}

impl Streaming {
    /// Bytes of a window whose rows are not given.
    const WINDOW_BYTES: usize = 128 << 20;

    /// Rows of the window.
    pub(crate) fn window<T>(&self, widths: Widths) -> usize {
        let row = widths.numbers() * size_of::<T>();
        self.window.unwrap_or_else(|| (Self::WINDOW_BYTES / row.max(1)).max(1))
    }
}

/// What to train; [`FitSettings::default`] needs only the targets named.
#[derive(Clone, Debug)]
pub struct FitSettings {
    /// Targets, features, task and scaling. Targets are standardised with the output `identity` only.
    pub encoder: EncoderSettings,
    /// Units of the hidden layers.
    pub hidden: Hidden,
    /// One activation for all hidden layers, or one for each.
    pub activations: Vec<Activation>,
    /// The output; `None`: `softmax` for more than 2 classes, `sigmoid` for 2, `identity` for numbers, `exp` with the
    /// losses `poisson` and `gamma`.
    pub output: Option<Output>,
    /// The loss; `None`: cross-entropy for classes, squared error for numbers.
    pub loss: Option<LossChoice>,
    /// How the weights start.
    pub init: Init,
    /// The numbers the network is trained in.
    pub dtype: Dtype,
    /// Optimiser, λ, epochs, seed, threads.
    pub train: TrainSettings,
    /// Which rows judge.
    pub validation: Validation,
    /// The share of all rows that is held out from everything and scored once, at the end. The share of
    /// [`FitSettings::validation`] is one of the others: with 0.2 and 0.2, 64 % are trained on and 16 % judge.
    pub test: Option<f64>,
    /// By what rows are divided.
    pub split: SplitBy,
    /// The column of the rows' weights w_k, which is then no input: finite numbers, 0 or more. A row of weight 0 is left out.
    /// Whole weights are repeated rows wherever all rows are one batch, for what the encoder learns too.
    pub weight: Option<String>,
    /// What each class counts for: w_k is multiplied by it.
    pub class_weights: ClassWeights,
    /// Rows that are not all to be in memory.
    pub streaming: Option<Streaming>,
    /// The gradient check of the trained network. Its `regularisation` and `inject` are not used: what is checked is
    /// the cost that was trained.
    pub check: Option<CheckSettings>,
}

impl Default for FitSettings {
    /// Two or three hidden layers of relu units ([`Hidden::Auto`]), AdamW with η = 0.003 that falls to 0 along half a cosine, λ = 0.1, f32, and a
    /// check of 64 weights on 256 rows. How many epochs says [`TrainSettings::resolved`].
    ///
    /// One recipe for all tables, chosen on some twenty of them: wide layers that decay holds back learn more than narrow
    /// ones, a rate that falls finds the last percent, and weights that start as small as the course's generalise better
    /// than those of He. λ is small, for the decay already holds the weights back; the penalty is divided by the number of
    /// rows, and with λ = 1 the four rows of the exclusive or were not learnt.
    fn default() -> Self {
        Self {
            encoder: EncoderSettings::default(),
            hidden: Hidden::Auto,
            activations: vec![Activation::Relu],
            output: None,
            loss: None,
            init: Init::Course,
            dtype: Dtype::default(),
            train: TrainSettings {
                optimizer: Optimizer::ADAMW,
                schedule: Schedule { shape: Shape::Auto, ..Schedule::default() },
                regularisation: Regularisation::l2(0.1),
                ..TrainSettings::default()
            },
            validation: Validation::default(),
            test: None,
            split: SplitBy::default(),
            weight: None,
            class_weights: ClassWeights::default(),
            streaming: None,
            check: Some(CheckSettings::default()),
        }
    }
}
