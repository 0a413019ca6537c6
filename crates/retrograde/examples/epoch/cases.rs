//! What is measured: shapes and seeded data. bench/peers/cases.py makes the same bits in Python, and the Rust peers
//! include this file, so that everybody trains on the same rows.

/// One measurement's problem.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) letter: char,
    pub(crate) kind: Kind,
    pub(crate) rows: usize,
    pub(crate) sizes: &'static [usize],
    pub(crate) batch: usize,
}

/// What is done with the rows, and so what one measurement times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An epoch of mini-batches: relu, softmax cross-entropy, Adam, f32.
    Epoch,
    /// J and ∇J of all rows: sigmoid everywhere, f64.
    Evaluation,
    /// L-BFGS from the start to a given J.
    Descent,
    /// The network's outputs for all rows, f32.
    Prediction,
    /// The network's outputs for one row, f32.
    Call,
    /// A large matrix product, f32: what the processor can do.
    Product,
}

impl Kind {
    /// What the seconds are seconds of.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Epoch => "epoch",
            Self::Evaluation => "evaluation",
            Self::Descent => "run",
            Self::Prediction => "prediction",
            Self::Call => "call",
            Self::Product => "product",
        }
    }
}

/// λ of case F.
pub(crate) const LAMBDA: f64 = 1.0;
/// η of the epochs.
pub(crate) const LEARNING_RATE: f64 = 0.001;

const WIDE: &[usize] = &[784, 100, 10];
const SMALL: &[usize] = &[20, 32, 2];
const COURSE: &[usize] = &[400, 25, 10];

pub(crate) const CASES: &[Case] = &[
    Case { letter: 'A', kind: Kind::Epoch, rows: 60_000, sizes: WIDE, batch: 200 },
    Case { letter: 'B', kind: Kind::Epoch, rows: 20_000, sizes: &[784, 512, 512, 10], batch: 256 },
    Case { letter: 'C', kind: Kind::Epoch, rows: 20_000, sizes: SMALL, batch: 32 },
    Case { letter: 'D', kind: Kind::Epoch, rows: 50_000, sizes: &[50, 128, 128, 5], batch: 128 },
    Case { letter: 'E', kind: Kind::Evaluation, rows: 5_000, sizes: COURSE, batch: 5_000 },
    Case { letter: 'F', kind: Kind::Descent, rows: 5_000, sizes: COURSE, batch: 5_000 },
    Case { letter: 'G', kind: Kind::Prediction, rows: 60_000, sizes: WIDE, batch: 60_000 },
    Case { letter: 'H', kind: Kind::Call, rows: 1, sizes: SMALL, batch: 1 },
    Case { letter: 'P', kind: Kind::Product, rows: 4_096, sizes: &[784, 512], batch: 4_096 },
];

/// The case of a letter.
pub(crate) fn find(letter: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| letter.len() == 1 && letter.starts_with(case.letter))
}

impl Case {
    /// In words.
    pub(crate) fn describe(&self) -> String {
        let sizes: Vec<String> = self.sizes.iter().map(ToString::to_string).collect();
        let (rows, layers) = (self.rows, sizes.join("-"));
        match self.kind {
            Kind::Epoch => format!(
                "one epoch of {rows} rows through {layers} in batches of {}: relu, softmax cross-entropy, Adam, f32",
                self.batch
            ),
            Kind::Evaluation => {
                format!("one cost and gradient of {rows} rows through {layers}: sigmoid, cross-entropy, f64")
            }
            Kind::Descent => format!(
                "L-BFGS to a given cost on {rows} rows through {layers}: sigmoid, cross-entropy, lambda {LAMBDA}, f64"
            ),
            Kind::Prediction => format!("the outputs of {rows} rows through {layers}: relu, softmax, f32"),
            Kind::Call => format!("the outputs of one row through {layers}: relu, softmax, f32"),
            Kind::Product => format!("a product of {rows}x{layers} for each thread, f32"),
        }
    }

    /// Floating-point operations in the products that one measurement cannot do without; None where their number
    /// depends on the run. A backward pass needs ∇J of every layer, and δ of every layer but the inputs.
    pub(crate) fn flops(&self) -> Option<f64> {
        let products = |sizes: &[usize]| sizes.windows(2).map(|pair| (pair[0] * pair[1]) as f64).sum::<f64>();
        let forward = products(self.sizes);
        let backward = forward + products(&self.sizes[1..]);
        match self.kind {
            Kind::Epoch | Kind::Evaluation => Some(2.0 * self.rows as f64 * (forward + backward)),
            Kind::Prediction | Kind::Call | Kind::Product => Some(2.0 * self.rows as f64 * forward),
            Kind::Descent => None,
        }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.sizes[0]
    }

    pub(crate) fn outputs(&self) -> usize {
        self.sizes[self.sizes.len() - 1]
    }

    /// X row by row: uniform in [−2, 2), exact in f32.
    pub(crate) fn x<T>(&self, convert: impl Fn(f64) -> T) -> Vec<T> {
        (0..(self.rows * self.inputs()) as u64).map(|i| convert(input(i))).collect()
    }

    /// The class of each row: where the sum of every K-th input is largest, but chance for a tenth of the rows, so that no
    /// training gets to a cost of 0.
    pub(crate) fn classes(&self) -> Vec<usize> {
        let (inputs, classes) = (self.inputs(), self.outputs());
        let class = |row: usize| {
            if uniform(Stream::IsNoise, row as u64) < 0.1 {
                return (uniform(Stream::Noise, row as u64) * classes as f64) as usize;
            }
            // Sums of few multiples of 2⁻²² are exact: no order of adding makes another class of a row.
            let mut sums = vec![0.0; classes];
            for j in 0..inputs {
                sums[j % classes] += input((row * inputs + j) as u64);
            }
            (1..classes).fold(0, |best, k| if sums[k] > sums[best] { k } else { best })
        };
        (0..self.rows).map(class).collect()
    }

    /// Θ to start from: W uniform in ±√(6/(s_l + s_{l+1})) unit by unit, biases 0, layer by layer.
    pub(crate) fn weights(&self) -> Vec<(Vec<f64>, Vec<f64>)> {
        let mut drawn = 0;
        self.sizes
            .windows(2)
            .map(|pair| {
                let reach = (6.0 / (pair[0] + pair[1]) as f64).sqrt();
                let here = drawn..drawn + (pair[0] * pair[1]) as u64;
                drawn = here.end;
                let weights = here.map(|i| reach * (2.0 * uniform(Stream::Weights, i) - 1.0)).collect();
                (weights, vec![0.0; pair[1]])
            })
            .collect()
    }
}

/// What the numbers are for.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Inputs = 1,
    IsNoise = 2,
    Noise = 3,
    Weights = 4,
}

fn input(index: u64) -> f64 {
    4.0 * uniform(Stream::Inputs, index) - 2.0
}

/// Number `index` of a stream, in [0, 1) with 24 bits: SplitMix64 (Steele, Lea & Flood 2014), whose n-th number needs
/// none of those before.
fn uniform(stream: Stream, index: u64) -> f64 {
    let counter = ((stream as u64) << 40) + index;
    let z = counter.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 40) as f64 / f64::from(1 << 24)
}
