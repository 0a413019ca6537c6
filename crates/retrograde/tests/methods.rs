//! Every parameter learning method beside an independent implementation: `golden/methods.json`, made by
//! `golden/make_methods.py` with PyTorch, SciPy and scikit-learn.

mod common;

use common::{assert_close, close};
use ndarray::Array2;
use retrograde::evaluator::Divisors;
use retrograde::objective::Point;
use retrograde::optimize::schedule::Place;
use retrograde::optimize::{BatchMethod, Iteration, LevenbergMarquardt, Method, StepMethod};
use retrograde::team::Spread;
use retrograde::{
    Activation, BatchSize, CostPart, Evaluator, Examples, Flow, Loss, Network, NetworkObjective, Objective,
    Optimizer, Output, Params, Regularisation, Schedule, Shape, StepRules, TrainSettings, Training, train,
};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/methods.json")).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn vector(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(vector).collect(),
        value => vec![number(value)],
    }
}

fn matrix(value: &Value, columns: usize) -> Array2<f64> {
    let values = vector(value);
    Array2::from_shape_vec((values.len() / columns, columns), values).expect("rows of one width")
}

fn one_hot(value: &Value, classes: usize) -> Array2<f64> {
    let codes = vector(value);
    Array2::from_shape_fn((codes.len(), classes), |(k, i)| f64::from(u8::from(codes[k] == i as f64)))
}

/// A network with its rows.
struct Case {
    network: Network,
    x: Array2<f64>,
    y: Array2<f64>,
    start: Params<f64>,
}

impl Case {
    fn new(network: Network, x: &Value, y: &Value, theta: Vec<f64>) -> Self {
        let x = matrix(x, network.inputs());
        let classes = network.output() == Output::Softmax;
        let y = if classes { one_hot(y, network.outputs()) } else { matrix(y, network.outputs()) };
        let start = Params::from_values(&network, theta).expect("a start");
        Self { network, x, y, start }
    }

    fn examples(&self) -> Examples<'_, f64> {
        Examples::new(&self.network, self.x.view(), self.y.view(), None).expect("examples")
    }
}

/// All rows, no stopping but by the number of epochs.
fn whole(optimizer: Optimizer, lambda: f64, epochs: usize) -> TrainSettings {
    TrainSettings {
        optimizer,
        regularisation: Regularisation::l2(lambda),
        batch: BatchSize::Full,
        epochs: Some(epochs),
        tolerance: Some(0.0),
        patience: usize::MAX,
        ..TrainSettings::default()
    }
}

/// The optimizer and learning rate of a golden entry.
fn step_method(name: &str, settings: &Value) -> (Optimizer, f64) {
    let setting = |name: &str| number(&settings[name]);
    let betas = || (setting("beta1"), setting("beta2"), setting("eps"));
    match name.trim_end_matches("_mini_batch") {
        "sgd" | "sgd_momentum" => {
            (Optimizer::Sgd { momentum: setting("momentum"), nesterov: false }, setting("lr"))
        }
        "nesterov" => (Optimizer::Sgd { momentum: setting("momentum"), nesterov: true }, setting("lr")),
        "adam" => {
            let (beta1, beta2, epsilon) = betas();
            (Optimizer::Adam { beta1, beta2, epsilon }, setting("lr"))
        }
        "adamw" => {
            let (beta1, beta2, epsilon) = betas();
            (Optimizer::AdamW { beta1, beta2, epsilon }, setting("lr"))
        }
        "rmsprop" => (Optimizer::RmsProp { decay: setting("alpha"), epsilon: setting("eps") }, setting("lr")),
        "rprop" => (Optimizer::Rprop, setting("initial_step")),
        other => panic!("{other} is no method"),
    }
}

fn steps_case(golden: &Value) -> (Case, f64) {
    let problem = &golden["steps"]["problem"];
    let network = Network::new(&[3, 4, 2], &[Activation::Tanh], Output::Softmax, Loss::CrossEntropy);
    let theta = vector(&golden["steps"]["theta0"]);
    (Case::new(network.expect("a network"), &problem["x"], &problem["y"], theta), number(&problem["lambda"]))
}

