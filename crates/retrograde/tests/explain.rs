//! Explanations: every number against the reference, every verdict on correct networks, every line of the proof.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, assert_close, close};
use ndarray::array;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use retrograde::explain::{Explainer, Names, pulls};
use retrograde::pull::gradient_norms;
use retrograde::{
    Activation, Error, Examples, Loss, Network, Output, Params, Regularisation, Verdict, WeightId, reference,
};

const LIMITS: Limits =
    Limits { depth: 5, units: 9, rows: 40, work: 20_000, saturation: 12.0, overflow: Overflow::Never };
const EXACT: (f64, f64) = (1e-300, 1e-12);

fn explain<T>(problem: &Problem<f64>, with: impl FnOnce(&Explainer<'_>) -> T) -> T {
    let params = problem.params();
    let explainer = Explainer::new(&params, problem.examples(), problem.regularisation, Names::default(), 1);
    with(&explainer.expect("a valid problem"))
}

/// A row and a weight of a problem.
fn choose(problem: &Problem<f64>, seed: u64) -> (usize, WeightId) {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed ^ 0xe);
    let row = rng.random_range(0..problem.x.nrows());
    (row, problem.network.weight_at(rng.random_range(0..problem.theta.len())))
}

/// The target of a row as the cost has it.
fn smoothed(problem: &Problem<f64>, y: &[f64]) -> Vec<f64> {
    match problem.regularisation.label_smoothing {
        0.0 => y.to_vec(),
        _ => problem.regularisation.smooth(problem.network.output(), y),
    }
}

#[test]
fn a_row_is_the_references() {
    for seed in 0..200 {
        let problem = Problem::random(seed, LIMITS);
        let (k, _) = choose(&problem, seed);
        let document = explain(&problem, |explainer| explainer.row(k)).unwrap();
        let (x, y, weight) = problem.rows()[k];
        let pass = reference::backpropagate(&problem.network, &problem.theta, x, &smoothed(&problem, y));
        assert_eq!(document.row_weight, weight);
        assert_eq!(document.cost.to_bits(), pass.cost.to_bits(), "{}", problem.describe());
        let outcome = explain(&problem, |explainer| explainer.outcome(k)).unwrap();
        assert_eq!((outcome.0.to_bits(), &outcome.1), (document.cost.to_bits(), pass.a.last().unwrap()));
        assert_eq!(document.layers.len(), problem.network.sizes().len());
        for (l, layer) in document.layers.iter().enumerate() {
            assert_eq!((layer.l, &layer.a), (l + 1, &pass.a[l]));
            let Some(below) = l.checked_sub(1) else { continue };
            assert_eq!(layer.z.as_ref(), Some(&pass.z[below]));
            assert_eq!(layer.delta.as_ref(), Some(&pass.delta[below]));
            let Some(g) = problem.network.hidden().get(below) else { continue };
            let (slopes, blame) = (layer.gprime.as_ref().unwrap(), layer.blame.as_ref().unwrap());
            for (i, &z) in pass.z[below].iter().enumerate() {
                assert_eq!(slopes[i].to_bits(), reference::slope(*g, z).to_bits());
                assert_close("blame × slope", blame[i] * slopes[i], pass.delta[below][i], EXACT);
            }
        }
        for (l, layer) in problem.network.layers().enumerate() {
            let products = &document.products[&format!("L{}", l + 1)];
            assert_eq!(products.shape, [layer.units, layer.inputs + 1]);
            let data = products.data.as_ref().unwrap();
            for i in 0..layer.units {
                let row = &data[i * (layer.inputs + 1)..][..=layer.inputs];
                assert_eq!(row[0].to_bits(), pass.delta[l][i].to_bits(), "the bias meets a = 1");
                for j in 0..layer.inputs {
                    assert_eq!(row[j + 1], pass.a[l][j] * pass.delta[l][i]);
                }
            }
        }
    }
}

