//! Published and precomputed numbers: `golden/*.json`, made by `golden/make_golden.py` with 1,200 digits.

mod common;

use common::{assert_close, close};
use retrograde::{Activation, Evaluator, Examples, Loss, Network, Output, Real, Regularisation, Scalar};
use serde_json::Value;

/// Below 1e-308 a double has few digits: e^z may be off by its last one, 5e-324, and a product with z by z of them.
const UNDERFLOW: f64 = 4e-321;

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        // null stands for a number that overflows a double.
        Value::Null => vec![f64::INFINITY],
        number => vec![number.as_f64().expect("a number")],
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().expect("a list")
}

/// |found − expected| in units of the expected value; 0 where both vanish.
fn relative(found: f64, expected: f64) -> f64 {
    if found == expected || close(found, expected, UNDERFLOW, 0.0) {
        return 0.0;
    }
    (found - expected).abs() / expected.abs()
}

/// What an activation may lose: the roundings of its own formula.
fn tolerance(activation: Activation) -> f64 {
    match activation {
        Activation::Identity | Activation::Relu => 0.0,
        Activation::LeakyRelu | Activation::Elu => 3e-16,
        // z² ≈ 1,400 is in the exponent.
        Activation::Gelu => 2e-15,
        _ => 1e-15,
    }
}

/// The slope's error relative to itself, or near one of its zeros to the terms that cancel there.
fn slope_error(z: f64, found: f64, expected: f64) -> f64 {
    let terms = if (-2.0..0.0).contains(&z) { 0.25 } else { 0.0 };
    relative(found, expected) * expected.abs() / expected.abs().max(terms).max(f64::from_bits(1))
}

#[test]
fn activations_keep_both_tails() {
    let golden: Value = serde_json::from_str(include_str!("golden/activations.json")).unwrap();
    let mut seen = 0;
    let mut faults = Vec::new();
    for entry in list(&golden, "activations") {
        let name = entry["name"].as_str().unwrap();
        let Ok(activation) = Activation::from_name(name) else {
            assert_eq!(name, "exp", "the only output activation in the list");
            continue;
        };
        let (mut worst, mut worst_slope) = ((0.0, 0.0), (0.0, 0.0));
        for case in list(entry, "cases") {
            let z = case["z"].as_f64().unwrap();
            let expected = (numbers(&case["value"])[0], numbers(&case["derivative"])[0]);
            let found = activation.value_and_slope(z);
            assert_eq!(found.0, activation.value(z), "{name}({z}) is the same with and without its slope");
            for (error, worst) in [
                (relative(found.0, expected.0), &mut worst),
                (slope_error(z, found.1, expected.1), &mut worst_slope),
            ] {
                if !(error <= worst.0) {
                    *worst = (error, z);
                }
            }
        }
        println!(
            "{name:12} g {:.1e} at {:e}, g′ {:.1e} at {:e}",
            worst.0, worst.1, worst_slope.0, worst_slope.1
        );
        if !(worst.0 <= tolerance(activation) && worst_slope.0 <= tolerance(activation)) {
            faults.push(name);
        }
        seen += 1;
    }
    assert_eq!(seen, Activation::ALL.len());
    assert!(faults.is_empty(), "digits lost by {faults:?}");
}

#[test]
fn the_reference_keeps_them_nearly_as_well() {
    let golden: Value = serde_json::from_str(include_str!("golden/activations.json")).unwrap();
    for entry in list(&golden, "activations") {
        let name = entry["name"].as_str().unwrap();
        let Ok(activation) = Activation::from_name(name) else { continue };
        for case in list(entry, "cases") {
            let z = case["z"].as_f64().unwrap();
            // The textbook e^(−z²/2) rounds z²/2 ≈ 700 before it exponentiates: 700 ε.
            let rtol = 3e-13;
            let expected = (numbers(&case["value"])[0], numbers(&case["derivative"])[0]);
            let what = format!("{name} at {z}");
            assert_close(
                &what,
                retrograde::reference::activate(activation, z),
                expected.0,
                (UNDERFLOW, rtol),
            );
            assert_close(&what, retrograde::reference::slope(activation, z), expected.1, (UNDERFLOW, rtol));
        }
    }
}

