//! Every refusal, word for word: a message says what was found, what was expected, and where.

use ndarray::{Array2, ShapeBuilder, array};
use retrograde::network::MAX_WEIGHTS;
use retrograde::{
    Activation, Error, Evaluator, Examples, Init, Loss, Network, Output, Params, Regularisation, orders,
};

fn network(sizes: &[usize], hidden: &[Activation], output: Output, loss: Loss) -> String {
    Network::new(sizes, hidden, output, loss).expect_err("must be refused").to_string()
}

fn examples(network: &Network, x: &Array2<f64>, y: &Array2<f64>, weights: Option<&[f64]>) -> Error {
    Examples::new(network, x.view(), y.view(), weights).expect_err("must be refused")
}

/// Two inputs, one output.
fn small(output: Output, loss: Loss) -> Network {
    Network::new(&[2, 1], &[], output, loss).expect("a valid network")
}

const SIGMOID: &[Activation] = &[Activation::Sigmoid];

#[test]
fn layers() {
    let refused = |sizes: &[usize]| network(sizes, SIGMOID, Output::Sigmoid, Loss::CrossEntropy);
    assert_eq!(refused(&[]), "the network's layers are []; a network needs an input and an output layer");
    assert_eq!(refused(&[3]), "the network's layers are [3]; a network needs an input and an output layer");
    for sizes in [[0, 2, 1], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(
            refused(&sizes),
            format!("the network's layers are {sizes:?}; every layer needs at least one unit")
        );
    }
    assert_eq!(
        network(&[2, 1], &[], Output::Softmax, Loss::CrossEntropy),
        "the network's layers are [2, 1]; softmax over a single output is always 1; use sigmoid, or two outputs"
    );
}

#[test]
fn too_many_weights() {
    let expected = "at most 2,147,483,648 weights are supported";
    for sizes in [[1, MAX_WEIGHTS / 2 + 1], [usize::MAX, 1], [usize::MAX / 2, usize::MAX / 2]] {
        assert_eq!(
            network(&sizes, &[], Output::Identity, Loss::SquaredError),
            format!("the network's layers are {sizes:?}; {expected}")
        );
    }
    // The limit itself is allowed: 2³⁰ units with a weight and a bias each.
    let most = Network::new(&[1, MAX_WEIGHTS / 2], &[], Output::Identity, Loss::SquaredError).unwrap();
    assert_eq!(most.weight_count(), MAX_WEIGHTS);
}

#[test]
fn activations() {
    assert_eq!(
        network(&[2, 3, 3, 1], &[Activation::Relu; 3], Output::Sigmoid, Loss::CrossEntropy),
        "the list of activations is 3 long; expected one activation, or one for each of the 2 hidden layers"
    );
    assert_eq!(
        network(&[2, 3, 1], &[], Output::Sigmoid, Loss::CrossEntropy),
        "the list of activations is 0 long; expected one activation, or one for each of the 1 hidden layers"
    );
}

#[test]
fn a_loss_that_cannot_follow_the_output() {
    assert_eq!(
        network(&[2, 1], &[], Output::Identity, Loss::CrossEntropy),
        "the loss `cross-entropy` cannot follow the output `identity`; it goes with softmax or sigmoid"
    );
    assert_eq!(
        network(&[2, 1], &[], Output::Sigmoid, Loss::Poisson),
        "the loss `poisson` cannot follow the output `sigmoid`; it goes with exp"
    );
    assert_eq!(
        network(&[2, 2], &[], Output::Softmax, Loss::Gamma),
        "the loss `gamma` cannot follow the output `softmax`; it goes with exp"
    );
}

#[test]
fn settings_of_losses() {
    for (delta, text) in [(0.0, "0"), (-1.0, "-1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        assert_eq!(
            network(&[2, 1], &[], Output::Identity, Loss::Huber { delta }),
            format!("huber's delta is {text}; it must be a positive number")
        );
    }
    let quantile = |levels: &[f64]| Loss::Quantile { levels: levels.to_vec() };
    assert_eq!(
        network(&[2, 3], &[], Output::Identity, quantile(&[0.1, 0.9])),
        "the number of quantile levels is 2; expected one for each of the 3 outputs"
    );
    for (levels, text) in
        [([0.0, 0.5], "[0.0, 0.5]"), ([0.5, 1.0], "[0.5, 1.0]"), ([f64::NAN, 0.5], "[NaN, 0.5]")]
    {
        assert_eq!(
            network(&[2, 2], &[], Output::Identity, quantile(&levels)),
            format!("a quantile level is {text}; it must be between 0 and 1, both excluded")
        );
    }
}

