//! The methods on a function of one's own.

use retrograde::Optimizer;
use retrograde::optimize::minimise::{Closure, MinimiseSettings, minimise};

#[test]
fn a_function_of_one_s_own() {
    // x⁴ + (y − 1)², flat at its minimum.
    let bowl = |x: &[f64], grad: &mut [f64]| {
        grad.copy_from_slice(&[4.0 * x[0].powi(3), 2.0 * (x[1] - 1.0)]);
        x[0].powi(4) + (x[1] - 1.0).powi(2)
    };
    let settings = MinimiseSettings { learning_rate: 0.05, iterations: 3_000, grad_norm: 1e-8 };
    for (name, optimizer) in Optimizer::NAMED {
        if matches!(optimizer, Optimizer::Auto | Optimizer::LevenbergMarquardt { .. }) {
            continue;
        }
        let found = minimise(Closure::new(2, bowl), vec![1.0, 3.0], optimizer, settings).expect("a minimum");
        assert!(found.point.cost < 1e-3 && found.evaluations > 1.0, "{name}: {found:?}");
    }
    // Steps that are too long end with the best there was.
    let long = MinimiseSettings { learning_rate: 10.0, ..settings };
    let found =
        minimise(Closure::new(2, bowl), vec![1.0, 3.0], Optimizer::GradientDescent, long).expect("finite");
    assert_eq!(found.point.theta, [1.0, 3.0]);
    let refused = |start: Vec<f64>, optimizer, settings| {
        minimise(Closure::new(2, bowl), start, optimizer, settings).is_err()
    };
    assert!(refused(vec![f64::NAN, 0.0], Optimizer::LBFGS, settings));
    assert!(refused(vec![0.0], Optimizer::LBFGS, settings));
    assert!(refused(vec![0.0; 2], Optimizer::Auto, settings));
    assert!(refused(vec![0.0; 2], Optimizer::Sgd { momentum: 7.0, nesterov: false }, settings));
    assert!(refused(vec![0.0; 2], Optimizer::SGD, MinimiseSettings { learning_rate: -1.0, ..settings }));
}