#[test]
fn f32_follows_f64() {
    // In f64 the formulas are golden (above), so f64 is what f32 is measured against, at numbers that are both.
    for activation in Activation::ALL {
        let mut worst = (0.0, 0.0);
        for step in -8000..=8000i16 {
            let z = f32::from(step) / 64.0; // −125 … 125: where e^z fits f32 as well
            let (value, slope) = activation.value_and_slope(z);
            let expected = activation.value_and_slope(f64::from(z));
            for (found, expected) in [(value, expected.0), (slope, expected.1)] {
                // Subnormals of f32 carry few digits; near a zero of g or g′ the digits of its terms count.
                let atol: f64 = if z.abs() < 4.0 { 3e-7 } else { 1e-43 };
                let atol = if expected.abs() < 1e-37 { atol.max(2e-38 * 1e-5) } else { atol };
                let error = (f64::from(found) - expected).abs() - atol;
                let error = error / expected.abs().max(1e-300);
                if !(error <= worst.0) {
                    worst = (error, f64::from(z));
                }
            }
        }
        println!("{:12} {:.1e} at {}", activation.name(), worst.0, worst.1);
        assert!(worst.0 <= 4e-6, "{}: {:e} at {}", activation.name(), worst.0, worst.1);
    }
}

fn loss_of(entry: &Value) -> (Loss, Output) {
    let loss = match entry["loss"].as_str().expect("a name") {
        "cross-entropy" => Loss::CrossEntropy,
        "squared error" => Loss::SquaredError,
        "absolute" => Loss::Absolute,
        "huber" => Loss::Huber { delta: entry["delta"].as_f64().expect("a number") },
        "poisson" => Loss::Poisson,
        "gamma" => Loss::Gamma,
        "quantile" => Loss::Quantile { levels: numbers(&entry["quantiles"]) },
        other => panic!("unknown loss {other}"),
    };
    (loss, Output::from_name(entry["output"].as_str().expect("a name")).expect("a known output"))
}

/// ℓ and δ at this type.
fn cost_and_delta<T: Scalar>(loss: &Loss, output: Output, z: &[f64], y: &[f64]) -> (f64, Vec<f64>) {
    let convert = |v: &[f64]| v.iter().map(|&v| T::constant(v)).collect::<Vec<T>>();
    let (mut a, mut delta) = (convert(z), convert(z));
    let cost = loss.cost_and_delta(output, &convert(z), &convert(y), &mut a, &mut delta);
    (cost.value(), delta.into_iter().map(Real::value).collect())
}