#[test]
fn fifty_steps_are_pytorch_s() {
    let golden = golden();
    let (case, lambda) = steps_case(&golden);
    let mut seen = 0;
    for entry in golden["steps"]["methods"].as_array().expect("a list") {
        let name = entry["name"].as_str().expect("a name");
        let Some(steps) = entry["steps"].as_u64() else { continue };
        let (optimizer, rate) = step_method(name, &entry["settings"]);
        let rules =
            StepRules { weight_decay: entry["settings"]["weight_decay"].as_f64(), ..StepRules::default() };
        let settings =
            TrainSettings { learning_rate: Some(rate), rules, ..whole(optimizer, lambda, steps as usize) };
        let mut training = Training::new(&case.start, &case.examples(), None, &settings).expect("settings");
        while training.advance(&mut ()) == Flow::Continue {}
        for (k, (found, wanted)) in training.theta().iter().zip(vector(&entry["theta"])).enumerate() {
            assert_close(&format!("{name}, parameter {k}"), *found, wanted, (1e-12, 0.0));
        }
        let fit = training.finish(&mut ()).expect("a fit");
        let last = fit.history.last().expect("epochs").train_cost;
        assert_close(name, last, number(&entry["cost"]), (1e-12, 0.0));
        seen += 1;
    }
    assert_eq!(seen, 7);
}

/// The rows in their own order: the trainer's is its own.
#[test]
fn steps_on_batches_are_pytorch_s() {
    let golden = golden();
    let (case, lambda) = steps_case(&golden);
    let all = case.examples();
    for entry in golden["steps"]["methods"].as_array().expect("a list") {
        let name = entry["name"].as_str().expect("a name");
        let Some(epochs) = entry["epochs"].as_u64() else { continue };
        let size = entry["batch"].as_u64().expect("a size") as usize;
        let (optimizer, rate) = step_method(name, &entry["settings"]);
        let mut theta = case.start.values().to_vec();
        let Method::Step(mut method) = Method::<f64>::new(optimizer, theta.len()) else { panic!("{name}") };
        let mut evaluator =
            Evaluator::new(&case.network, Regularisation::l2(lambda), size, 1).expect("valid");
        let mut grad = vec![0.0; theta.len()];
        for first in (0..epochs as usize).flat_map(|_| (0..all.rows()).step_by(size)) {
            let last = (first + size).min(all.rows());
            let (x, y) =
                (case.x.slice(ndarray::s![first..last, ..]), case.y.slice(ndarray::s![first..last, ..]));
            let rows = Examples::new(&case.network, x, y, None).expect("a batch");
            evaluator.cost_and_grad_over(&theta, &rows, Divisors::share(&all, rows.rows()), &mut grad);
            method.step(&mut theta, &grad, rate, &mut Spread::alone());
        }
        for (found, wanted) in theta.iter().zip(vector(&entry["theta"])) {
            assert_close(name, *found, wanted, (1e-12, 0.0));
        }
    }
}

#[test]
fn schedules_are_pytorch_s_and_scikit_learn_s() {
    let golden = golden();
    let mut seen = 0;
    for entry in golden["schedules"]["schedules"].as_array().expect("a list") {
        let name = entry["name"].as_str().expect("a name");
        let rates = vector(&entry["rates"]);
        let base = number(&entry["settings"]["base"]);
        let (shape, warm_up) = match name {
            "step" => (Shape::Step { every: 7, factor: 0.5 }, 0.0),
            "cosine" => (Shape::Cosine { period: None, growth: 1, floor: 0.01 }, 0.0),
            "cosine_warm_restarts" => (Shape::Cosine { period: Some(4), growth: 2, floor: 0.01 }, 0.0),
            "one_cycle" => (Shape::OneCycle { rise: 0.3 }, 0.0),
            "linear_warm_up" => (Shape::Constant, 5.0),
            "sklearn_invscaling" => (Shape::InverseScaling { power: 0.5 }, 0.0),
            other => panic!("{other} is no schedule"),
        };
        let schedule = Schedule { shape, warm_up };
        for (step, wanted) in rates.iter().enumerate() {
            let epochs = if name == "cosine" { 30 } else { rates.len() };
            let place = Place { step: step as u64, steps_per_epoch: 1, epochs, rows: 12, reductions: 0 };
            assert_close(&format!("{name} at {step}"), schedule.rate(base, place), *wanted, (1e-15, 1e-12));
        }
        seen += 1;
    }
    assert_eq!(seen, 6);
}

/// A linear model and the solution of its penalised problem.
fn penalised(entry: &Value, output: Output, loss: Loss) -> (Case, StepRules, Vec<f64>) {
    let coefficients = vector(&entry["coef"]);
    let network =
        Network::new(&[coefficients.len(), 1], &[] as &[Activation], output, loss).expect("a network");
    let theta = vec![0.1; coefficients.len() + 1];
    let rules = StepRules { l1: number(&entry["lambda1"]), ..StepRules::default() };
    let wanted = [coefficients, vector(&entry["intercept"])].concat();
    (Case::new(network, &entry["x"], &entry["y"], theta), rules, wanted)
}

