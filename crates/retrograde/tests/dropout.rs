//! Dropout: which units are left out, and that what is left is scaled for it.

mod common;

use common::assert_close;
use ndarray::Array2;
use retrograde::dropout::Draw;
use retrograde::{Activation, Evaluator, Examples, Loss, Network, Output, Regularisation, TrainSettings};

fn network() -> Network {
    Network::new(&[20, 30, 1], &[Activation::Identity], Output::Identity, Loss::SquaredError)
        .expect("a network")
}

fn draw(epoch: u64, batch: u32) -> Draw {
    Draw { rates: vec![0.2, 0.5], seed: 7, epoch, batch }
}

/// The share p of zeros, and everything else 1/(1 − p): the mean of each factor is 1.
#[test]
fn factors_are_zero_as_often_as_their_rate_and_scaled_for_it() {
    let network = network();
    for (l, rate) in [0.2, 0.5].into_iter().enumerate() {
        let factors: Vec<f64> = (0..40)
            .flat_map(|block| draw(1, 0).factors::<f64>(&network, block, 256).swap_remove(l))
            .collect();
        let zeros = factors.iter().filter(|&&d| d == 0.0).count() as f64;
        let n = factors.len() as f64;
        // Five standard deviations.
        let slack = 5.0 * (rate * (1.0 - rate) / n).sqrt();
        assert_close("share of zeros", zeros / n, rate, (slack, 0.0));
        assert!(factors.iter().all(|&d| d == 0.0 || (d - 1.0 / (1.0 - rate)).abs() < 1e-15));
        assert_close("mean", factors.iter().sum::<f64>() / n, 1.0, (5.0 * slack, 0.0));
    }
}

#[test]
fn every_epoch_batch_block_row_and_layer_has_its_own() {
    let network = network();
    let first = draw(1, 0).factors::<f64>(&network, 0, 4);
    assert_eq!(first, draw(1, 0).factors::<f64>(&network, 0, 4));
    for other in [
        draw(2, 0).factors::<f64>(&network, 0, 4),
        draw(1, 1).factors::<f64>(&network, 0, 4),
        draw(1, 0).factors::<f64>(&network, 1, 4),
        Draw { seed: 8, ..draw(1, 0) }.factors::<f64>(&network, 0, 4),
    ] {
        assert!(first[0] != other[0] && first[1] != other[1]);
    }
    let rows: Vec<&[f64]> = first[1].chunks_exact(30).collect();
    assert!(rows[0] != rows[1] && rows[1] != rows[2]);
    // f32 drops the same units.
    let narrow = draw(1, 0).factors::<f32>(&network, 0, 4);
    assert!(first[1].iter().zip(&narrow[1]).all(|(a, b)| (*a == 0.0) == (*b == 0.0)));
    assert_eq!(
        Draw { rates: vec![0.0, 0.5], ..draw(1, 0) }.factors::<f64>(&network, 0, 4)[0],
        Vec::<f64>::new()
    );
}

/// Of a linear network without penalty, J's gradient is linear in each factor: over many draws its mean is that of the
/// network with noise of known size, and ∂z/∂Θ's mean is the whole network's.
#[test]
fn the_mean_over_draws_is_the_whole_network() {
    let network =
        Network::new(&[2, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError).expect("valid");
    let (x, y) = (Array2::from_elem((1, 2), 1.0), Array2::from_elem((1, 1), 0.0));
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("a row");
    let mut evaluator = Evaluator::<f64>::new(&network, Regularisation::default(), 1, 1).expect("valid");
    let theta = [0.5, 1.5, 1.0];
    let draws = 20_000;
    let mut mean = [0.0; 3];
    for epoch in 0..draws {
        evaluator.drop_units(Some(Draw { rates: vec![0.5], seed: 1, epoch, batch: 0 }));
        let mut grad = [0.0; 3];
        evaluator.cost_and_grad(&theta, &rows, &mut grad);
        mean.iter_mut().zip(grad).for_each(|(m, g)| *m += g / draws as f64);
    }
    // z = w₁d₁ + w₂d₂ + b with d 0 or 2: E z = 3, E d₁z = 2w₁ + w₂ + b = 3.5, E d₂z = w₁ + 2w₂ + b = 4.5.
    for (found, wanted) in mean.iter().zip([3.5, 4.5, 3.0]) {
        assert_close("mean gradient", *found, wanted, (0.1, 0.0));
    }
    // Costs without a gradient are of all units.
    let cost = evaluator.cost(&theta, &rows, retrograde::CostPart::Loss);
    assert_eq!(cost, 4.5);
}

#[test]
fn threads_change_no_unit() {
    let network = network();
    let x = Array2::from_shape_fn((1_000, 20), |(k, j)| ((k * 7 + j) % 13) as f32 / 13.0);
    let y = Array2::from_elem((1_000, 1), 1.0f32);
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("rows");
    let theta: Vec<f32> = (0..network.weight_count()).map(|i| (i % 7) as f32 / 7.0 - 0.5).collect();
    let grad = |threads: usize| {
        let mut evaluator = Evaluator::new(&network, Regularisation::l2(1.0), 1_000, threads).expect("valid");
        evaluator.drop_units(Some(draw(3, 1)));
        let mut grad = vec![0.0f32; theta.len()];
        let cost = evaluator.cost_and_grad(&theta, &rows, &mut grad);
        (cost, grad)
    };
    let one = grad(1);
    for threads in [2, 3, 8] {
        assert!(grad(threads) == one, "{threads} threads");
    }
}

#[test]
fn one_rate_is_that_of_all_hidden_layers() {
    let hidden = [Activation::Tanh, Activation::Tanh];
    let network =
        Network::new(&[2, 3, 3, 1], &hidden, Output::Identity, Loss::SquaredError).expect("a network");
    let resolved = |network: &Network, rates: &[f64]| {
        TrainSettings { dropout: rates.to_vec(), ..TrainSettings::default() }.resolved(network, 100).dropout
    };
    assert_eq!(resolved(&network, &[0.25]), [0.0, 0.25, 0.25]);
    assert_eq!(resolved(&network, &[0.1, 0.2, 0.3]), [0.1, 0.2, 0.3]);
    assert_eq!(resolved(&network, &[0.0]), Vec::<f64>::new());
    // Without hidden layers it is that of the inputs.
    let line =
        Network::new(&[2, 1], &[] as &[Activation], Output::Identity, Loss::SquaredError).expect("a network");
    assert_eq!(resolved(&line, &[0.25]), [0.25]);
}