#[test]
fn losses_and_their_error_terms() {
    let golden: Value = serde_json::from_str(include_str!("golden/losses.json")).unwrap();
    for entry in list(&golden, "losses") {
        let name = entry["name"].as_str().unwrap();
        let (loss, output) = loss_of(entry);
        let (mut worst, mut worst_f32) = (0.0f64, 0.0f64);
        for case in list(entry, "cases") {
            let (z, mut y) = (numbers(&case["z"]), numbers(&case["y"]));
            if y.len() < z.len() {
                y = vec![y[0]; z.len()]; // one target for every quantile
            }
            let (cost, dz) = (numbers(&case["cost"])[0], numbers(&case["dz"]));
            let found = cost_and_delta::<f64>(&loss, output, &z, &y);
            let alone = loss.cost(output, &z, &y, &mut z.clone());
            let what = format!("{name} z={z:?} y={y:?}");
            assert_close(&format!("{what} cost alone"), alone, cost, (UNDERFLOW, 1e-14));
            let network = Network::new(&[1, z.len()], &[], output, loss.clone());
            let network = network.unwrap_or_else(|_| panic!("{name} is a valid pair"));
            let reference = (
                retrograde::reference::loss(&network, &z, &y),
                retrograde::reference::last_delta(&network, &z, &y),
            );
            for (who, (c, d)) in [("fast", &found), ("reference", &reference)] {
                assert_close(&format!("{what} {who} cost"), *c, cost, (UNDERFLOW, 1e-14));
                for (k, (&found, &expected)) in d.iter().zip(&dz).enumerate() {
                    assert_close(&format!("{what} {who} dz[{k}]"), found, expected, (UNDERFLOW, 1e-14));
                    worst = worst.max(relative(found, expected));
                }
            }
            worst_f32 = worst_f32.max(f32_error(&loss, output, &z, &y, cost));
        }
        println!("{name:24} f64 {worst:.1e}, f32 {worst_f32:.1e}");
        assert!(worst_f32 <= 5e-6, "{name} in f32: {worst_f32:e}");
    }
}

/// The f32 cost's relative error where z and y are f32 numbers and the cost is one too; else 0.
fn f32_error(loss: &Loss, output: Output, z: &[f64], y: &[f64], cost: f64) -> f64 {
    let single = |v: &f64| f64::from(*v as f32) == *v;
    let normal = (f64::from(f32::MIN_POSITIVE)..1e37).contains(&cost);
    if !(normal && z.iter().all(single) && y.iter().all(single)) {
        return 0.0;
    }
    relative(cost_and_delta::<f32>(loss, output, z, y).0, cost)
}

#[test]
fn a_saturated_unit_is_not_rounded_to_certainty() {
    let sigma_prime = Activation::Sigmoid.value_and_slope(40.0f64).1;
    assert_close("σ′(40)", sigma_prime, 4.248_354_255_291_589e-18, (0.0, 2e-16));
    let (cost, delta) = cost_and_delta::<f64>(&Loss::CrossEntropy, Output::Sigmoid, &[40.0], &[1.0]);
    assert_close("the cost", cost, (-40.0f64).exp().ln_1p(), (0.0, 2e-16));
    assert_close("δ", delta[0], -4.248_354_255_291_589e-18, (0.0, 2e-16));
}

#[test]
fn the_course_s_sigmoid_gradient() {
    let published = [0.196_612, 0.235_004, 0.25, 0.235_004, 0.196_612];
    for (z, published) in [-1.0, -0.5, 0.0, 0.5, 1.0].into_iter().zip(published) {
        let slope: f64 = Activation::Sigmoid.value_and_slope(z).1;
        assert_close(&format!("σ′({z})"), slope, published, (5e-7, 0.0));
    }
}

/// Mazur's flat vector: W⁽¹⁾, b⁽¹⁾, W⁽²⁾, b⁽²⁾.
fn mazur_flat(group: &Value, names: [&str; 4]) -> Vec<f64> {
    names.iter().flat_map(|name| numbers(&group[*name])).collect()
}

