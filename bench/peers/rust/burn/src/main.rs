//! burn: modules, derivatives and Adam on its processor backend.

#[allow(dead_code, reason = "cases of others")]
#[path = "../../../../../crates/retrograde/examples/epoch/cases.rs"]
mod cases;
#[path = "../../serve.rs"]
mod serve;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Int, Tensor, TensorData};
use cases::{Case, Kind, LEARNING_RATE};
use serve::{CALLS, Orders, Sample, serve};
use std::time::Instant;

const VERSION: &str = "0.22.1";

#[derive(Module, Debug)]
struct Network {
    layers: Vec<Linear>,
}

impl Network {
    fn new(case: &Case, device: &Device) -> Self {
        let layer = |(pair, (weights, bias)): (&[usize], (Vec<f64>, Vec<f64>))| {
            let (inputs, units) = (pair[0], pair[1]);
            // Inputs x units there.
            let turned =
                (0..inputs * units).map(|i| weights[i % units * inputs + i / units] as f32).collect();
            let bias: Vec<f32> = bias.into_iter().map(|b| b as f32).collect();
            Linear {
                weight: Param::from_data(TensorData::new::<f32, _>(turned, [inputs, units]), device),
                bias: Some(Param::from_data(TensorData::new(bias, [units]), device)),
            }
        };
        Self { layers: case.sizes.windows(2).zip(case.weights()).map(layer).collect() }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("a network has layers");
        last.forward(hidden.iter().fold(x, |a, layer| relu(layer.forward(a))))
    }
}

fn inputs(case: &Case, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(case.x(|v| v as f32), [case.rows, case.inputs()]), device)
}

struct Epochs {
    case: &'static Case,
    device: Device,
    /// None only while a step takes it.
    network: Option<Network>,
    optimizer: ModuleOptimizer,
    loss: CrossEntropyLoss,
    x: Tensor<2>,
    y: Tensor<1, Int>,
    orders: Orders,
}

impl Epochs {
    fn new(case: &'static Case) -> Self {
        let device = Device::flex().autodiff();
        let classes: Vec<i32> = case.classes().into_iter().map(|class| class as i32).collect();
        Self {
            case,
            network: Some(Network::new(case, &device)),
            optimizer: AdamConfig::new().with_beta_2(0.999).with_epsilon(1e-8).init(),
            loss: CrossEntropyLossConfig::new().init(&device),
            x: inputs(case, &device),
            y: Tensor::from_data(TensorData::new(classes, [case.rows]), &device),
            orders: Orders::new(case.rows),
            device,
        }
    }

    fn run(&mut self) -> Sample {
        let begun = Instant::now();
        let mut network = self.network.take().expect("a network");
        let mut last = None;
        for rows in self.orders.next().chunks(self.case.batch) {
            let rows: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
            let count = rows.len();
            let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [count]), &self.device);
            let z = network.forward(self.x.clone().select(0, rows.clone()));
            let loss = self.loss.forward(z, self.y.clone().select(0, rows));
            let grads = GradientsParams::from_grads(loss.backward(), &network);
            network = self.optimizer.step(LEARNING_RATE, network, grads);
            last = Some(loss);
        }
        self.network = Some(network);
        let seconds = begun.elapsed().as_secs_f64();
        let cost = last.map_or(f32::NAN, |loss| loss.into_scalar::<f32>());
        Sample { seconds, note: ("cost", f64::from(cost)) }
    }
}

fn predictions(case: &'static Case, calls: u32) -> impl FnMut() -> Sample {
    let device = Device::flex();
    let (network, x) = (Network::new(case, &device), inputs(case, &device));
    move || {
        let begun = Instant::now();
        let mut a = None;
        for _ in 0..calls {
            a = Some(softmax(network.forward(x.clone()), 1));
        }
        let seconds = begun.elapsed().as_secs_f64() / f64::from(calls);
        let first = a.map_or(f32::NAN, |a| a.slice([0..1, 0..1]).into_scalar::<f32>());
        Sample { seconds, note: ("first", f64::from(first)) }
    }
}

fn main() {
    let case = serve::case();
    match case.kind {
        Kind::Epoch => {
            let mut epochs = Epochs::new(case);
            serve("burn", VERSION, || epochs.run());
        }
        _ => serve("burn", VERSION, predictions(case, if case.kind == Kind::Call { CALLS } else { 1 })),
    }
}