#[test]
fn proximal_steps_end_where_scikit_learn_s_lasso_does() {
    // J is flat at its minimum to rounding: the weights of the lowest are known to √ε.
    let golden = golden();
    let regularisers = &golden["regularisers"];
    let cases = [
        penalised(&regularisers["lasso"], Output::Identity, Loss::SquaredError),
        penalised(&regularisers["logistic_l1"], Output::Sigmoid, Loss::CrossEntropy),
    ];
    let decaying = Schedule { shape: Shape::Cosine { period: None, growth: 1, floor: 0.0 }, warm_up: 0.0 };
    for (case, rules, wanted) in &cases {
        for (optimizer, rate, schedule, tolerance) in [
            (Optimizer::Sgd { momentum: 0.0, nesterov: false }, 0.2, Schedule::default(), 3e-8),
            (Optimizer::SGD, 0.02, Schedule::default(), 3e-8),
            (Optimizer::NESTEROV, 0.02, Schedule::default(), 3e-8),
            (Optimizer::ADAM, 0.01, decaying, 1e-4),
            (Optimizer::RMSPROP, 0.01, decaying, 1e-4),
        ] {
            let settings = TrainSettings {
                learning_rate: Some(rate),
                schedule,
                rules: *rules,
                ..whole(optimizer, 0.0, 20_000)
            };
            let fit = train(&case.start, &case.examples(), None, &settings, &mut ()).expect("a fit");
            for (found, wanted) in fit.params.values().iter().zip(wanted) {
                assert_close(optimizer.name(), *found, *wanted, (tolerance, 0.0));
                assert_eq!(*found == 0.0, *wanted == 0.0, "{}: zeros are exact", optimizer.name());
            }
        }
    }
}

#[test]
fn the_largest_norm_is_that_of_renorm() {
    let golden = golden();
    let entry = &golden["regularisers"]["max_norm"];
    let (input, wanted) = (vector(&entry["in"]), vector(&entry["exact"]));
    // One layer of 3 units and 4 inputs; a step of 0 leaves the rule alone.
    let network =
        Network::new(&[4, 3], &[] as &[Activation], Output::Identity, Loss::SquaredError).expect("a network");
    let start = Params::from_values(&network, [input, vec![9.0; 3]].concat()).expect("a start");
    let (x, y) = (Array2::zeros((1, 4)), Array2::from_elem((1, 3), 9.0));
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("a row");
    let rules = StepRules { max_norm: Some(number(&entry["maxnorm"])), ..StepRules::default() };
    let settings =
        TrainSettings { rules, ..whole(Optimizer::Sgd { momentum: 0.0, nesterov: false }, 0.0, 1) };
    let mut training = Training::new(&start, &rows, None, &settings).expect("settings");
    training.advance(&mut ());
    for (found, wanted) in training.theta().iter().zip(wanted) {
        assert_close("max-norm", *found, wanted, (1e-15, 0.0));
    }
    assert_eq!(training.theta()[12..], [9.0; 3], "biases are left alone");
}

fn minimum_case(entry: &Value) -> (Case, f64) {
    let name = entry["name"].as_str().expect("a name");
    let network = match name {
        "regression_2_3_1" => {
            Network::new(&[2, 3, 1], &[Activation::Tanh], Output::Identity, Loss::SquaredError)
        }
        "classes_4_3_3" => {
            Network::new(&[4, 3, 3], &[Activation::Sigmoid], Output::Softmax, Loss::CrossEntropy)
        }
        "logistic_4_1" => Network::new(&[4, 1], &[] as &[Activation], Output::Sigmoid, Loss::CrossEntropy),
        other => panic!("{other} is no problem"),
    };
    let problem = &entry["problem"];
    let case = Case::new(network.expect("a network"), &problem["x"], &problem["y"], vector(&entry["theta0"]));
    (case, number(&problem["lambda"]))
}

/// Gradients until J is within 1e-6 of the minimum, relatively; and the lowest J.
fn reached(case: &Case, settings: &TrainSettings, minimum: f64) -> (f64, f64) {
    let fit = train(&case.start, &case.examples(), None, settings, &mut ()).expect("a fit");
    let near = |cost: f64| cost <= minimum * (1.0 + 1e-6);
    let evaluations =
        fit.history.iter().find(|r| near(r.train_cost)).map_or(f64::INFINITY, |r| r.evaluations);
    let mut evaluator =
        Evaluator::new(&case.network, settings.regularisation, case.x.nrows(), 1).expect("valid");
    (evaluations, evaluator.cost(fit.params.values(), &case.examples(), CostPart::WithPenalty))
}