#[test]
fn a_weight_is_the_references_and_never_differs() {
    let mut told = 0;
    for seed in 0..200 {
        let problem = Problem::random(seed, LIMITS);
        let (k, id) = choose(&problem, seed);
        let weight = explain(&problem, |explainer| explainer.weight(k, id)).unwrap();
        let index = problem.network.index_of(id).unwrap();
        let (cost, grad) = problem.reference();
        if !cost.is_finite() {
            continue;
        }
        let all = &weight.all;
        let what = format!("seed {seed}: {id} of {}", problem.describe());
        let total: f64 = problem.rows().iter().map(|row| row.2).sum();
        let size = (all.mean.abs() + all.l2.abs())
            .max(all.pull_max.value.abs().max(all.pull_min.value.abs()) / total);
        assert_close(&what, all.grad, grad[index], (1e-12 * size, 1e-12));
        assert_close(&what, all.grad_sum / all.total_weight + all.l2, all.grad, (1e-15 * size, 1e-14));
        assert_close(&what, weight.product, weight.a * weight.delta, EXACT);
        assert_ne!(weight.verdict, Verdict::Differs, "{what}: {weight:?}");
        assert_ne!(all.verdict, Verdict::Differs, "{what}: {weight:?}");
        told += usize::from(weight.verdict == Verdict::Agrees) + usize::from(all.verdict == Verdict::Agrees);
        if let (Some(blame), Some(slope)) = (&weight.blame, weight.gprime) {
            let scale = blame.terms.iter().map(|term| term.product.abs()).sum::<f64>() * slope.abs();
            assert_close(&what, blame.sum * slope, weight.delta, (1e-13 * scale, 1e-12));
        }
    }
    assert!(told > 370, "{told} of 400 could be told");
}

#[test]
fn pulls_are_the_products_of_every_row_and_their_norms_those_of_the_gradients() {
    for seed in 0..40 {
        let problem = Problem::random(seed, LIMITS);
        let (params, examples) = (problem.params(), problem.examples());
        let norms = gradient_norms(&params, &examples, problem.regularisation, 1).unwrap();
        let mut squares = vec![0.0; examples.rows()];
        for index in 0..problem.theta.len() {
            let id = problem.network.weight_at(index);
            let of_weight = pulls(&params, &examples, problem.regularisation, id, 1).unwrap();
            for (k, pull) in of_weight.iter().enumerate() {
                let (x, y, weight) = problem.rows()[k];
                squares[k] += pull * pull;
                if weight == 0.0 {
                    assert_eq!(*pull, 0.0);
                    continue;
                }
                let pass =
                    reference::backpropagate(&problem.network, &problem.theta, x, &smoothed(&problem, y));
                let a = id.source.map_or(1.0, |j| pass.a[id.layer][j]);
                let delta = pass.delta[id.layer][id.unit];
                let size = norms[k].max(1e-300);
                assert_close(&problem.describe(), *pull, weight * a * delta, (1e-12 * size, 1e-9));
            }
        }
        for (square, norm) in squares.iter().zip(&norms) {
            assert_close("the norm of a row's gradient", *norm, square.sqrt(), EXACT);
        }
    }
}

#[test]
fn every_line_of_the_proof_agrees() {
    let mut lines = 0;
    for seed in 0..100 {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let g = [Activation::Sigmoid, Activation::Tanh, Activation::Relu][seed as usize % 3];
        let (output, classes) = if seed % 2 == 0 { (Output::Softmax, 3) } else { (Output::Sigmoid, 1) };
        let hidden: Vec<usize> = (0..rng.random_range(1..4)).map(|_| rng.random_range(1..6)).collect();
        let sizes: Vec<usize> = [3].into_iter().chain(hidden).chain([classes]).collect();
        let network = Network::new(&sizes, &vec![g; sizes.len() - 2], output, Loss::CrossEntropy).unwrap();
        let theta = (0..network.weight_count()).map(|_| rng.random_range(-1.0..1.0)).collect();
        let params = Params::from_values(&network, theta).unwrap();
        let x = ndarray::Array2::from_shape_simple_fn((8, 3), || rng.random_range(-1.0..1.0));
        let y = ndarray::Array2::from_shape_fn((8, classes), |(k, c)| {
            f64::from(u8::from(if classes == 1 { k % 2 == 0 } else { k % classes == c }))
        });
        let examples = Examples::new(&network, x.view(), y.view(), None).unwrap();
        let explainer =
            Explainer::new(&params, examples, Regularisation::l2(0.5), Names::default(), 1).unwrap();
        let id = network.weight_at(rng.random_range(0..network.weight_count()));
        for line in explainer.proof(seed as usize % 8, id).unwrap() {
            assert_eq!(line.compared.verdict, Verdict::Agrees, "seed {seed}, {id}: {line:?}");
            assert!(!line.why.is_empty() && !line.equals.is_empty());
            lines += 1;
        }
    }
    assert!(lines > 600, "{lines}");
}

#[test]
fn no_line_of_the_proof_differs_for_any_loss() {
    for seed in 0..150 {
        let problem = Problem::random(seed, LIMITS);
        let (k, id) = choose(&problem, seed);
        for line in explain(&problem, |explainer| explainer.proof(k, id)).unwrap() {
            assert_ne!(
                line.compared.verdict,
                Verdict::Differs,
                "seed {seed}, {}: {line:?}",
                problem.describe()
            );
        }
    }
}

