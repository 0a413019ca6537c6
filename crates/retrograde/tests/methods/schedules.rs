//! Schedules of the learning rate against PyTorch's and scikit-learn's.

use crate::common::assert_close;
use crate::golden::{list, name, number, section, vector};
use retrograde::optimize::schedule::Place;
use retrograde::{Schedule, Shape};

#[test]
fn schedules_are_pytorch_s_and_scikit_learn_s() {
    let golden = section("schedules");
    let mut seen = 0;
    for entry in list(&golden["schedules"]) {
        let name = name(entry);
        let rates = vector(&entry["rates"]);
        let base = number(&entry["settings"]["base"]);
        let (shape, warm_up) = match name {
            "step" => (Shape::Step { every: 7, factor: 0.5 }, 0.0),
            "cosine" => (Shape::Cosine { period: None, growth: 1, floor: 0.01 }, 0.0),
            "cosine_warm_restarts" => (Shape::Cosine { period: Some(4), growth: 2, floor: 0.01 }, 0.0),
            "one_cycle" => (Shape::OneCycle { rise: 0.3 }, 0.0),
            "linear_warm_up" => (Shape::Constant, 5.0),
            "sklearn_invscaling" => (Shape::InverseScaling { power: 0.5 }, 0.0),
            other => panic!("{other} is no schedule"),
        };
        let schedule = Schedule { shape, warm_up };
        for (step, wanted) in rates.iter().enumerate() {
            let epochs = if name == "cosine" { 30 } else { rates.len() };
            let place = Place { step: step as u64, steps_per_epoch: 1, epochs, rows: 12, reductions: 0 };
            assert_close(&format!("{name} at {step}"), schedule.rate(base, place), *wanted, (1e-15, 1e-12));
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}
