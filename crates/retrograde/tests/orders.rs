//! Other programs' orders, on a network small enough to write out, and there and back on larger ones.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem};
use ndarray::array;
use retrograde::{Activation, Loss, Network, Output, orders};

/// 2 → 3 → 1, whose flat vector counts 1, 2, 3, …: W⁽¹⁾ = [1 2; 3 4; 5 6], b⁽¹⁾ = 7 8 9, W⁽²⁾ = 10 11 12, b⁽²⁾ = 13.
fn counted() -> (Network, Vec<f64>) {
    let network = Network::new(&[2, 3, 1], &[Activation::Tanh], Output::Sigmoid, Loss::CrossEntropy)
        .expect("a valid network");
    (network, (1..=13).map(f64::from).collect())
}

#[test]
fn the_course_unrolls_columns_with_the_bias_first() {
    let (network, flat) = counted();
    // Theta1 = [7 1 2; 8 3 4; 9 5 6], Theta2 = [13 10 11 12]; (:) reads down the columns.
    let course = [7.0, 8.0, 9.0, 1.0, 3.0, 5.0, 2.0, 4.0, 6.0, 13.0, 10.0, 11.0, 12.0];
    assert_eq!(orders::to_course(&network, &flat).unwrap(), course);
    assert_eq!(orders::from_course(&network, &course).unwrap(), flat);
}

#[test]
fn scikit_learn_holds_the_transpose() {
    let (network, flat) = counted();
    let (coefs, intercepts) = orders::to_sklearn(&network, &flat).unwrap();
    assert_eq!(coefs, [array![[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]], array![[10.0], [11.0], [12.0]]]);
    assert_eq!(intercepts, [array![7.0, 8.0, 9.0], array![13.0]]);
    assert_eq!(orders::from_sklearn(&network, &coefs, &intercepts).unwrap(), flat);
}

#[test]
fn torch_holds_units_by_inputs() {
    let (network, flat) = counted();
    let linear = orders::to_torch(&network, &flat).unwrap();
    assert_eq!(linear.len(), 2);
    assert_eq!(linear[0], (array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], array![7.0, 8.0, 9.0]));
    assert_eq!(linear[1], (array![[10.0, 11.0, 12.0]], array![13.0]));
    assert_eq!(orders::from_torch(&network, &linear).unwrap(), flat);
}

#[test]
fn there_and_back_is_the_identity_bit_for_bit() {
    let limits =
        Limits { depth: 6, units: 20, rows: 1, work: 1000, saturation: 20.0, overflow: Overflow::Never };
    for seed in 0..100 {
        let problem = Problem::random(seed, limits);
        let network = &problem.network;
        let mut flat = problem.theta;
        // Values that equal others without being the same bits, or nothing at all.
        let odd = [-0.0, f64::NAN, f64::NEG_INFINITY, f64::from_bits(1)];
        flat.iter_mut().zip(odd).for_each(|(value, odd)| *value = odd);
        let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();

        let course = orders::to_course(network, &flat).unwrap();
        assert_eq!(bits(&orders::from_course(network, &course).unwrap()), bits(&flat));
        let (coefs, intercepts) = orders::to_sklearn(network, &flat).unwrap();
        assert_eq!(bits(&orders::from_sklearn(network, &coefs, &intercepts).unwrap()), bits(&flat));
        let linear = orders::to_torch(network, &flat).unwrap();
        assert_eq!(bits(&orders::from_torch(network, &linear).unwrap()), bits(&flat));
    }
}

#[test]
fn every_weight_is_found_by_its_name() {
    let (network, _) = counted();
    let names: Vec<String> = (0..13).map(|p| network.weight_at(p).to_string()).collect();
    assert_eq!(
        names.join(" "),
        "L1[1,1] L1[1,2] L1[2,1] L1[2,2] L1[3,1] L1[3,2] L1[1,0] L1[2,0] L1[3,0] \
         L2[1,1] L2[1,2] L2[1,3] L2[1,0]"
    );
    for p in 0..13 {
        assert_eq!(network.index_of(network.weight_at(p)), Some(p));
    }
}
