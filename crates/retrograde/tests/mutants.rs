//! Mistakes written by hand into a naive backpropagation, that the check must find and name: nothing here is shared with
//! what injects or diagnoses them.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem};
use retrograde::{
    Bug, CheckReport, CheckSettings, Examples, Loss, Output, Verdict, check_gradient, reference,
};

/// Small, smooth and far from saturation, so that every mistake shows.
const LIMITS: Limits =
    Limits { depth: 3, units: 6, rows: 25, work: 20_000, saturation: 3.0, overflow: Overflow::Never };

/// One example at a time, as one would write it down from the course, with one mistake in it.
fn naive(problem: &Problem<f64>, rows: &Examples<'_, f64>, mistake: Option<Bug>) -> Vec<f64> {
    let (network, theta) = (&problem.network, &problem.theta);
    let (total, last) = (rows.total_weight(), network.depth() - 1);
    let mut sum = vec![0.0; theta.len()];
    for k in 0..rows.rows() {
        let (x, y, w) = rows.row(k);
        let (z, a) = reference::forward(network, theta, &x);
        let mut delta = reference::last_delta(network, &z[last], y);
        if mistake == Some(Bug::LastLayerSlope) {
            // The habit from squared error: (a − y) ∘ g′(z), also where the loss has cancelled g′.
            delta = delta.iter().zip(&a[last + 1]).map(|(d, a)| d * a * (1.0 - a)).collect();
        }
        if mistake == Some(Bug::LastRowOnly) {
            sum.fill(0.0);
        }
        for l in (0..=last).rev() {
            let layer = network.layer(l);
            for i in 0..layer.units {
                for j in 0..layer.inputs {
                    sum[layer.weights.start + i * layer.inputs + j] += w * delta[i] * a[l][j];
                }
                if mistake != Some(Bug::MissingBias) {
                    sum[layer.bias.start + i] += w * delta[i];
                }
            }
            if l > 0 {
                let back = |j: usize| {
                    let blame: f64 = (0..layer.units)
                        .map(|i| theta[layer.weights.start + i * layer.inputs + j] * delta[i])
                        .sum();
                    match mistake {
                        Some(Bug::MissingSlope) => blame,
                        _ => blame * reference::slope(network.hidden()[l - 1], z[l - 1][j]),
                    }
                };
                delta = (0..layer.inputs).map(back).collect();
            }
        }
    }
    finish(problem, total, mistake, &mut sum);
    sum
}

/// D from Δ: λΘ, 1/M, and the mistakes that are made there.
fn finish(problem: &Problem<f64>, total: f64, mistake: Option<Bug>, sum: &mut [f64]) {
    let (network, theta, lambda) = (&problem.network, &problem.theta, problem.regularisation.lambda);
    for layer in network.layers() {
        let decayed = match mistake {
            Some(Bug::MissingLambda) => 0..0,
            Some(Bug::RegularisedBias) => layer.weights.start..layer.bias.end,
            _ => layer.weights.clone(),
        };
        for p in decayed {
            sum[p] += lambda * theta[p];
        }
    }
    let factor = match mistake {
        Some(Bug::NotAveraged) => 1.0,
        Some(Bug::WrongSign) => -1.0 / total,
        _ => 1.0 / total,
    };
    for d in &mut *sum {
        *d *= factor;
    }
    if mistake == Some(Bug::Transposed) {
        let largest = network.layers().max_by_key(|layer| layer.weights.len()).expect("a layer");
        let right = sum.to_vec();
        let columns =
            (0..largest.inputs).flat_map(|j| (0..largest.units).map(move |i| i * largest.inputs + j));
        for (place, from) in columns.enumerate() {
            sum[largest.weights.start + place] = right[largest.weights.start + from];
        }
    }
}