#[test]
fn a_unit_is_the_sum_of_what_reaches_it() {
    for seed in 0..60 {
        let problem = Problem::random(seed, LIMITS);
        let (k, id) = choose(&problem, seed);
        let unit = explain(&problem, |explainer| explainer.unit(k, (id.layer, id.unit))).unwrap();
        let size: f64 = unit.reaches.terms.iter().map(|term| term.product.abs()).sum();
        assert_close("z", unit.reaches.sum, unit.z, (1e-14 * size, 1e-12));
        assert_ne!(unit.delta.verdict, Verdict::Differs, "{}: {unit:?}", problem.describe());
        assert_eq!(unit.blame.is_some(), id.layer + 1 < problem.network.depth());
    }
}

#[test]
fn derivatives_by_the_inputs_are_those_of_the_cost_and_of_each_output() {
    for seed in 0..60 {
        let problem = Problem::random(seed, LIMITS);
        let (k, _) = choose(&problem, seed);
        let input = explain(&problem, |explainer| explainer.inputs(k)).unwrap();
        assert_eq!(input.names.len(), problem.network.inputs());
        for by in &input.cost {
            assert_ne!(by.verdict, Verdict::Differs, "seed {seed} {}: {by:?}", problem.describe());
        }
        let smooth = |g: &Activation| !g.has_kink();
        if !problem.network.hidden().iter().all(smooth) {
            continue;
        }
        let x = problem.rows()[k].0.to_vec();
        for j in 0..x.len() {
            let at = |h: f64| {
                let mut x = x.clone();
                x[j] += h;
                reference::forward(&problem.network, &problem.theta, &x).1.pop().unwrap()
            };
            let h = 1e-5;
            for (o, (above, below)) in at(h).iter().zip(at(-h)).enumerate() {
                let numerical = (above - below) / (2.0 * h);
                let found = input.outputs[o][j];
                let allowed = 1e-9 * (1.0 + above.abs()) / h * 1e-2 + 1e-4 * numerical.abs();
                assert!(close(found, numerical, allowed, 0.0), "seed {seed}: {found:e} {numerical:e}");
            }
        }
    }
}

#[test]
fn the_worked_example_is_explained_in_its_published_digits() {
    let network =
        Network::new(&[2, 2, 2], &[Activation::Sigmoid], Output::Sigmoid, Loss::SquaredError).unwrap();
    let theta = vec![0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60];
    let params = Params::from_values(&network, theta).unwrap();
    let (x, y) = (array![[0.05, 0.10]], array![[0.01, 0.99]]);
    let examples = Examples::new(&network, x.view(), y.view(), None).unwrap();
    let names = Names { inputs: vec!["i1".into(), "i2".into()], outputs: vec!["o1".into(), "o2".into()] };
    let explainer = Explainer::new(&params, examples, Regularisation::default(), names, 1).unwrap();
    let row = explainer.row(0).unwrap();
    let close =
        |found: f64, published: f64| assert!((found - published).abs() < 5e-10, "{found} {published}");
    close(row.cost, 0.298_371_109);
    close(row.layers[1].a[0], 0.593_269_992);
    close(row.layers[1].a[1], 0.596_884_378);
    close(row.layers[2].a[0], 0.751_365_070);
    close(row.layers[2].a[1], 0.772_928_465);
    let of =
        |layer, unit, source| explainer.weight(0, WeightId { layer, unit, source: Some(source) }).unwrap();
    close(of(1, 0, 0).product, 0.082_167_041);
    close(of(0, 0, 0).product, 0.000_438_568);
    assert_eq!(of(0, 0, 0).name, "L1[1,i1]");
    assert_eq!(of(0, 0, 0).blame.unwrap().terms[0].from, "o1");
}

#[test]
fn what_is_not_there_is_an_error() {
    let problem = Problem::random(3, LIMITS);
    let rows = problem.x.nrows();
    explain(&problem, |explainer| {
        assert!(matches!(explainer.row(rows), Err(Error::Shape { what: "the row", .. })));
        assert!(matches!(explainer.outcome(rows), Err(Error::Shape { what: "the row", .. })));
        let id = WeightId { layer: 99, unit: 0, source: None };
        assert!(matches!(explainer.weight(0, id), Err(Error::Shape { what: "the weight", .. })));
        assert!(matches!(explainer.unit(0, (0, 1000)), Err(Error::Shape { what: "the unit", .. })));
        assert!(matches!(explainer.unit(0, (77, 0)), Err(Error::Shape { what: "the unit", .. })));
    });
    let names = Names { inputs: vec!["one".into(); problem.network.inputs() + 1], outputs: Vec::new() };
    let params = problem.params();
    assert!(Explainer::new(&params, problem.examples(), problem.regularisation, names, 1).is_err());
}
