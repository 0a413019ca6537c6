//! The measures of rows that are scored block by block.

use crate::evaluate::{Evaluation, TargetMeasures};
use crate::measures::{Errors, MAX_CLASSES, Mean, auc, confusion, log_odds, predicted_class, weight_of};
use crate::model::Number;
use crate::targets::{Block, Truth, central_outputs, uncross};
use ndarray::{Array2, ArrayView2};
use retrograde::{Loss, Network, Output};
use retrograde_data::TargetEncoding;

/// Which measures are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Those that are sums over rows.
    Brief,
    /// Those too that keep something of every row: AUC and confusion.
    Full,
}

/// The measures of the rows so far.
pub(crate) struct Tally<'a, T> {
    network: &'a Network,
    encoding: &'a TargetEncoding,
    /// The activations of a row.
    a: Vec<T>,
    measures: Measures,
}

enum Measures {
    Classes(Classes),
    Numbers(Vec<Errors>),
}

/// What is kept of rows with classes.
#[derive(Default)]
struct Classes {
    hits: Mean,
    /// `None` when the outputs are not one distribution.
    log_loss: Option<Mean>,
    every: Option<EveryRow>,
}

/// What AUC and confusion need of every row.
#[derive(Default)]
struct EveryRow {
    codes: Vec<u32>,
    predicted: Vec<usize>,
    own: Option<Vec<f64>>,
    /// One column of scores per class; a single sigmoid has one for both. None of more classes than have an AUC.
    scores: Vec<Vec<f64>>,
}

impl<'a, T: Number> Tally<'a, T> {
    /// No rows yet.
    pub(crate) fn new(network: &'a Network, encoding: &'a TargetEncoding, detail: Detail) -> Self {
        let measures = match encoding.classes() {
            Some(classes) => {
                let columns = if classes.len() > MAX_CLASSES { 0 } else { network.outputs() };
                let every = EveryRow { scores: vec![Vec::new(); columns], ..EveryRow::default() };
                let is_distribution = network.output() == Output::Softmax || network.outputs() == 1;
                Measures::Classes(Classes {
                    log_loss: is_distribution.then(Mean::default),
                    every: (detail == Detail::Full).then_some(every),
                    ..Classes::default()
                })
            }
            None => Measures::Numbers(vec![Errors::default(); encoding.columns().len()]),
        };
        Self { network, encoding, a: vec![T::from_f64(0.0); network.outputs()], measures }
    }

    /// The next rows, from Z⁽ᴸ⁾.
    pub(crate) fn add(&mut self, z: &Array2<T>, block: &Block<'_, T>) {
        match (&mut self.measures, &block.truth) {
            (Measures::Classes(classes), Truth::Classes(codes)) => {
                classes.add(self.network, z, (codes, block.own), &mut self.a);
            }
            (Measures::Numbers(_), Truth::Numbers(targets)) => self.add_numbers(z, *targets, block.own),
            _ => debug_assert!(false, "the targets are the encoder's"),
        }
    }

    fn add_numbers(&mut self, z: &Array2<T>, targets: ArrayView2<'_, f64>, own: Option<&[f64]>) {
        let Measures::Numbers(errors) = &mut self.measures else { return };
        let central = central_outputs(self.network, self.encoding);
        for (row, (z, y)) in z.rows().into_iter().zip(targets.rows()).enumerate() {
            self.network.output().apply(&z.to_vec(), &mut self.a);
            uncross(self.network, self.encoding, &mut self.a);
            let weight = weight_of(own, row);
            for (t, (errors, &unit)) in errors.iter_mut().zip(&central).enumerate() {
                let pair = (self.encoding.unscale(t, y[t]), self.encoding.unscale(t, self.a[unit].into()));
                errors.add(pair, weight);
            }
        }
    }

