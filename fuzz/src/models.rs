//! Models and checkpoints whose checksums are right, whatever is in them.

use retrograde::Optimizer;
use retrograde_data::{Table, read_bytes};
use retrograde_model::{CheckpointPlan, Dtype, Every, FitSettings, FitTerms, Model, Validation, fit};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::sync::LazyLock;

/// Every type of column, missing cells, classes and numbers to predict.
const ROWS: &str = "n,c,d,y,k\n\
    1.5,a,2013-01-01,0.1,no\n2.5,b,2013-02-01,0.2,yes\n,a,2013-03-01,0.3,no\n4.5,,2013-04-01,0.4,yes\n\
    5.5,c,,0.5,maybe\n6.5,a,2013-06-01,0.6,no\n7.5,b,2013-07-01,0.7,yes\n8.5,c,2013-08-01,0.8,maybe\n";

/// The table that models are asked about.
pub static TABLE: LazyLock<Table> =
    LazyLock::new(|| read_bytes("t.csv", ROWS.as_bytes(), &crate::options()).expect("a table"));

/// A small training; `which` chooses among targets, methods and types.
pub fn settings(which: usize) -> FitSettings {
    let methods = [
        Optimizer::ADAM,
        Optimizer::Sgd { momentum: 0.9, nesterov: true },
        Optimizer::Rprop,
        Optimizer::ConjugateGradients,
        Optimizer::ScaledConjugateGradients,
        Optimizer::Lbfgs { memory: 3 },
        Optimizer::LevenbergMarquardt { memory: 1 << 20 },
        Optimizer::GradientDescent,
    ];
    let mut settings = FitSettings {
        hidden: vec![2].into(),
        dtype: if which & 8 == 0 { Dtype::F64 } else { Dtype::F32 },
        check: None,
        validation: if which & 16 == 0 { Validation::None } else { Validation::Share(0.3) },
        ..FitSettings::default()
    };
    settings.train.optimizer = methods[which % 8].clone();
    // Levenberg–Marquardt is for squares.
    let target = if which % 8 == 6 || which & 32 != 0 { "y" } else { "k" };
    settings.encoder.targets = vec![target.into()];
    settings.train.epochs = Some(3);
    settings.train.threads = 1;
    settings
}

/// How many settings there are.
pub const TRAININGS: usize = 64;

/// A file for this process.
pub fn file(ending: &str) -> PathBuf {
    std::env::temp_dir().join(format!("retrograde-fuzz-{}.{ending}", std::process::id()))
}

/// FNV-1a, as the files have it.
pub fn checksum(bytes: &[u8]) -> String {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
}

/// A checkpoint in its parts: description, state.
pub fn split_checkpoint(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::try_from(u64::from_le_bytes(*bytes.get(8..)?.first_chunk()?)).ok()?;
    let inside = bytes.get(16..bytes.len().checked_sub(16)?)?;
    inside.split_at_checked(length)
}

/// Its parts in a file.
pub fn checkpoint(description: &[u8], state: &[u8]) -> Vec<u8> {
    let length = (description.len() as u64).to_le_bytes();
    let mut bytes = [b"RGCKPT1\n", &length[..], description, state].concat();
    let digits = checksum(&bytes);
    bytes.extend_from_slice(digits.as_bytes());
    bytes
}

/// The checkpoint of a training after one of its epochs.
pub fn trained(which: usize) -> Vec<u8> {
    let path = file(&format!("{which}.new-ck"));
    let _ = std::fs::remove_file(&path);
    let mut settings = settings(which);
    settings.train.epochs = Some(1);
    let plan = CheckpointPlan { path: path.clone(), every: Every::Epochs(1) };
    let terms = FitTerms { checkpoint: Some(plan), ..FitTerms::default() };
    let fitted = fit(&*TABLE, &settings, &terms, &mut ());
    fitted.unwrap_or_else(|error| panic!("training {which}: {error}"));
    let bytes = std::fs::read(&path).expect("a checkpoint");
    for path in [path.clone()].iter().chain(&retrograde_model::companions(&path)) {
        let _ = std::fs::remove_file(path);
    }
    bytes
}

/// A model file as three parts that are easy to change: the description, the tensors' places, the weights.
pub fn split_model(model: &Model) -> Option<Vec<u8>> {
    let bytes = model.to_bytes().ok()?;
    let length = usize::try_from(u64::from_le_bytes(*bytes.first_chunk()?)).ok()?;
    let (header, data) = bytes[8..].split_at_checked(length)?;
    let mut header: Map<String, Value> = serde_json::from_slice(header).ok()?;
    let text = header.remove("__metadata__")?["retrograde"].as_str()?.to_owned();
    let description = text.split_once("\"model\":")?.1.strip_suffix('}')?;
    let places = serde_json::to_string(&header).ok()?;
    Some([description.as_bytes(), b"\n", places.as_bytes(), b"\n", data].concat())
}

/// The model file of such parts, with the checksums that belong to them. Other bytes stay as they are.
pub fn model(parts: &[u8]) -> Vec<u8> {
    sealed_model(parts).unwrap_or_else(|| parts.to_vec())
}

fn sealed_model(parts: &[u8]) -> Option<Vec<u8>> {
    if !parts.starts_with(b"{") {
        return None;
    }
    let mut parts = parts.splitn(3, |&byte| byte == b'\n');
    let description = std::str::from_utf8(parts.next()?).ok()?;
    let places = std::str::from_utf8(parts.next()?).ok()?;
    let data = parts.next()?;
    let mut header: Map<String, Value> = serde_json::from_str(places).ok()?;
    // In flat order: the weights of a layer before its bias.
    let mut flat = Vec::new();
    for layer in 1..=header.len() {
        for part in ["weight", "bias"] {
            let Some(place) = header.get(&format!("L{layer}.{part}")) else { continue };
            let at = |k: usize| place["data_offsets"][k].as_u64().and_then(|at| usize::try_from(at).ok());
            flat.extend_from_slice(data.get(at(0)?..at(1)?)?);
        }
    }
    let described = match description.split_once("\"tensors\":\"") {
        Some((before, after)) => {
            let rest = after.split_once('"')?.1;
            format!("{before}\"tensors\":\"{}\"{rest}", checksum(&flat))
        }
        None => description.to_owned(),
    };
    let digits = checksum(described.as_bytes());
    let text = format!("{{\"format\":1,\"checksum\":\"{digits}\",\"model\":{described}}}");
    header.insert("__metadata__".to_owned(), json!({ "retrograde": text }));
    let header = serde_json::to_vec(&header).ok()?;
    Some([&(header.len() as u64).to_le_bytes(), &header[..], data].concat())
}