#[test]
fn names() {
    assert_eq!(
        Activation::from_name("swosh").unwrap_err().to_string(),
        "`swosh` is no activation; choose one of identity, sigmoid, tanh, relu, leaky_relu, elu, selu, gelu, \
         silu, softplus, mish"
    );
    assert_eq!(
        Output::from_name("relu").unwrap_err().to_string(),
        "`relu` is no output activation; choose one of identity, sigmoid, softmax, exp"
    );
    assert_eq!(
        Init::from_name("xavier").unwrap_err().to_string(),
        "`xavier` is no initialisation; choose one of auto, course, he, lecun, zeros"
    );
    // Every name leads back to what it names, in any case and with either dash.
    for activation in Activation::ALL {
        let name = activation.name().to_uppercase().replace('_', "-");
        assert_eq!(Activation::from_name(&name), Ok(activation));
    }
    for output in Output::ALL {
        assert_eq!(Output::from_name(output.name()), Ok(output));
    }
    for init in Init::ALL {
        assert_eq!(Init::from_name(init.name()), Ok(init));
    }
}

#[test]
fn shapes_of_examples() {
    let network = small(Output::Identity, Loss::SquaredError);
    let shape = |x, y, weights: Option<&[f64]>| {
        examples(&network, &Array2::zeros(x), &Array2::zeros(y), weights).to_string()
    };
    assert_eq!(shape((4, 3), (4, 1), None), "the input matrix is 4×3; expected 4×2");
    assert_eq!(shape((0, 2), (0, 1), None), "the input matrix is 0×2; expected 1×2");
    assert_eq!(shape((4, 2), (3, 1), None), "the target matrix is 3×1; expected 4×1");
    assert_eq!(shape((4, 2), (4, 2), None), "the target matrix is 4×2; expected 4×1");
    assert_eq!(
        shape((4, 2), (4, 1), Some(&[1.0; 3])),
        "the list of row weights is 3 long; expected one for each of the 4 rows"
    );
    let column_major = Array2::<f64>::zeros((4, 2).f());
    assert_eq!(
        examples(&network, &column_major, &Array2::zeros((4, 1)), None).to_string(),
        "the input matrix is 4×2 with gaps or column-major; expected row-major without gaps (ndarray's \
         standard layout)"
    );
}

#[test]
fn values_of_examples() {
    let identity = small(Output::Identity, Loss::SquaredError);
    let x = array![[1.0, 2.0], [3.0, 4.0]];
    let y = array![[0.5], [0.5]];
    assert_eq!(
        examples(&identity, &array![[1.0, 2.0], [3.0, f64::NAN]], &y, None).to_string(),
        "the input of row 1, column 1 is NaN; expected a finite number"
    );
    assert_eq!(
        examples(&identity, &x, &array![[f64::INFINITY], [0.0]], None).to_string(),
        "the target of row 0, column 0 is inf; expected a finite number"
    );
    for (loss, output, bad, rule) in [
        (Loss::CrossEntropy, Output::Sigmoid, 1.5, "a probability between 0 and 1"),
        (Loss::CrossEntropy, Output::Sigmoid, -0.5, "a probability between 0 and 1"),
        (Loss::Poisson, Output::Exp, -1.0, "a count of 0 or more"),
        (Loss::Gamma, Output::Exp, 0.0, "a value above 0"),
    ] {
        assert_eq!(
            examples(&small(output, loss), &x, &array![[0.5], [bad]], None).to_string(),
            format!("the target of row 1, column 0 is {bad}; expected {rule}")
        );
    }
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            examples(&identity, &x, &y, Some(&[1.0, bad])).to_string(),
            format!("the weight of row 1, column 0 is {bad}; expected a finite number of 0 or more")
        );
    }
}