    /// The measures of all rows, beside what is in `evaluation`.
    pub(crate) fn finish(self, evaluation: Evaluation) -> Evaluation {
        match self.measures {
            Measures::Classes(classes) => {
                classes.finish(self.encoding.classes().unwrap_or_default(), evaluation)
            }
            Measures::Numbers(errors) => numbers(&errors, &self.encoding.columns(), evaluation),
        }
    }
}

impl Classes {
    fn add<T: Number>(
        &mut self,
        network: &Network,
        z: &Array2<T>,
        (codes, own): (&[u32], Option<&[f64]>),
        a: &mut [T],
    ) {
        let units = network.outputs();
        let (mut y, mut scratch) = (vec![0.0; units], vec![0.0; units]);
        for (row, (z, &code)) in z.rows().into_iter().zip(codes).enumerate() {
            network.output().apply(&z.to_vec(), a);
            let (predicted, weight) = (predicted_class(a), weight_of(own, row));
            let wide: Vec<f64> = z.iter().map(|&z| z.into()).collect();
            self.hits.add(if predicted == code as usize { 1.0 } else { 0.0 }, weight);
            if let Some(log_loss) = &mut self.log_loss {
                y.fill(0.0);
                if units == 1 {
                    y[0] = f64::from(code);
                } else {
                    y[code as usize] = 1.0;
                }
                let cost = Loss::CrossEntropy.cost(network.output(), &wide, &y, &mut scratch);
                log_loss.add(cost, weight);
            }
            if let Some(every) = &mut self.every {
                every.predicted.push(predicted);
                if !every.scores.is_empty() {
                    let scores = if network.output() == Output::Softmax { log_odds(&wide) } else { wide };
                    every.scores.iter_mut().zip(scores).for_each(|(column, score)| column.push(score));
                }
            }
        }
        if let Some(every) = &mut self.every {
            every.codes.extend_from_slice(codes);
            if let Some(own) = own {
                every.own.get_or_insert_default().extend_from_slice(own);
            }
        }
    }

    fn finish(self, names: &[String], evaluation: Evaluation) -> Evaluation {
        let every = self.every.as_ref();
        Evaluation {
            accuracy: Some(self.hits.get()),
            log_loss: self.log_loss.map(Mean::get),
            auc: every.and_then(|every| every.auc(names.len())),
            confusion: every
                .and_then(|every| confusion(names, (&every.codes, every.own.as_deref()), &every.predicted)),
            ..evaluation
        }
    }
}

impl EveryRow {
    /// The AUC of the second of two classes, else the mean over all classes that have rows and lack some.
    fn auc(&self, classes: usize) -> Option<f64> {
        let one = |class: usize| {
            let positive: Vec<bool> = self.codes.iter().map(|&code| code as usize == class).collect();
            let column = self.scores.get(class.min(self.scores.len().checked_sub(1)?))?;
            auc(column, &positive, self.own.as_deref())
        };
        if classes == 2 {
            return one(1);
        }
        let found: Vec<f64> = (0..classes).filter_map(one).collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    }
}

/// The measures of numbers, in the targets' units.
fn numbers(errors: &[Errors], columns: &[&str], evaluation: Evaluation) -> Evaluation {
    let cells: f64 = errors.iter().map(|e| e.total).sum();
    let r2: Option<Vec<f64>> = errors.iter().map(Errors::r2).collect();
    let each = errors.iter().zip(columns).map(|(e, column)| TargetMeasures {
        column: (*column).to_owned(),
        rmse: (e.squares / e.total).sqrt(),
        mae: e.absolute / e.total,
        r2: e.r2(),
    });
    Evaluation {
        rmse: Some((errors.iter().map(|e| e.squares).sum::<f64>() / cells).sqrt()),
        mae: Some(errors.iter().map(|e| e.absolute).sum::<f64>() / cells),
        r2: r2.map(|r2| r2.iter().sum::<f64>() / r2.len() as f64),
        targets: if errors.len() > 1 { each.collect() } else { Vec::new() },
        ..evaluation
    }
}
