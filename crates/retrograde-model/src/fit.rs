//! From a table to a trained, scored and checked model.

mod outcome;

use crate::checkpoint::{Checkpoint, CheckpointPlan, Description, Keeper};
use crate::divergence::DivergenceReport;
use crate::encoded::Encoded;
use crate::error::ModelError;
use crate::evaluate::Scored;
use crate::load::Loaded;
use crate::model::{Model, Number, Provenance};
use crate::opened::{Keys, Opened};
use crate::prepare::{Prepared, encoder_settings};
use crate::save::pointed_to;
use crate::settings::{Dtype, FitSettings};
use crate::tally::Detail;
use crate::watch::{Clock, Watch, Watched};
pub use outcome::{FitTerms, Fitted, StopReason, TrainScore};
use retrograde::train::Validation;
use retrograde::{CheckSettings, Fit, Flow, Params, TrainSettings, Training};
use retrograde_data::Source;
use std::path::PathBuf;

/// Trains a network on a table.
///
/// 1. Rows without a target, or of weight 0, are left out. The task is found from all others, then they are split: by
///    [`FitSettings::split`], seeded; stratified when classes are predicted.
/// 2. The encoder is learned from the training rows alone, and both parts become matrices in `settings.dtype`.
/// 3. The weights start by `settings.init` and the seed, and are trained; the best ones are kept.
/// 4. The result is scored on all training rows, all validation rows and the test rows, and its gradient is checked in f64.
///
/// The result depends on `table` and `settings` alone, unless the time limit or `watch` ends the training: one that is
/// resumed from a checkpoint ends as if it had never been put down. A training that diverges is no error: [`Fitted::divergence`] says where, and
/// the model has the best finite weights.
///
/// # Errors
/// [`ModelError::Data`] for a table that cannot be used, [`ModelError::Task`] and [`ModelError::Core`] for settings
/// out of range or in contradiction, [`ModelError::Target`] for a target that the loss cannot take,
/// [`ModelError::Checkpoint`] and [`ModelError::Resume`] for a checkpoint that cannot be gone on from.
pub fn fit<'a>(
    table: impl Into<Source<'a>>,
    settings: &FitSettings,
    terms: &FitTerms,
    watch: &mut dyn Watch,
) -> Result<Fitted, ModelError> {
    let clock = Clock::start(terms.time_limit)?;
    let resumed = terms.resume.as_deref().map(Checkpoint::load).transpose()?;
    if let Some(plan) = &terms.checkpoint {
        let goes_on = terms.resume.as_ref().is_some_and(|from| pointed_to(from) == pointed_to(&plan.path));
        match resumed.as_ref().filter(|_| goes_on) {
            Some(found) => {
                Checkpoint::expect_own(&plan.path)?;
                found.promote(&plan.path)?;
            }
            None => Checkpoint::expect_free(&plan.path)?,
        }
    }
    let source = table.into();
    let keys = Keys::of(&source, settings, &encoder_settings(settings))?;
    let mut prepared = Prepared::new(Opened::new(&source, &keys), settings)?;
    let job = Job { settings, plan: terms.checkpoint.as_ref(), resumed: resumed.as_ref() };
    let mut fitted = match settings.dtype {
        Dtype::F32 => job.run::<f32>(&mut prepared, clock, watch),
        Dtype::F64 => job.run::<f64>(&mut prepared, clock, watch),
    }?;
    // Whoever asked to stop waits for the weights, not for a check of them.
    let ended = fitted.divergence.is_none() && fitted.stop != StopReason::Asked;
    if let Some(check) = settings.check.as_ref().filter(|_| ended) {
        // A planted bug is for looking at, not for judging a training by.
        let check = CheckSettings { inject: None, ..check.clone() };
        fitted.check = Some(fitted.model.check_rows(&source, &prepared.train.rows, &check)?);
    }
    fitted.seconds = clock.seconds();
    Ok(fitted)
}

/// A training that is ready to begin.
struct Job<'a> {
    settings: &'a FitSettings,
    plan: Option<&'a CheckpointPlan>,
    resumed: Option<&'a Checkpoint>,
}

