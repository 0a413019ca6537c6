//! Several trainings at once: an ensemble, the folds of a cross-validation, a search for settings.
//!
//! Small networks leave little to share out within a step; networks beside each other share out whole trainings, and
//! wait for each other only at the very end.

use super::{EpochRecord, Fit, Flow, Observer, StopReason, TrainSettings, train};
use crate::error::Result;
use crate::examples::Examples;
use crate::params::Params;
use crate::real::Scalar;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// One training of several: the arguments of [`train`](super::train()).
#[derive(Debug, Clone)]
pub struct Job<'a, T> {
    /// Where it starts.
    pub start: Params<T>,
    /// The rows it learns from.
    pub train: Examples<'a, T>,
    /// The rows it is judged by.
    pub validation: Option<Examples<'a, T>>,
    /// Its settings, with a seed of its own; its threads are at most those it is given among the others.
    pub settings: TrainSettings,
}

/// Watches several trainings, from several threads at once, and may stop them all. `()` watches nothing.
///
/// Jobs are numbered from 0; [`Flow::Stop`] for one of them ends every one, each with its best weights so far.
pub trait Observers: Sync {
    /// As [`Observer::batch`].
    fn batch(&self, job: usize, epoch: usize, batch: usize, batches: usize) -> Flow {
        let _ = (job, epoch, batch, batches);
        Flow::Continue
    }

    /// As [`Observer::epoch`].
    fn epoch(&self, job: usize, record: &EpochRecord, best: bool) -> Flow {
        let _ = (job, record, best);
        Flow::Continue
    }
}

impl Observers for () {}

/// Trains all jobs on at most `threads` threads (0: all there are), in their order as threads become free.
///
/// Each result is, bit for bit, that of [`train`](super::train()) on its job alone: a refused or diverged training touches
/// no other. Where there are at least as many jobs as threads, each has one thread; fewer jobs share the threads out. When an
/// observer stops them, jobs that have not begun give back their start.
///
/// Ten networks that differ in nothing but their seeds are worth more together than one:
///
/// ```
/// use ndarray::{Array2, array};
/// use retrograde::train::{Job, side_by_side};
/// use retrograde::{Activation, Examples, Init, Loss, Network, Optimizer, Output, Params, TrainSettings, predict};
///
/// let network = Network::new(&[1, 8, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError)?;
/// let x = Array2::from_shape_fn((40, 1), |(k, _)| k as f64 / 10.0 - 2.0);
/// let y = x.mapv(f64::sin);
/// let train = Examples::new(&network, x.view(), y.view(), None)?;
///
/// let job = |seed| Job {
///     start: Params::init(&network, Init::Auto, seed),
///     train,
///     validation: None,
///     settings: TrainSettings { optimizer: Optimizer::LBFGS, epochs: Some(100), seed, ..TrainSettings::default() },
/// };
/// let jobs: Vec<Job<f64>> = (0..10).map(job).collect();
/// let fits = side_by_side(&jobs, 0, &()).into_iter().collect::<retrograde::Result<Vec<_>>>()?;
///
/// let unseen = array![[0.33]];
/// let predictions: Vec<f64> =
///     fits.iter().map(|fit| Ok(predict(&fit.params, unseen.view())?[[0, 0]])).collect::<retrograde::Result<_>>()?;
/// let mean = predictions.iter().sum::<f64>() / 10.0;
/// assert!((mean - 0.33f64.sin()).abs() < 0.01);
/// # Ok::<(), retrograde::Error>(())
/// ```
///
/// # Errors
/// Each job's own, as [`train`](super::train()).
///
/// # Panics
/// When an observer does, after the other trainings have ended.
pub fn side_by_side<T: Scalar>(
    jobs: &[Job<'_, T>],
    threads: usize,
    observers: &dyn Observers,
) -> Vec<Result<Fit<T>>> {
    let stopped = AtomicBool::new(false);
    share_out(jobs.len(), threads, |index, threads| {
        let job = &jobs[index];
        if stopped.load(Ordering::Relaxed) {
            return Ok(job.untrained());
        }
        let threads = if job.settings.threads == 0 { threads } else { threads.min(job.settings.threads) };
        let settings = TrainSettings { threads, ..job.settings.clone() };
        let mut observer = One { job: index, observers, stopped: &stopped };
        train(&job.start, &job.train, job.validation.as_ref(), &settings, &mut observer)
    })
}

impl<T: Scalar> Job<'_, T> {
    /// What comes of it when it is stopped before it begins.
    fn untrained(&self) -> Fit<T> {
        Fit { params: self.start.clone(), best_epoch: 0, history: Vec::new(), stop: StopReason::Asked }
    }
}

/// The observer of one job.
struct One<'a> {
    job: usize,
    observers: &'a dyn Observers,
    stopped: &'a AtomicBool,
}

impl One<'_> {
    /// A wish to stop is everybody's.
    fn for_all(&self, flow: Flow) -> Flow {
        if flow == Flow::Stop {
            self.stopped.store(true, Ordering::Relaxed);
        }
        if self.stopped.load(Ordering::Relaxed) { Flow::Stop } else { Flow::Continue }
    }
}

impl Observer for One<'_> {
    fn batch(&mut self, epoch: usize, batch: usize, batches: usize) -> Flow {
        self.for_all(self.observers.batch(self.job, epoch, batch, batches))
    }

    fn epoch(&mut self, record: &EpochRecord, best: bool) -> Flow {
        self.for_all(self.observers.epoch(self.job, record, best))
    }
}

/// Does jobs 0…`jobs` on at most `threads` threads (0: all there are), and gives their results in order.
///
/// `work` is called with the number of a job and the threads it may use. Who is done takes the next job, so that jobs of
/// unequal length leave no thread idle before the last ones. Where the system starts fewer threads, those do it all.
///
/// # Panics
/// When `work` does, after the jobs of the other threads.
pub fn share_out<R: Send>(jobs: usize, threads: usize, work: impl Fn(usize, usize) -> R + Sync) -> Vec<R> {
    let available = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if threads == 0 { available() } else { threads };
    let workers = threads.min(jobs).max(1);
    let next = AtomicUsize::new(0);
    let work = |worker: usize| {
        let threads = threads / workers + usize::from(worker < threads % workers);
        let mut done = Vec::new();
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                return done;
            }
            done.push((job, work(job, threads)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let work = &work;
        let helpers: Vec<_> = (1..workers)
            .map_while(|worker| std::thread::Builder::new().spawn_scoped(scope, move || work(worker)).ok())
            .collect();
        let mut done = work(0);
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|&(job, _)| job);
    done.into_iter().map(|(_, result)| result).collect()
}