#[test]
fn minima_are_scipy_s_for_no_more_gradients() {
    let golden = golden();
    for entry in golden["minima"]["problems"].as_array().expect("a list") {
        let (case, lambda) = minimum_case(entry);
        let name = entry["name"].as_str().expect("a name");
        for (optimizer, theirs) in [(Optimizer::LBFGS, "l_bfgs_b"), (Optimizer::ConjugateGradients, "cg")] {
            let theirs = &entry["methods"][theirs];
            let minimum = number(&theirs["cost"]);
            let (evaluations, cost) = reached(&case, &whole(optimizer, lambda, 3_000), minimum);
            println!(
                "{name}, {}: {evaluations} gradients, SciPy's {}",
                optimizer.name(),
                theirs["evaluations_to_1e-6"]
            );
            assert!(close(cost, minimum, 0.0, 1e-6), "{name}, {}: {cost}, SciPy {minimum}", optimizer.name());
            let allowed = 1.2 * number(&theirs["evaluations_to_1e-6"]);
            assert!(evaluations <= allowed, "{name}, {}: {evaluations} > {allowed}", optimizer.name());
        }
        // No SciPy twins. Gauss–Newton's first steps lead to other stationary points of the two with a hidden layer.
        let minimum = number(&entry["methods"]["l_bfgs_b"]["cost"]);
        let (evaluations, cost) =
            reached(&case, &whole(Optimizer::ScaledConjugateGradients, lambda, 3_000), minimum);
        println!("{name}, scg: {evaluations} gradients");
        assert!(cost <= minimum * (1.0 + 1e-6), "{name}, scg: {cost}, SciPy {minimum}");
        let lm = whole(Optimizer::LM, lambda, 3_000);
        let fit = train(&case.start, &case.examples(), None, &lm, &mut ()).expect("a fit");
        let last = fit.history.last().expect("iterations");
        assert!(last.grad_norm < 1e-8, "{name}, lm: {last:?}");
        if case.network.depth() == 1 {
            assert!(last.train_cost <= minimum * (1.0 + 1e-12), "{name}, lm: {last:?}");
        }
    }
}

/// Counts the points at which J was asked for.
struct Points<'a> {
    objective: NetworkObjective<'a, f64>,
    points: usize,
}

impl Objective<f64> for Points<'_> {
    fn dimension(&self) -> usize {
        self.objective.dimension()
    }

    fn cost_and_grad(&mut self, theta: &[f64], grad: &mut [f64]) -> f64 {
        self.points += 1;
        self.objective.cost_and_grad(theta, grad)
    }

    fn gauss_newton(&mut self, theta: &[f64], matrix: &mut Vec<f64>) -> bool {
        self.objective.gauss_newton(theta, matrix)
    }
}

/// Points until J is below `goal`.
fn least_squares(case: &Case, goal: f64) -> usize {
    let objective =
        NetworkObjective::new(&case.network, case.examples(), Regularisation::default(), 1).expect("valid");
    let mut objective = Points { objective, points: 0 };
    let theta = case.start.values().to_vec();
    let mut point = Point { cost: 0.0, grad: vec![0.0; theta.len()], theta };
    point.cost = objective.cost_and_grad(&point.theta, &mut point.grad);
    let mut method = LevenbergMarquardt::default();
    while point.cost > goal {
        assert!(objective.points < 2_000, "J is {} after {} points", point.cost, objective.points);
        assert_eq!(method.iterate(&mut objective, &mut point), Iteration::Moved, "J is {}", point.cost);
    }
    objective.points
}

