//! candle: its tensors and derivatives, and its AdamW without decay, which is Adam.

#[allow(dead_code, reason = "cases of others")]
#[path = "../../../../../crates/retrograde/examples/epoch/cases.rs"]
mod cases;
#[path = "../../serve.rs"]
mod serve;

use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW};
use cases::{Case, Kind, LEARNING_RATE};
use serve::{CALLS, Orders, Sample, serve};
use std::time::Instant;

const VERSION: &str = "0.11.1";

struct Network {
    layers: Vec<Linear>,
    vars: Vec<Var>,
}

impl Network {
    fn new(case: &Case) -> Result<Self> {
        let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<_>>();
        let (mut layers, mut vars) = (Vec::new(), Vec::new());
        for (pair, (weights, bias)) in case.sizes.windows(2).zip(case.weights()) {
            let weights = Var::from_vec(narrow(&weights), (pair[1], pair[0]), &Device::Cpu)?;
            let bias = Var::from_vec(narrow(&bias), pair[1], &Device::Cpu)?;
            layers.push(Linear::new(weights.as_tensor().clone(), Some(bias.as_tensor().clone())));
            vars.extend([weights, bias]);
        }
        Ok(Self { layers, vars })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (last, hidden) = self.layers.split_last().expect("a network has layers");
        let mut a = x.clone();
        for layer in hidden {
            a = layer.forward(&a)?.relu()?;
        }
        last.forward(&a)
    }
}

fn inputs(case: &Case) -> Result<Tensor> {
    Tensor::from_vec(case.x(|v| v as f32), (case.rows, case.inputs()), &Device::Cpu)
}

struct Epochs {
    case: &'static Case,
    network: Network,
    optimizer: AdamW,
    x: Tensor,
    y: Tensor,
    orders: Orders,
}

impl Epochs {
    fn new(case: &'static Case) -> Result<Self> {
        let network = Network::new(case)?;
        let params = ParamsAdamW { lr: LEARNING_RATE, weight_decay: 0.0, ..ParamsAdamW::default() };
        let optimizer = AdamW::new(network.vars.clone(), params)?;
        let classes = case.classes().into_iter().map(|class| class as u32).collect();
        let y = Tensor::from_vec(classes, case.rows, &Device::Cpu)?;
        Ok(Self { case, network, optimizer, x: inputs(case)?, y, orders: Orders::new(case.rows) })
    }

    fn run(&mut self) -> Result<Sample> {
        let begun = Instant::now();
        let mut last = None;
        for rows in self.orders.next().chunks(self.case.batch) {
            let rows = Tensor::new(rows, &Device::Cpu)?;
            let z = self.network.forward(&self.x.index_select(&rows, 0)?)?;
            let loss = candle_nn::loss::cross_entropy(&z, &self.y.index_select(&rows, 0)?)?;
            self.optimizer.backward_step(&loss)?;
            last = Some(loss);
        }
        let seconds = begun.elapsed().as_secs_f64();
        let cost = last.map_or(Ok(f32::NAN), |loss| loss.to_scalar::<f32>())?;
        Ok(Sample { seconds, note: ("cost", f64::from(cost)) })
    }
}

/// Predictions need no derivatives: the weights are taken out of their variables.
fn predictions(case: &'static Case, calls: u32) -> Result<impl FnMut() -> Result<Sample>> {
    let mut network = Network::new(case)?;
    let detached = |layer: &Linear| Linear::new(layer.weight().detach(), layer.bias().map(Tensor::detach));
    network.layers = network.layers.iter().map(detached).collect();
    let x = inputs(case)?;
    Ok(move || {
        let begun = Instant::now();
        let mut a = None;
        for _ in 0..calls {
            a = Some(candle_nn::ops::softmax(&network.forward(&x)?, D::Minus1)?);
        }
        let seconds = begun.elapsed().as_secs_f64() / f64::from(calls);
        let first = a.map_or(Ok(f32::NAN), |a| a.get(0)?.get(0)?.to_scalar::<f32>())?;
        Ok(Sample { seconds, note: ("first", f64::from(first)) })
    })
}

fn main() -> Result<()> {
    let case = serve::case();
    match case.kind {
        Kind::Epoch => {
            let mut epochs = Epochs::new(case)?;
            serve("candle", VERSION, || epochs.run().expect("an epoch"));
        }
        _ => {
            let mut predict = predictions(case, if case.kind == Kind::Call { CALLS } else { 1 })?;
            serve("candle", VERSION, || predict().expect("a prediction"));
        }
    }
    Ok(())
}
