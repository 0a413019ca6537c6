//! Where a window holds all rows nothing changes; where it does not, neither threads nor speed change anything.

use crate::case::{Case, settings, with_dropout};
use crate::common::{Habits, STEP_METHODS};
use retrograde::{BatchSize, Optimizer, Scalar, TrainSettings};
use std::sync::atomic::Ordering;

fn one_window<T: Scalar>() {
    let case = Case::<T>::wide(700);
    let held = Case::<T>::wide(90);
    let methods = STEP_METHODS.into_iter().chain([Optimizer::LBFGS, Optimizer::Auto]);
    for (place, optimizer) in methods.enumerate() {
        let mut settings = settings(optimizer, 200);
        if optimizer == Optimizer::Auto {
            settings.batch = BatchSize::Auto;
        }
        if !optimizer.is_batch_method() && place % 2 == 1 && optimizer != Optimizer::Auto {
            settings = with_dropout(settings, case.network.depth());
        }
        let (rows, judges) = (case.examples(), held.examples());
        for threads in [1, 2, 3] {
            let settings = TrainSettings { threads, ..settings.clone() };
            let (whole, whole_judged) =
                (case.bits(&rows, None, &settings), case.bits(&rows, Some(&judges), &settings));
            for window in [700, usize::MAX] {
                let what = format!("{} {}, {threads} threads, window {window}", T::NAME, optimizer.name());
                let supplier = case.supplier(Habits { at_once: 13, ..Habits::default() });
                let mut streamed = supplier.streamed(&case.network, window);
                let alone = case.bits(&mut streamed, None, &settings);
                assert!(alone == whole, "{what}");
                // A second training with the same stream reads nothing.
                let mut streamed_judges = held.streamed(window);
                let judged = case.bits(&mut streamed, &mut streamed_judges, &settings);
                assert!(judged == whole_judged, "{what}, judged");
                assert_eq!(supplier.passes.load(Ordering::SeqCst), 1, "{what}");
            }
        }
    }
}

#[test]
fn a_window_that_holds_all_rows_changes_no_bit_of_f32() {
    one_window::<f32>();
}

#[test]
fn a_window_that_holds_all_rows_changes_no_bit_of_f64() {
    one_window::<f64>();
}

fn several_windows<T: Scalar>() {
    let case = Case::<T>::wide(1500);
    for (window, batch) in [(400, 200), (1499, 200), (700, 600)] {
        for optimizer in STEP_METHODS {
            let habits = Habits { block: 100, ..Habits::default() };
            let bits = |threads| {
                let settings = TrainSettings {
                    threads,
                    ..with_dropout(settings(optimizer, batch), case.network.depth())
                };
                let mut rows = case.supplier(habits).streamed(&case.network, window);
                case.bits(&mut rows, None, &settings)
            };
            let alone = bits(1);
            for threads in [2, 3] {
                assert!(bits(threads) == alone, "{} {} {threads} threads", T::NAME, optimizer.name());
            }
        }
    }
}

#[test]
fn threads_change_no_bit_of_f32() {
    several_windows::<f32>();
}

#[test]
fn threads_change_no_bit_of_f64() {
    several_windows::<f64>();
}

/// Windows of validation rows are scored to the bits of all rows at once, and so a training is the same whatever they are.
#[test]
fn validation_windows_change_no_bit() {
    let (case, held) = (Case::<f32>::wide(300), Case::<f32>::wide(1100));
    let (rows, judges) = (case.examples(), held.examples());
    for (optimizer, batch) in [(Optimizer::ADAM, 100), (Optimizer::LBFGS, 300)] {
        let settings = settings(optimizer, batch);
        let whole = case.bits(&rows, Some(&judges), &settings);
        for window in [256, 300, 512, 1024, 1099] {
            let mut judges = held.streamed(window);
            assert!(case.bits(&rows, &mut judges, &settings) == whole, "a window of {window}");
        }
        // Below a group of rows only rounding differs.
        let close = case.bits(&rows, &mut held.streamed(7), &settings);
        let near = |(a, b): (&u64, &u64)| (f64::from_bits(*a) - f64::from_bits(*b)).abs() < 1e-6;
        assert!(close.iter().zip(&whole).all(near));
    }
}