#[test]
fn least_squares_are_scipy_s_for_no_more_evaluations() {
    let golden = golden();
    for entry in golden["least_squares"]["problems"].as_array().expect("a list") {
        let name = entry["name"].as_str().expect("a name");
        let (hidden, activation) =
            if name.starts_with("teacher") { (10, Activation::Tanh) } else { (3, Activation::Sigmoid) };
        let network = Network::new(&[1, hidden, 1], &[activation], Output::Identity, Loss::SquaredError);
        let case = Case::new(network.expect("a network"), &entry["x"], &entry["y"], vector(&entry["theta0"]));
        let lm = &entry["methods"]["lm"];
        let goals: Vec<(f64, &Value)> = if name.starts_with("teacher") {
            vec![
                (1e-6, &lm["evaluations_to_1e-6"]),
                (1e-8, &lm["evaluations_to_1e-8"]),
                (1e-10, &lm["evaluations_to_1e-10"]),
            ]
        } else {
            vec![(number(&lm["cost"]) * (1.0 + 1e-6), &lm["evaluations_to_1e-6_relative"])]
        };
        for (goal, theirs) in goals {
            let points = least_squares(&case, goal);
            println!("{name} to {goal:e}: {points} evaluations, SciPy's lm {theirs}");
            assert!(
                points as f64 <= 1.2 * number(theirs),
                "{name} to {goal:e}: {points}, SciPy's lm {theirs}"
            );
        }
    }
}

#[test]
fn auto_goes_by_rows_weights_and_loss() {
    let network = |sizes: &[usize], output, loss| {
        Network::new(sizes, &[Activation::Tanh], output, loss).expect("a network")
    };
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

/// Adam's roots are near 0 for weights whose derivatives were: the penalty must not take whole units with them.
#[test]
fn l1_kills_no_unit_at_the_first_step() {
    let network = Network::new(&[4, 32, 32, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError);
    let network = network.expect("a network");
    let x = Array2::from_shape_fn((800, 4), |(k, j)| (((k * 37 + j * 101) % 211) as f64 / 105.0) - 1.0);
    let y = Array2::from_shape_fn((800, 1), |(k, _)| (3.0 * x[[k, 0]]).sin() + x[[k, 1]] * x[[k, 2]]);
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("rows");
    let start = Params::init(&network, retrograde::Init::Auto, 1);
    for optimizer in [Optimizer::ADAM, Optimizer::RMSPROP, Optimizer::SGD] {
        let settings = TrainSettings {
            optimizer,
            batch: BatchSize::Rows(16),
            rules: StepRules { l1: 0.01, ..StepRules::default() },
            ..TrainSettings::default()
        };
        let mut training = Training::new(&start, &rows, None, &settings).expect("settings");
        training.advance(&mut ());
        let zeros =
            training.theta().iter().zip(start.values()).filter(|(now, then)| **now == 0.0 && **then != 0.0);
        let zeros = zeros.count();
        assert!(
            zeros < 60,
            "{}: {zeros} of {} weights are 0 after one step",
            optimizer.name(),
            network.weight_count()
        );
    }
}

/// What is recorded and compared is J with the penalty that was minimised.
#[test]
fn l1_is_part_of_the_cost() {
    let golden = golden();
    let (case, rules, _) = penalised(&golden["regularisers"]["lasso"], Output::Identity, Loss::SquaredError);
    let settings = TrainSettings { rules, learning_rate: Some(0.1), ..whole(Optimizer::SGD, 0.0, 3) };
    let fit = train(&case.start, &case.examples(), None, &settings, &mut ()).expect("a fit");
    let bare = Evaluator::new(&case.network, Regularisation::default(), 20, 1);
    let kept = fit.params.values();
    let cost = bare.expect("valid").cost(kept, &case.examples(), CostPart::Loss);
    let penalty = rules.l1 / 20.0 * kept[..5].iter().map(|w| w.abs()).sum::<f64>();
    assert_close("J + penalty", fit.history[fit.best_epoch - 1].train_cost, cost + penalty, (1e-14, 0.0));
}

#[test]
fn a_function_of_one_s_own() {
    use retrograde::optimize::minimise::{Closure, MinimiseSettings, minimise};
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

/// A unit without influence leaves a row of zeros in the matrix: the damping must make it solvable all the same.
#[test]
fn levenberg_marquardt_lives_with_dead_units() {
    let network =
        Network::new(&[1, 3, 1], &[Activation::Relu], Output::Identity, Loss::SquaredError).expect("valid");
    // The third unit is dead on every row.
    let theta = vec![1.0, -1.0, 1.0, 0.1, 0.2, -100.0, 0.5, 0.5, 0.5, 0.0];
    let start = Params::from_values(&network, theta).expect("a start");
    let x = Array2::from_shape_fn((20, 1), |(k, _)| k as f64 / 10.0 - 1.0);
    let y = x.mapv(f64::abs);
    let rows = Examples::new(&network, x.view(), y.view(), None).expect("rows");
    let fit = train(&start, &rows, None, &whole(Optimizer::LM, 0.0, 50), &mut ()).expect("a fit");
    assert!(fit.history.last().expect("iterations").train_cost < 1e-6, "{:?}", fit.history.last());
}