/// Problems on which all mistakes show: several rows, hidden units that are not linear, a penalty, cross-entropy.
fn suited() -> impl Iterator<Item = Problem<f64>> {
    (0..).map(|seed| Problem::random(seed, LIMITS)).filter_map(|mut problem| {
        let network = &problem.network;
        let smooth = network.hidden().iter().all(|g| !g.has_kink() && g.name() != "identity");
        let wide = network.sizes().iter().all(|&units| units > 1);
        let fits = network.depth() > 1
            && smooth
            && wide
            && *network.loss() == Loss::CrossEntropy
            && network.output() == Output::Sigmoid
            && problem.x.nrows() > 4;
        problem.regularisation.lambda = 0.7;
        problem.regularisation.label_smoothing = 0.0;
        for bias in problem.network.layers().flat_map(|layer| layer.bias) {
            // A bias of 0 hides that it is regularised.
            problem.theta[bias] += if problem.theta[bias] == 0.0 { 0.3 } else { 0.0 };
        }
        fits.then_some(problem)
    })
}

fn judged(problem: &Problem<f64>, faulty: impl Fn(&Examples<'_, f64>) -> Vec<f64>) -> CheckReport {
    let settings =
        CheckSettings { regularisation: problem.regularisation, weights: None, ..CheckSettings::default() };
    check_gradient(&problem.params(), &problem.examples(), &settings, |rows| Ok(faulty(rows)))
        .expect("a check")
}

#[test]
fn the_naive_gradient_is_right() {
    for problem in suited().take(20) {
        let report = judged(&problem, |rows| naive(&problem, rows, None));
        assert_eq!(report.verdict, Verdict::Agrees, "{}: {report:?}", problem.describe());
    }
}

#[test]
fn mistakes_written_by_hand_are_named() {
    for bug in Bug::ALL {
        for problem in suited().take(20) {
            let report = judged(&problem, |rows| naive(&problem, rows, Some(bug)));
            let named = report.diagnosis.as_ref().and_then(|d| d.bug);
            assert_eq!(
                (report.verdict, named),
                (Verdict::Differs, Some(bug)),
                "{}: {}",
                bug.name(),
                problem.describe()
            );
        }
    }
}

#[test]
fn one_derivative_that_is_a_little_off_is_seen() {
    for problem in suited().take(20) {
        let right = judged(&problem, |rows| naive(&problem, rows, None));
        // One that the check is not unsure of: a tenth of the largest or more.
        let largest = right.results.iter().map(|r| r.backpropagation.abs()).fold(0.0, f64::max);
        let chosen =
            right.results.iter().find(|r| r.backpropagation.abs() > 0.1 * largest).expect("one").index;
        // A billionth is seen by dual numbers alone; central differences, whose U is larger, may side with either.
        for (error, verdicts) in
            [(1e-4, &[Verdict::Differs][..]), (1e-9, &[Verdict::Differs, Verdict::CannotTell])]
        {
            let report = judged(&problem, |rows| {
                let mut grad = naive(&problem, rows, None);
                grad[chosen] *= 1.0 + error;
                grad
            });
            for r in &report.results {
                let expected = if r.index == chosen { verdicts } else { &[Verdict::Agrees] };
                assert!(expected.contains(&r.verdict), "{error}, {chosen}: {r:?} of {}", problem.describe());
            }
        }
    }
}

#[test]
fn a_mistake_of_another_kind_is_described_and_not_named() {
    for problem in suited().take(5) {
        let halved = judged(&problem, |rows| naive(&problem, rows, None).iter().map(|d| 0.5 * d).collect());
        let diagnosis = halved.diagnosis.expect("a diagnosis");
        assert_eq!(diagnosis.bug, None, "{}", diagnosis.text);
        assert!(diagnosis.text.contains("0.5"), "{}", diagnosis.text);
    }
}

#[test]
fn a_gradient_of_another_length_is_refused() {
    let problem = suited().next().expect("a problem");
    let settings = CheckSettings::default();
    let refused = check_gradient(&problem.params(), &problem.examples(), &settings, |_| Ok(vec![0.0; 3]));
    assert!(refused.is_err_and(|error| error.to_string().contains("3 long")));
}
