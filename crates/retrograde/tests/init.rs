//! How weights start: limits, variance, determinism.

use retrograde::{Activation, Init, Loss, Network, Output, Params};

fn network(activation: Activation) -> Network {
    Network::new(&[300, 100, 50], &[activation], Output::Softmax, Loss::CrossEntropy)
        .expect("a valid network")
}

/// Every value within ±limit, some close to it, and the variance that of a uniform distribution.
#[track_caller]
fn fills(what: &str, values: &[f64], limit: f64) {
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    assert!(largest <= limit, "{what}: {largest} exceeds {limit}");
    assert!(largest > 0.99 * limit, "{what}: {largest} stays far below {limit}");
    let variance = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
    let expected = limit * limit / 3.0;
    assert!((variance / expected - 1.0).abs() < 0.1, "{what}: variance {variance}, expected {expected}");
}

#[test]
fn limits_of_every_initialisation() {
    let network = network(Activation::Sigmoid);
    let (first, second) = (network.layer(0), network.layer(1));
    let start = |init| Params::<f64>::init(&network, init, 7).into_values();

    let course = start(Init::Course);
    fills("course, layer 1", &course[first.weights.start..first.bias.end], (6.0f64 / 400.0).sqrt());
    fills("course, layer 2", &course[second.weights.start..second.bias.end], (6.0f64 / 150.0).sqrt());
    for (init, gain) in [(Init::He, 2.0), (Init::Lecun, 1.0)] {
        let values = start(init);
        fills(init.name(), &values[first.weights.clone()], (3.0f64 * gain / 300.0).sqrt());
        fills(init.name(), &values[second.weights.clone()], (3.0f64 * gain / 100.0).sqrt());
        assert!(values[first.bias.clone()].iter().all(|b| *b == 0.0), "{} has no bias", init.name());
        assert!(values[second.bias.clone()].iter().all(|b| *b == 0.0), "{} has no bias", init.name());
    }
    assert!(start(Init::Zeros).iter().all(|v| *v == 0.0));
}

#[test]
fn auto_chooses_by_activation() {
    for activation in Activation::ALL {
        let network = network(activation);
        let values = Params::<f64>::init(&network, Init::Auto, 7).into_values();
        let (first, last) = (network.layer(0), network.layer(1));
        let (limit, has_bias) = match activation {
            Activation::Identity | Activation::Sigmoid | Activation::Tanh => ((6.0f64 / 400.0).sqrt(), true),
            Activation::Selu => ((3.0f64 / 300.0).sqrt(), false),
            _ => ((6.0f64 / 300.0).sqrt(), false),
        };
        fills(activation.name(), &values[first.weights], limit);
        assert_eq!(values[first.bias].iter().any(|b| *b != 0.0), has_bias, "{}", activation.name());
        fills("the last layer", &values[last.weights], (6.0f64 / 150.0).sqrt());
    }
}

#[test]
fn one_seed_one_start() {
    let network = network(Activation::Relu);
    for init in Init::ALL {
        let start = |seed| Params::<f64>::init(&network, init, seed);
        assert_eq!(start(3), start(3), "{}", init.name());
        if init != Init::Zeros {
            assert_ne!(start(3), start(4), "{}", init.name());
        }
        let single = Params::<f32>::init(&network, init, 3);
        assert_eq!(single, start(3).convert(), "{} in f32 is f64 rounded", init.name());
    }
}
