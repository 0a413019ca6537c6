//! Put down and taken up between any two batches.

use crate::case::{Case, bits, settings, with_dropout};
use crate::common::Habits;
use retrograde::train::{Rows, Validation};
use retrograde::{
    Flow, Observer, Optimizer, Scalar, Schedule, Shape, StopReason, Streamed, TrainSettings, TrainState,
    Training,
};

/// The training, taken up after each batch from what it was put down as.
fn paused<T: Scalar>(
    case: &Case<T>,
    mut rows: impl FnMut() -> Streamed<T>,
    mut judges: impl FnMut() -> Option<Streamed<T>>,
    settings: &TrainSettings,
) -> Vec<u64> {
    let mut state: Option<TrainState<T>> = None;
    let (mut kept, mut kept_judges) = (rows(), judges());
    loop {
        let place = state.as_ref().map_or((0, 0), TrainState::place);
        // A stream that was read before, and one that was not.
        if place.1.is_multiple_of(3) {
            (kept, kept_judges) = (rows(), judges());
        }
        let settings = TrainSettings { threads: 1 + place.1 % 3, ..settings.clone() };
        let (rows, judges) =
            (Rows::from(&mut kept), kept_judges.as_mut().map_or(Validation::from(None), Validation::from));
        let mut training = match state.take() {
            None => Training::new(&case.start(), rows, judges, &settings),
            Some(state) => Training::resume(&case.network, state, rows, judges, &settings),
        }
        .expect("valid settings");
        if training.advance(&mut ()) == Flow::Stop {
            let last = training.theta().to_vec();
            return bits(&last, &training.finish(&mut ()).expect("threads"));
        }
        state = Some(training.state().clone());
    }
}

#[test]
fn any_pause_leaves_the_bits_alone() {
    let (case, held) = (Case::<f32>::narrow(53), Case::<f32>::narrow(20));
    let cosine = Schedule { shape: Shape::Cosine { period: Some(2), growth: 2, floor: 0.1 }, warm_up: 1.5 };
    for (window, batch) in [(7, 7), (13, 3), (27, 5), (53, 5)] {
        for optimizer in [Optimizer::ADAM, Optimizer::NESTEROV] {
            let settings = with_dropout(settings(optimizer, batch), 2);
            let settings = TrainSettings { schedule: cosine, ..settings };
            let rows = || {
                let habits = Habits { block: 6, ..Habits::default() };
                case.supplier(habits).streamed(&case.network, window)
            };
            for judged in [false, true] {
                let judges = || judged.then(|| held.streamed(9));
                let whole = match judges() {
                    None => case.bits(&mut rows(), None, &settings),
                    Some(mut judges) => case.bits(&mut rows(), &mut judges, &settings),
                };
                assert!(paused(&case, rows, judges, &settings) == whole, "window {window}, batch {batch}");
            }
        }
    }
}

/// Stops in the middle of the second window of the second epoch.
struct Impatient;

impl Observer for Impatient {
    fn batch(&mut self, epoch: usize, batch: usize, _: usize) -> Flow {
        if (epoch, batch) == (2, 5) { Flow::Stop } else { Flow::Continue }
    }
}

#[test]
fn an_observer_can_stop_it_and_it_goes_on() {
    let case = Case::<f64>::narrow(53);
    let settings = settings(Optimizer::ADAM, 4);
    let whole = case.bits(&mut case.streamed(13), None, &settings);
    let mut rows = case.streamed(13);
    let mut training = Training::new(&case.start(), &mut rows, None, &settings).unwrap();
    while training.advance(&mut Impatient) == Flow::Continue {}
    let state = training.state().clone();
    assert_eq!(state.place(), (1, 5));
    assert_eq!(training.finish(&mut ()).unwrap().stop, StopReason::Asked);
    let mut training = Training::resume(&case.network, state, &mut rows, None, &settings).unwrap();
    while training.advance(&mut ()) == Flow::Continue {}
    let last = training.theta().to_vec();
    assert!(bits(&last, &training.finish(&mut ()).unwrap()) == whole);
}
