//! Units that do nothing, or the same as others, and how much error reaches each layer.

use ndarray::{Array2, array};
use retrograde::explain::pulls;
use retrograde::layers::health::health;
use retrograde::pull::mean_pulls;
use retrograde::{Activation, Examples, Init, Loss, Network, Output, Params, Regularisation, Trace};

const NONE: Regularisation = Regularisation { lambda: 0.0, label_smoothing: 0.0 };

fn rows() -> (Array2<f64>, Array2<f64>) {
    let x = Array2::from_shape_fn((300, 2), |(k, j)| ((k * 7 + j * 5) % 11) as f64 / 5.0 - 1.0);
    let y = Array2::from_shape_fn((300, 1), |(k, _)| f64::from(u8::from(x[(k, 0)] > 0.0)));
    (x, y)
}

fn network(hidden: &[Activation], sizes: &[usize]) -> Network {
    Network::new(sizes, hidden, Output::Sigmoid, Loss::CrossEntropy).expect("a network")
}

#[test]
fn a_dead_a_live_and_a_repeated_unit() {
    let network = network(&[Activation::Relu], &[2, 4, 1]);
    let into = [-1.0, -1.0, 0.5, 0.2, 0.3, -0.4, 1.0, 0.4];
    let bias = [-5.0, 0.1, 0.2, 0.2];
    let out = [1.0, 0.5, -0.4, 0.25, 0.0];
    let params = Params::from_values(&network, [&into[..], &bias, &out].concat()).unwrap();
    let (x, y) = rows();
    let examples = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let found = health(&params, &examples, NONE).unwrap();
    assert_eq!((found[0].l, found[0].units, found.len()), (2, 4, 2));
    assert_eq!(found[0].dead, [0]);
    // Twice the weights in, half the weight out: the same direction.
    assert_eq!(found[0].duplicates, [(3, 1)]);
    assert!(found[0].saturated.is_empty() && found[1].dead.is_empty() && found[1].activation.is_none());
}

#[test]
fn saturation_is_counted_by_rows() {
    for activation in [Activation::Sigmoid, Activation::Tanh] {
        let network = network(&[activation], &[2, 2, 1]);
        let values = vec![0.5, -0.5, 0.3, 0.3, 0.0, 9.0, 1.0, -1.0, 0.0];
        let params = Params::from_values(&network, values).unwrap();
        let (x, y) = rows();
        let examples = Examples::new(&network, x.view(), y.view(), None).unwrap();
        assert_eq!(health(&params, &examples, NONE).unwrap()[0].saturated, [1]);
    }
}

#[test]
fn the_means_are_those_of_the_trace_and_of_every_rows_pulls() {
    let network = network(&[Activation::Tanh, Activation::Relu], &[2, 3, 2, 1]);
    let params = Params::<f64>::init(&network, Init::Auto, 3);
    let (x, y) = rows();
    let weights: Vec<f64> = (0..300).map(|k| f64::from(k % 3)).collect();
    let examples = Examples::new(&network, x.view(), y.view(), Some(&weights)).unwrap();
    let trace = Trace::of(&params, &examples, NONE).unwrap();
    let found = health(&params, &examples, NONE).unwrap();
    for (l, layer) in found.iter().enumerate() {
        let expected = trace.delta[l].mapv(f64::abs).mean().unwrap();
        assert!((layer.mean_delta - expected).abs() <= 1e-13 * expected, "{layer:?} {expected}");
        let slope = trace.slope.get(l).map(|slope| slope.mean().unwrap());
        assert!(layer.mean_slope.zip(slope).is_none_or(|(a, b)| (a - b).abs() <= 1e-13));
        assert_eq!(layer.mean_slope.is_some(), slope.is_some());
    }
    let means = mean_pulls(&params, &examples, NONE).unwrap();
    assert_eq!(means.len(), network.weight_count());
    for (index, mean) in means.iter().enumerate() {
        let of_rows = pulls(&params, &examples, NONE, network.weight_at(index), 2).unwrap();
        let expected = of_rows.iter().map(|pull| pull.abs()).sum::<f64>() / 300.0;
        assert!((mean - expected).abs() <= 1e-13 * expected.max(1e-3), "{index}: {mean} {expected}");
    }
}

#[test]
fn rows_of_another_network_are_refused() {
    let network = network(&[Activation::Relu], &[2, 2, 1]);
    let other = Network::new(&[3, 1], &[], Output::Sigmoid, Loss::CrossEntropy).unwrap();
    let (x, y) = (array![[0.0, 0.0, 1.0]], array![[1.0]]);
    let examples = Examples::new(&other, x.view(), y.view(), None).unwrap();
    let params = Params::<f64>::init(&network, Init::Auto, 1);
    assert!(health(&params, &examples, NONE).is_err() && mean_pulls(&params, &examples, NONE).is_err());
}

/// tanh 2z is not 2 tanh z: units of one direction do different things unless they are as long.
#[test]
fn where_g_bends_weights_of_one_direction_are_no_duplicates() {
    let (x, y) = rows();
    let found = |activation: Activation, second: f64| {
        let network = network(&[activation], &[2, 2, 1]);
        let into = [0.5, 0.2, 0.5 * second, 0.2 * second];
        let values = [&into[..], &[0.1, 0.1 * second], &[0.5, 0.25, 0.0]].concat();
        let params = Params::from_values(&network, values).unwrap();
        let examples = Examples::new(&network, x.view(), y.view(), None).unwrap();
        health(&params, &examples, NONE).unwrap()[0].duplicates.clone()
    };
    for activation in [Activation::Sigmoid, Activation::Tanh, Activation::Silu] {
        assert_eq!(found(activation, 2.0), []);
        assert_eq!(found(activation, 1.0), [(1, 0)]);
        assert_eq!(found(activation, 1.001), [(1, 0)]);
    }
    assert_eq!(found(Activation::LeakyRelu, 2.0), [(1, 0)]);
    assert_eq!(found(Activation::LeakyRelu, -2.0), []);
}
