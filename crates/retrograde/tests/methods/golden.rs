//! Reading `golden/methods.json`.

use ndarray::Array2;
use serde_json::Value;

/// One section of the file, as `golden/make_methods.py` names them.
pub(crate) fn section(name: &str) -> Value {
    let golden: Value = serde_json::from_str(include_str!("../golden/methods.json")).expect("JSON");
    golden[name].clone()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

pub(crate) fn name(entry: &Value) -> &str {
    entry["name"].as_str().expect("a name")
}

pub(crate) fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// All numbers of a list, or of a list of lists one after the other; a number alone is a list of one.
pub(crate) fn vector(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(vector).collect(),
        value => vec![number(value)],
    }
}

pub(crate) fn matrix(value: &Value, columns: usize) -> Array2<f64> {
    let values = vector(value);
    Array2::from_shape_vec((values.len() / columns, columns), values).expect("rows of one width")
}

/// A row of zeros and a one for each class code.
pub(crate) fn one_hot(value: &Value, classes: usize) -> Array2<f64> {
    let codes = vector(value);
    Array2::from_shape_fn((codes.len(), classes), |(k, i)| f64::from(u8::from(codes[k] == i as f64)))
}