#[test]
fn mazur_s_example_digit_by_digit() {
    let golden: Value = serde_json::from_str(include_str!("golden/mazur.json")).unwrap();
    let (inputs, results, published) = (&golden["inputs"], &golden["results"], &golden["published"]);
    let network =
        Network::new(&[2, 2, 2], &[Activation::Sigmoid], Output::Sigmoid, Loss::SquaredError).unwrap();
    let theta = mazur_flat(inputs, ["w1", "b1", "w2", "b2"]);
    let expected = mazur_flat(results, ["grad_w1", "grad_b1", "grad_w2", "grad_b2"]);
    let (x, y) = (numbers(&inputs["x"]), numbers(&inputs["y"]));
    let view = |v| ndarray::ArrayView2::from_shape((1, 2), v).unwrap();
    let examples = Examples::new(&network, view(&x), view(&y), None).unwrap();
    let mut evaluator = Evaluator::new(&network, Regularisation::default(), 1, 1).unwrap();
    let mut grad = vec![0.0; theta.len()];
    let cost = evaluator.cost_and_grad(&theta, &examples, &mut grad);
    let rows = [(&x[..], &y[..], 1.0)];
    let reference = retrograde::reference::cost_and_grad(&network, &theta, &rows, Regularisation::default());
    let (_, a) = retrograde::reference::forward(&network, &theta, &x);

    for (who, cost, grad) in [("fast", cost, &grad), ("reference", reference.0, &reference.1)] {
        assert_close(&format!("{who} J"), cost, numbers(&results["cost"])[0], (0.0, 1e-15));
        as_published(&format!("{who} J"), &[cost], &published["cost"]);
        for (p, (&found, &expected)) in grad.iter().zip(&expected).enumerate() {
            assert_close(&format!("{who} ∂J/∂{}", network.weight_at(p)), found, expected, (0.0, 1e-14));
        }
        as_published(&format!("{who} ∂J/∂W2_11"), &grad[6..7], &published["grad_w2[0][0]"]);
        as_published(&format!("{who} ∂J/∂W1_11"), &grad[..1], &published["grad_w1[0][0]"]);
        // His step of 0.5 leaves the biases where they are.
        let mut stepped = theta.clone();
        for layer in network.layers() {
            layer.weights.for_each(|p| stepped[p] -= 0.5 * grad[p]);
        }
        as_published(&format!("{who} W1 after the step"), &stepped[..4], &published["stepped_w1"]);
        as_published(&format!("{who} W2 after the step"), &stepped[6..10], &published["stepped_w2"]);
        let after = evaluator.cost(&stepped, &examples, retrograde::CostPart::Loss);
        let expected = numbers(&results["cost_after_step_of_weights_only"])[0];
        assert_close(&format!("{who} J after the step"), after, expected, (0.0, 1e-14));
    }
    as_published("a2", &a[1], &published["a2"]);
    as_published("a3", &a[2], &published["a3"]);
}

/// Printed digits are rounded or cut: less than one unit of their last place off.
#[track_caller]
fn as_published(what: &str, found: &[f64], published: &Value) {
    let texts: Vec<&str> = match published {
        Value::Array(_) => flatten(published),
        text => vec![text.as_str().expect("a string")],
    };
    assert_eq!(found.len(), texts.len(), "{what}");
    for (found, text) in found.iter().zip(texts) {
        let decimals = text.split_once('.').map_or(0, |(_, digits)| digits.len());
        let unit = 10f64.powi(-i32::try_from(decimals).expect("few decimals"));
        let expected: f64 = text.parse().expect("a number");
        assert!((found - expected).abs() < unit, "{what}: found {found}, published {text}");
    }
}

fn flatten(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().flat_map(flatten).collect(),
        text => vec![text.as_str().expect("a string")],
    }
}

/// At ±∞ a formula may multiply 0 by ∞: a unit that has overflowed must keep its limit and not turn into NaN.
#[test]
fn activations_have_their_limits_at_infinity() {
    for activation in Activation::ALL {
        for z in [f64::NEG_INFINITY, f64::INFINITY] {
            let (a, slope) = activation.value_and_slope(z);
            assert!(!a.is_nan() && !slope.is_nan(), "{} at {z}: {a}, {slope}", activation.name());
            assert_eq!(activation.value(z), a, "{} at {z}", activation.name());
            assert!(activation.value(f64::NAN).is_nan(), "{} hides NaN", activation.name());
        }
    }
    for activation in [Activation::Gelu, Activation::Silu, Activation::Mish] {
        assert_eq!(activation.value_and_slope(f64::NEG_INFINITY), (0.0, 0.0));
        assert_eq!(activation.value_and_slope(f64::INFINITY), (f64::INFINITY, 1.0));
    }
}