impl Job<'_> {
    /// Everything whose type is that of the weights.
    fn run<T: Number>(
        &self,
        prepared: &mut Prepared<'_>,
        clock: Clock,
        watch: &mut dyn Watch,
    ) -> Result<Fitted, ModelError> {
        let Loaded { train: rows, validation: held, test } =
            prepared.load::<T>(self.settings.streaming.as_ref())?;
        let Prepared { encoder, weighting, .. } = &*prepared;
        let mut watched = Watched::new(watch, clock);
        let (fit, checkpoint) = self.train(prepared, &rows, held.as_ref(), &mut watched)?;
        let stop = StopReason::of(&fit.stop, watched.out_of_time);
        let train = prepared.resolved(&self.settings.train);
        let scored = Scored { params: &fit.params, encoder, settings: &train, weighting };
        let evaluation =
            |rows: &Encoded<T>| -> Result<_, ModelError> { Ok(scored.rows(rows, Detail::Full)?.0) };
        let scores = || -> Result<_, ModelError> {
            if let retrograde::StopReason::Stream(failure) = &fit.stop {
                return Err(ModelError::ScratchLost { reason: failure.to_string(), model: None });
            }
            let train_score = TrainScore::of(&scored, &rows)?;
            let validation = held.as_ref().map(evaluation).transpose()?;
            Ok((train_score, validation, test.as_ref().map(evaluation).transpose()?))
        };
        let (train_score, validation, test) = match scores() {
            Ok(scores) => scores,
            // Rows that cannot be read cannot be scored, but what was learnt from them is there.
            Err(ModelError::ScratchLost { reason, .. }) => {
                let model = model(fit, StopReason::Lost, prepared, (self.settings, train));
                return Err(ModelError::ScratchLost { reason, model: Some(Box::new(model)) });
            }
            Err(other) => return Err(other),
        };
        let divergence = divergence(&fit, prepared, &train);
        Ok(Fitted {
            model: model(fit, stop, prepared, (self.settings, train)),
            train: train_score,
            validation,
            test,
            check: None,
            stop,
            seconds: 0.0,
            divergence,
            checkpoint,
        })
    }

    /// The training itself, from its start or a checkpoint, put down on the way when it is to be.
    fn train<T: Number>(
        &self,
        prepared: &Prepared<'_>,
        rows: &Encoded<T>,
        held: Option<&Encoded<T>>,
        watched: &mut Watched<'_>,
    ) -> Result<(Fit<T>, Option<PathBuf>), ModelError> {
        let network = &prepared.network;
        let mut examples = rows.supply(network)?;
        let mut judges = held.map(|held| held.supply(network)).transpose()?;
        let judges = judges.as_mut().map_or(Validation::from(None), |judges| judges.rows().into());
        let settings = &self.settings.train;
        let kept = self.plan.is_some() || self.resumed.is_some();
        let description = kept.then(|| Description::of(self.settings, prepared, rows, held)).transpose()?;
        let mut training = if let (Some(checkpoint), Some(description)) = (self.resumed, &description) {
            let state = checkpoint.state_for::<T>(description)?;
            let resumed = checkpoint.resumed(&state);
            let training = Training::resume(network, state, examples.rows(), judges, settings)?;
            watched.started(&prepared.plan(self.settings));
            watched.checkpoint(&resumed);
            training
        } else {
            watched.started(&prepared.plan(self.settings));
            let start = Params::<T>::init(network, self.settings.init, settings.seed);
            Training::new(&start, examples.rows(), judges, settings)?
        };
        let mut keeper = self
            .plan
            .zip(description)
            .map(|(plan, description)| Keeper::new(plan.clone(), description, training.state().place().0));
        if let (Some(keeper), None) = (&mut keeper, self.resumed) {
            // From the first moment on there is one; and a disk that takes none is better known now than tomorrow.
            keeper.begin(training.state())?;
        }
        loop {
            let flow = training.advance(watched);
            if let Some(event) = keeper.as_mut().and_then(|keeper| keeper.offer(training.state(), flow)) {
                watched.checkpoint(&event);
            }
            if flow == Flow::Stop {
                let fit = training.finish(watched)?;
                return Ok((fit, keeper.and_then(|keeper| keeper.kept())));
            }
        }
    }
}

fn divergence<T>(
    fit: &Fit<T>,
    prepared: &Prepared<'_>,
    settings: &TrainSettings,
) -> Option<DivergenceReport> {
    let retrograde::StopReason::Diverged(found) = &fit.stop else { return None };
    let rate = (!settings.optimizer.is_batch_method()).then(|| settings.learning_rate());
    Some(DivergenceReport {
        learning_rate: rate,
        saved_epoch: fit.best_epoch,
        ..DivergenceReport::of(found, prepared)
    })
}

fn model<T: Number>(
    fit: Fit<T>,
    stop: StopReason,
    prepared: &Prepared<'_>,
    (settings, train): (&FitSettings, TrainSettings),
) -> Model {
    let source = prepared.opened.source;
    Model {
        encoder: prepared.encoder.clone(),
        weighting: prepared.weighting.clone(),
        weights: T::weights(fit.params),
        // How many threads there were changes no bit of a model, and so none of its file.
        settings: TrainSettings { threads: 0, ..train },
        init: settings.init,
        history: fit.history,
        best_epoch: fit.best_epoch,
        stop,
        provenance: Provenance {
            name: source.origin().name.clone(),
            fingerprint: source.origin().fingerprint,
            rows: source.rows(),
            train_rows: prepared.train.rows.len(),
            validation_rows: prepared.validation.as_ref().map_or(0, |part| part.rows.len()),
            test_rows: prepared.test.as_ref().map_or(0, |part| part.rows.len()),
            split: prepared.record.clone(),
            forms: source.origin().forms.clone(),
        },
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
