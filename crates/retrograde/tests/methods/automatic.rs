//! The method that `auto` stands for.

use crate::case::network;
use retrograde::{Activation, Loss, Optimizer, Output, TrainSettings};

#[test]
fn auto_goes_by_rows_weights_and_loss() {
    let network = |sizes: &[usize], output, loss| network(sizes, &[Activation::Tanh], output, loss);
    let squares = network(&[8, 16, 1], Output::Identity, Loss::SquaredError); // 161 weights
    let classes = network(&[8, 16, 3], Output::Softmax, Loss::CrossEntropy); // 195
    let wide = network(&[784, 100, 10], Output::Softmax, Loss::CrossEntropy); // 79,510
    assert_eq!(Optimizer::automatic(&squares, 1_610), Optimizer::LM);
    assert_eq!(Optimizer::automatic(&squares, 1_609), Optimizer::LBFGS);
    assert_eq!(Optimizer::automatic(&classes, 1_950), Optimizer::LBFGS);
    assert_eq!(Optimizer::automatic(&classes, 30_000), Optimizer::ADAM);
    assert_eq!(Optimizer::automatic(&wide, 62), Optimizer::LBFGS);
    assert_eq!(Optimizer::automatic(&wide, 63), Optimizer::ADAM);
    // What only step methods do decides first.
    let auto = TrainSettings { optimizer: Optimizer::Auto, ..TrainSettings::default() };
    let with_rate = TrainSettings { learning_rate: Some(0.1), ..auto.clone() };
    let dropped = TrainSettings { dropout: vec![0.0, 0.5], ..auto.clone() };
    let nothing = TrainSettings { dropout: vec![0.0, 0.0], ..auto.clone() };
    let chosen = |settings: &TrainSettings| settings.resolved(&squares, 5_000).optimizer;
    assert_eq!(
        [&auto, &with_rate, &dropped, &nothing].map(chosen),
        [Optimizer::LM, Optimizer::ADAM, Optimizer::ADAM, Optimizer::LM]
    );
}