#[test]
fn weights_that_sum_to_nothing() {
    let network = small(Output::Identity, Loss::SquaredError);
    let (x, y) = (Array2::zeros((2, 2)), Array2::zeros((2, 1)));
    let rule = "the cost is an average over them, so the sum must be positive";
    assert_eq!(
        examples(&network, &x, &y, Some(&[0.0, 0.0])),
        Error::WeightSum { found: 0.0 },
        "all rows switched off"
    );
    assert_eq!(
        examples(&network, &x, &y, Some(&[0.0, -0.0])).to_string(),
        format!("the row weights sum to 0; {rule}")
    );
    assert_eq!(
        examples(&network, &x, &y, Some(&[f64::MAX, f64::MAX])).to_string(),
        format!("the row weights sum to inf; {rule}")
    );
}

#[test]
fn regularisation() {
    let sigmoid = small(Output::Sigmoid, Loss::CrossEntropy);
    let refused = |network: &Network, lambda, label_smoothing| {
        let regularisation = Regularisation { lambda, label_smoothing };
        let refused = regularisation.validate(network).expect_err("must be refused");
        let evaluator = Evaluator::<f64>::new(network, regularisation, 1, 1).expect_err("must be refused");
        assert_eq!(refused, evaluator, "the evaluator checks the same");
        refused.to_string()
    };
    for (lambda, text) in [(-1.0, "-1"), (f64::NAN, "NaN"), (f64::INFINITY, "inf")] {
        assert_eq!(
            refused(&sigmoid, lambda, 0.0),
            format!("lambda is {text}; it must be a finite number of 0 or more")
        );
    }
    for (share, text) in [(-0.1, "-0.1"), (1.0, "1"), (f64::NAN, "NaN")] {
        assert_eq!(
            refused(&sigmoid, 0.0, share),
            format!("label smoothing is {text}; it must be at least 0 and below 1")
        );
    }
    assert_eq!(
        refused(&small(Output::Identity, Loss::SquaredError), 0.0, 0.1),
        "label smoothing is 0.1; it must be 0 unless the loss is cross-entropy"
    );
}

#[test]
fn parameters_and_orders() {
    let network = Network::new(&[2, 3, 1], &[Activation::Relu], Output::Sigmoid, Loss::CrossEntropy).unwrap();
    assert_eq!(
        Params::from_values(&network, vec![0.0; 12]).unwrap_err().to_string(),
        "the parameter vector is 12 long; expected 13 weights for 2 → 3 relu → 1 sigmoid"
    );
    let unrolled = "the unrolled vector is 12 long; expected 13 weights for 2 → 3 relu → 1 sigmoid";
    assert_eq!(orders::to_course(&network, &[0.0; 12]).unwrap_err().to_string(), unrolled);
    assert_eq!(orders::from_course(&network, &[0.0; 12]).unwrap_err().to_string(), unrolled);
    assert_eq!(orders::to_sklearn(&network, &[0.0; 12]).unwrap_err().to_string(), unrolled);
    assert_eq!(orders::to_torch(&network, &[0.0; 12]).unwrap_err().to_string(), unrolled);
    assert_eq!(
        orders::from_sklearn::<f64>(&network, &[], &[]).unwrap_err().to_string(),
        "the list of matrices is 0 weights and 0 biases; expected 2 of each for 2 → 3 relu → 1 sigmoid"
    );
    let mut torch = orders::to_torch(&network, &[0.0; 13]).unwrap();
    torch[0].0 = Array2::zeros((2, 3));
    assert_eq!(
        orders::from_torch(&network, &torch).unwrap_err().to_string(),
        "a weight matrix is (2, 3) with a bias of 3; expected (3, 2) with a bias of 3"
    );
    let params = Params::from_values(&network, vec![0.0; 13]).unwrap();
    assert_eq!(
        retrograde::predict(&params, Array2::zeros((1, 5)).view()).unwrap_err().to_string(),
        "the input matrix is 5 columns wide; expected 2 inputs for 2 → 3 relu → 1 sigmoid"
    );
}
