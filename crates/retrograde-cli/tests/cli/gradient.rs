//! J and ∇J for optimisers elsewhere.

use crate::sandbox::{Sandbox, root};
use serde_json::Value;

/// A model with weights of a few steps, small enough to look at.
fn started() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.done("train @moons --hidden 3 --activation tanh --lambda 2 --epochs 2 --validation none --dtype f64 -o m.rg -q");
    sandbox
}

fn gradient(sandbox: &Sandbox, words: &str) -> (f64, Vec<f64>) {
    let d = sandbox.json(&format!("gradient m.rg @moons {words}"), "retrograde.gradient/1");
    (d["cost"].as_f64().expect("J"), numbers(&d["grad"]))
}

fn numbers(array: &Value) -> Vec<f64> {
    array.as_array().expect("an array").iter().map(|v| v.as_f64().expect("a number")).collect()
}

#[test]
fn the_gradient_is_the_slope_of_the_cost() {
    let sandbox = started();
    let theta: Vec<f64> = (0..13).map(|i| 0.3 - 0.05 * f64::from(i)).collect();
    let cost = |theta: &[f64]| {
        let ran = sandbox.run_with_stdin("gradient m.rg @moons --theta -", json(theta).as_bytes());
        let document: Value = serde_json::from_str(&ran.stdout).expect("a document");
        (document["cost"].as_f64().expect("J"), numbers(&document["grad"]))
    };
    let (_, grad) = cost(&theta);
    for i in [0, 5, 8, 12] {
        let at = |h: f64| {
            let mut moved = theta.clone();
            moved[i] += h;
            cost(&moved).0
        };
        let numerical = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!((numerical - grad[i]).abs() < 1e-9, "{i}: {numerical} and {}", grad[i]);
    }
}

fn json(values: &[f64]) -> String {
    serde_json::to_string(values).expect("JSON")
}

#[test]
fn without_theta_it_is_that_of_the_model() {
    let sandbox = started();
    let export = sandbox.json("export m.rg", "retrograde.network/1");
    let mut theta = Vec::new();
    for l in 0..2 {
        theta.extend(numbers(&export["weights"][l]));
        theta.extend(numbers(&export["biases"][l]));
    }
    sandbox.write("theta.json", format!("{{\"theta\": {}}}", json(&theta)));
    assert_eq!(gradient(&sandbox, ""), gradient(&sandbox, "--theta theta.json"));
}

#[test]
fn the_courses_order_is_a_permutation_with_biases_first() {
    let sandbox = started();
    let (cost, flat) = gradient(&sandbox, "");
    let (same_cost, course) = gradient(&sandbox, "--order course");
    assert_eq!(cost, same_cost);
    // Theta1 is 3×3, column by column: its biases, then the weights of u, then those of v.
    let expected: Vec<f64> = [6, 7, 8, 0, 2, 4, 1, 3, 5, 12, 9, 10, 11].iter().map(|&i| flat[i]).collect();
    assert_eq!(course, expected);
}

#[test]
fn npy_goes_out_and_comes_in() {
    let sandbox = started();
    let (cost, grad) = gradient(&sandbox, "");
    let ran = sandbox.done("gradient m.rg @moons -o g.npy");
    assert_eq!(ran.stdout.trim().parse(), Ok(cost));
    let bytes = sandbox.read("g.npy");
    let found: Vec<f64> = bytes[bytes.len() - 8 * grad.len()..]
        .chunks(8)
        .map(|b| f64::from_le_bytes(b.try_into().expect("8")))
        .collect();
    assert_eq!(found, grad);
    let text = json(&grad);
    sandbox.write("g.json", text);
    assert_eq!(gradient(&sandbox, "--theta g.npy"), gradient(&sandbox, "--theta g.json"));
}

#[test]
fn weights_that_do_not_fit() {
    let sandbox = started();
    sandbox.write("short.json", "[1, 2]");
    sandbox.write("words.json", "{\"theta\": \"all\"}");
    insta::assert_snapshot!(sandbox.run("gradient m.rg @moons --theta short.json").snapshot());
    insta::assert_snapshot!(sandbox.run("gradient m.rg @moons --theta words.json").snapshot());
    insta::assert_snapshot!(sandbox.run("gradient m.rg - --theta -").snapshot());
}

/// SciPy's L-BFGS-B on our gradient reaches the minimum that our own L-BFGS reaches.
#[test]
fn scipy_trains_on_the_gradient() {
    let Some(python) = std::env::var_os("RETROGRADE_PYTHON") else {
        println!("skipped: RETROGRADE_PYTHON names no Python with numpy and scipy");
        return;
    };
    let sandbox = Sandbox::new();
    // λ > 0 on a linear model: a single minimum, from wherever one starts.
    let words = "train @digits --hidden none --lambda 10 --validation none --dtype f64 --no-check";
    sandbox.done(&format!("{words} --epochs 1 -o start.rg -q"));
    let ours = sandbox.json(
        &format!("{words} --optimizer lbfgs --tolerance 0 --epochs 2000 --json -q"),
        "retrograde.train/1",
    );
    let ours = ours["train"]["cost"].as_f64().expect("J");
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_retrograde")).parent().expect("a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path)));
    let output = std::process::Command::new(python)
        .arg(root().join("examples/gradient_with_scipy.py"))
        .args(["start.rg", "@digits"])
        .current_dir(sandbox.path("."))
        .env("PATH", path.expect("a path"))
        .output()
        .expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("J");
    assert!((ours - theirs).abs() <= 1e-6 * ours, "ours {ours}, SciPy's {theirs}");
}
