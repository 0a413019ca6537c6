//! The gradient check never flags a correct network and always names an injected bug.

mod common;

use common::problem::Overflow;
use common::{Limits, Problem, problems};
use rand::{RngExt, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use retrograde::dropout::Draw;
use retrograde::{
    Activation, Bug, CheckReport, CheckSettings, Error, Evaluator, Optimizer, TrainSettings, Verdict, check,
    check_gradient, train,
};

const LIMITS: Limits =
    Limits { depth: 5, units: 14, rows: 60, work: 100_000, saturation: 800.0, overflow: Overflow::Never };
const MILD: Limits =
    Limits { depth: 4, units: 9, rows: 40, work: 50_000, saturation: 12.0, overflow: Overflow::Never };

fn settings(problem: &Problem<f64>, seed: u64) -> CheckSettings {
    CheckSettings { regularisation: problem.regularisation, seed, ..CheckSettings::default() }
}

fn run(problem: &Problem<f64>, settings: &CheckSettings) -> CheckReport {
    check(&problem.params(), &problem.examples(), settings).expect("a valid check")
}

/// The verdict's evidence, for a message.
fn evidence(report: &CheckReport) -> String {
    let differing = report.results.iter().filter(|r| r.verdict == Verdict::Differs);
    let lines: Vec<String> = differing.take(5).map(|r| format!("{r:?}")).collect();
    format!("{:?}\n{}\n{:?}", report.direction, lines.join("\n"), report.diagnosis)
}

/// Trains a problem for a while with a method chosen by the seed, in f32 or f64.
fn trained(problem: &Problem<f64>, seed: u64) -> Problem<f64> {
    let methods = [
        Optimizer::GradientDescent,
        Optimizer::ADAM,
        Optimizer::NESTEROV,
        Optimizer::LBFGS,
        Optimizer::ConjugateGradients,
    ];
    let settings = TrainSettings {
        optimizer: methods[seed as usize % methods.len()],
        regularisation: problem.regularisation,
        epochs: Some(60),
        seed,
        threads: 1,
        ..TrainSettings::default()
    };
    let theta = if seed.is_multiple_of(2) {
        train(&problem.params(), &problem.examples(), None, &settings, &mut ())
            .expect("valid")
            .params
            .into_values()
    } else {
        let small = problem.convert::<f32>();
        let fit = train(&small.params(), &small.examples(), None, &settings, &mut ()).expect("valid");
        fit.params.convert::<f64>().into_values()
    };
    Problem { theta, ..problem.clone() }
}

#[test]
fn correct_networks_are_never_flagged() {
    // In debug too: a cost that overflows, a loss within rounding of its kink, and three with products that underflow.
    let hard = [177, 754, 5737, 5880, 6953];
    let (mut told, mut flagged) = ((0, 0), Vec::new());
    for seed in (0..problems(1000, 100)).chain(hard) {
        let problem = Problem::random(seed, LIMITS);
        for (state, problem) in [("untrained", problem.clone()), ("trained", trained(&problem, seed))] {
            let report = run(&problem, &settings(&problem, seed));
            if report.verdict == Verdict::Differs {
                flagged.push(format!("seed {seed}, {state}: {}\n{}", problem.describe(), evidence(&report)));
            }
            told.0 += report.count(Verdict::Agrees);
            told.1 += report.results.len();
        }
    }
    assert!(flagged.is_empty(), "{} flagged:\n{}", flagged.len(), flagged.join("\n"));
    // A check that never commits itself would pass the above.
    let share = told.0 as f64 / told.1 as f64;
    println!("{} of {} derivatives agree ({:.2} %), none differs", told.0, told.1, 100.0 * share);
    assert!(share > 0.9, "only {share} of the derivatives could be told");
}

#[test]
fn f32_networks_are_never_flagged() {
    for seed in 0..problems(1000, 50) {
        let problem = Problem::random(seed + 50_000, LIMITS).convert::<f32>().convert::<f64>();
        let report = run(&problem, &settings(&problem, seed));
        assert_ne!(
            report.verdict,
            Verdict::Differs,
            "seed {seed}: {}\n{}",
            problem.describe(),
            evidence(&report)
        );
    }
}

/// A problem on which the bug shows, as a teacher would choose it.
fn problem_for(bug: Bug, seed: u64) -> Option<(Problem<f64>, CheckReport)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut problem = Problem::random(rng.random(), MILD);
    if matches!(bug, Bug::MissingLambda | Bug::RegularisedBias) {
        problem.regularisation.lambda = rng.random_range(0.1..3.0);
    }
    let settings = CheckSettings { inject: Some(bug), ..settings(&problem, seed) };
    match check(&problem.params(), &problem.examples(), &settings) {
        Ok(report) => Some((problem, report)),
        Err(Error::BugWithoutEffect { .. }) => None,
        Err(other) => panic!("seed {seed}: {other}"),
    }
}

#[test]
fn injected_bugs_are_named() {
    for bug in Bug::ALL {
        let wanted = problems(100, 15);
        let mut shown = 0;
        let mut seed = 0;
        while shown < wanted {
            seed += 1;
            assert!(seed < 60 * wanted, "{}: too few problems on which it shows", bug.name());
            let Some((problem, report)) = problem_for(bug, seed) else { continue };
            shown += 1;
            let named = report.diagnosis.as_ref().and_then(|d| d.bug);
            assert_eq!(
                (report.verdict, named),
                (Verdict::Differs, Some(bug)),
                "{} on seed {seed}: {}\n{}",
                bug.name(),
                problem.describe(),
                evidence(&report)
            );
        }
        println!("{}: named on {shown} of {shown} problems", bug.name());
    }
}

#[test]
fn a_correct_network_has_no_diagnosis() {
    let mut problem = Problem::random(7, MILD);
    problem.regularisation.lambda = 0.0;
    let report = run(&problem, &settings(&problem, 1));
    assert_eq!(report.verdict, Verdict::Agrees, "{}", evidence(&report));
    assert!(report.diagnosis.is_none());
}

/// Sums over many rows round; the more so when all rows are equal and nothing cancels.
#[test]
fn many_rows_are_never_flagged() {
    for (rows, equal) in [(5_000, true), (5_000, false), (problems(40_000, 8_000) as usize, true)] {
        for seed in 0..4 {
            let network = retrograde::Network::new(
                &[3, 4, 2],
                &[Activation::ALL[seed as usize]],
                retrograde::Output::Softmax,
                retrograde::Loss::CrossEntropy,
            )
            .expect("valid");
            let theta = retrograde::Params::<f64>::init(&network, retrograde::Init::Course, seed);
            let row = |k: usize| if equal { 0 } else { k };
            let x = ndarray::Array2::from_shape_fn((rows, 3), |(k, j)| {
                ((row(k) * 7 + j) as f64 * 0.7).sin() + 1.5
            });
            let y = ndarray::Array2::from_shape_fn((rows, 2), |(k, j)| f64::from(u8::from(row(k) % 2 == j)));
            let examples = retrograde::Examples::new(&network, x.view(), y.view(), None).expect("valid");
            let settings = CheckSettings { rows, weights: None, ..CheckSettings::default() };
            let report = check(&theta, &examples, &settings).expect("a check");
            assert_eq!(report.rows.len(), rows);
            assert_eq!(report.verdict, Verdict::Agrees, "{rows} rows, equal: {equal}\n{}", evidence(&report));
        }
    }
}

#[test]
fn a_unit_at_its_kink_cannot_be_told() {
    let network = retrograde::Network::new(
        &[2, 3, 1],
        &[Activation::Relu],
        retrograde::Output::Identity,
        retrograde::Loss::SquaredError,
    )
    .expect("valid");
    let params = retrograde::Params::<f64>::init(&network, retrograde::Init::Zeros, 1);
    let x = ndarray::array![[1.0, 2.0], [0.5, -1.0]];
    let y = ndarray::array![[1.0], [0.0]];
    let examples = retrograde::Examples::new(&network, x.view(), y.view(), None).expect("valid");
    let report = check(&params, &examples, &CheckSettings::default()).expect("valid");
    assert!(report.count(Verdict::CannotTell) > 0);
    assert_eq!(report.count(Verdict::Differs), 0);
}

#[test]
fn every_weight_is_checked_on_request() {
    let problem = Problem::random(*[3u64, 11].choose(&mut ChaCha8Rng::seed_from_u64(1)).expect("two"), MILD);
    let all = CheckSettings { weights: None, ..settings(&problem, 1) };
    assert_eq!(run(&problem, &all).results.len(), problem.theta.len());
}

/// With the dropped units held fixed, J is a function whose derivatives can be checked like any other's.
#[test]
fn dropout_is_checked_with_its_units_held_fixed() {
    let (mut told, mut dropped_inputs) = (0, 0);
    for seed in 0..problems(300, 100) {
        let problem = Problem::random(seed, MILD);
        let depth = problem.network.depth();
        let rates: Vec<f64> = (0..depth).map(|l| [0.0, 0.5, 0.2, 0.9][(seed as usize + l) % 4]).collect();
        let draw = Draw { rates: rates.clone(), seed, epoch: 3, batch: 2 };
        let fixed = CheckSettings { dropout: Some(draw.clone()), ..settings(&problem, seed) };
        let report = check(&problem.params(), &problem.examples(), &fixed).expect("a check");
        assert_ne!(report.verdict, Verdict::Differs, "seed {seed}: {:?} {report:#?}", problem.network);
        told += usize::from(report.verdict == Verdict::Agrees);
        dropped_inputs += usize::from(rates[0] > 0.0);
        // The gradient of other units is noticed, where there are units to tell apart.
        let other = Draw { epoch: 4, ..draw };
        let found = check_gradient(&problem.params(), &problem.examples(), &fixed, |rows| {
            let mut evaluator =
                Evaluator::new(&problem.network, problem.regularisation, rows.rows(), 1).expect("valid");
            evaluator.drop_units(Some(other.clone()));
            let mut grad = vec![0.0; problem.theta.len()];
            evaluator.cost_and_grad(&problem.theta, rows, &mut grad);
            Ok(grad)
        });
        let many = problem.x.nrows() * problem.network.inputs() > 100 && rates[0] == 0.5;
        if many && report.verdict == Verdict::Agrees {
            assert_eq!(found.expect("a check").verdict, Verdict::Differs, "seed {seed}");
        }
    }
    assert!(told > 50 && dropped_inputs > 50, "{told} told");
}
