//! The proof of ∂J/∂Θ_ij = a_j δ_i on one row: each line a derivative, why it is what it is, and its number beside a numerical one.

use super::document::{Compared, ProofLine};
use super::{Explained, Explainer, compared, last_layer};
use crate::dual::Dual;
use crate::error::Result;
use crate::gradient_check::Verdict;
use crate::gradient_check::witness::Twins;
use crate::loss::{Loss, Output};
use crate::network::WeightId;
use crate::reference;

/// ε of f64.
const EPS: f64 = f64::EPSILON;

impl Explainer<'_> {
    /// The lines for the weight `id` in row `k`, from the cost back to the weight, and on to all rows.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) for a row or weight that is not there.
    pub fn proof(&self, k: usize, id: WeightId) -> Result<Vec<ProofLine>> {
        let weight = self.weight(k, id)?;
        let at = self.explained(k)?;
        let mut lines = vec![at.reads(id, self.name(id)), at.chain(id, &weight.name)];
        lines.extend(at.output_lines());
        lines.push(at.last_error_terms());
        for l in (id.layer + 1..at.network.depth() - 1).rev() {
            lines.push(at.error_terms_of_layer(l));
        }
        if id.layer + 1 < at.network.depth() {
            lines.extend(at.through_the_unit(id));
        }
        lines.push(line(
            format!("∂ℓ/∂{}", weight.name),
            format!("{} · {}", source(id), delta(id.layer, id.unit)),
            "the first two lines, with δ from those between",
            Compared {
                value: weight.product,
                numerical: weight.numerical,
                u: weight.u,
                verdict: weight.verdict,
            },
        ));
        let all = &weight.all;
        let equals = if id.source.is_none() { "Σ w·δ / M" } else { "(Σ w·a·δ + λΘ) / M" };
        let why = "J is the mean of the rows' costs, and λ/2M of the squares; a bias has no λ";
        let compared = Compared { value: all.grad, numerical: all.numerical, u: all.u, verdict: all.verdict };
        lines.push(line(format!("∂J/∂{}", weight.name), equals.to_owned(), why, compared));
        Ok(lines)
    }
}

impl Explained<'_> {
    /// ∂z_i/∂Θ_ij = a_j.
    fn reads(&self, id: WeightId, name: String) -> ProofLine {
        let layer = self.network.layer(id.layer);
        let a = &self.pass().a[id.layer];
        let index = self.network.index_of(id).unwrap_or(layer.bias.start);
        let z = |shift: f64| {
            let at = |place: usize| self.theta[place] + if place == index { shift } else { 0.0 };
            let products =
                (0..layer.inputs).map(|j| at(layer.weights.start + id.unit * layer.inputs + j) * a[j]);
            at(layer.bias.start + id.unit) + products.sum::<f64>()
        };
        let terms = (0..layer.inputs).map(|j| (self.weight(id.layer, id.unit, j) * a[j]).abs()).sum::<f64>()
            + self.theta[layer.bias.start + id.unit].abs();
        let value = id.source.map_or(1.0, |j| a[j]);
        let difference = difference(&z, self.theta[index], terms * (layer.inputs + 2) as f64);
        let why = "z is a sum, and one term alone has this weight";
        line(format!("∂{}/∂{name}", z_name(id.layer, id.unit)), source(id), why, difference.beside(value))
    }

    /// The chain rule that the proof follows.
    fn chain(&self, id: WeightId, name: &str) -> ProofLine {
        let (z, delta) = (z_name(id.layer, id.unit), delta(id.layer, id.unit));
        let why = "the chain rule: the weight reaches the cost through this z alone, and ∂ℓ/∂z is called δ";
        line(
            format!("∂ℓ/∂{name}"),
            format!("∂ℓ/∂{z} · ∂{z}/∂Θ, and ∂ℓ/∂{z} = {delta}"),
            why,
            self.error_term(id.layer, id.unit),
        )
    }

    /// ∂a_o/∂z_k of the last layer, where it is not 1.
    fn output_lines(&self) -> Option<ProofLine> {
        let (network, last) = (self.network, self.network.depth() - 1);
        let (output, z) = (network.output(), &self.pass().z[last]);
        if output == Output::Identity {
            return None;
        }
        let largest = largest_of(&self.pass().delta[last]);
        let entries: Vec<Compared> = (0..z.len())
            .map(|o| {
                let value = last_layer::jacobian_row(output, z, o)[largest];
                let a = |shift: f64| {
                    let mut z = z.clone();
                    z[largest] += shift;
                    reference::predict(output, &z)[o]
                };
                let size = 1.0 + z[largest].abs();
                difference(&a, z[largest], 8.0 * size * self.pass().a[last + 1][o].abs()).beside(value)
            })
            .collect();
        let (k, l) = (largest + 1, superscript(last + 2));
        let (equals, why, entries) = match output {
            Output::Softmax => (
                format!("a{l}_o (1[o = {k}] − a{l}_{k})"),
                "softmax: each output has every z in its denominator, so all of them move",
                entries,
            ),
            Output::Exp => (format!("a{l}_{k}"), "the derivative of eᶻ is eᶻ", vec![entries[largest]]),
            _ => (format!("a{l}_{k} (1 − a{l}_{k})"), "σ′ = σ(1 − σ)", vec![entries[largest]]),
        };
        let name = if output == Output::Softmax { "o".to_owned() } else { k.to_string() };
        let left = format!("∂a{l}_{name}/∂{}", z_name(last, largest));
        Some(many(left, equals, why, &entries))
    }

    /// δ⁽ᴸ⁾ of every output.
    fn last_error_terms(&self) -> ProofLine {
        let network = self.network;
        let last = network.depth() - 1;
        let entries: Vec<Compared> = (0..network.outputs()).map(|k| self.error_term(last, k)).collect();
        let l = superscript(last + 2);
        let (equals, why) = match (network.loss(), network.output()) {
            (Loss::CrossEntropy, Output::Softmax) => (
                format!("a{l}_k − y_k"),
                "ℓ = −Σ y ln a: the sum of −y_o/a_o · ∂a_o/∂z_k over all outputs, where Σ y = 1",
            ),
            (Loss::CrossEntropy, _) => (
                format!("a{l}_k − y_k"),
                "ℓ = −y ln a − (1 − y) ln(1 − a): ∂ℓ/∂a = (a − y)/(a(1 − a)), and a(1 − a) cancels",
            ),
            (Loss::SquaredError, Output::Identity) => {
                (format!("a{l}_k − y_k"), "ℓ = ½ Σ (a − y)², and a = z")
            }
            (Loss::Poisson, _) => (format!("a{l}_k − y_k"), "ℓ = a − y ln a, and a = eᶻ"),
            (Loss::Gamma, _) => (format!("1 − y_k/a{l}_k"), "ℓ = ln a + y/a, and a = eᶻ"),
            (_, Output::Softmax) => {
                (format!("Σ_o ∂ℓ/∂a_o · ∂a{l}_o/∂z_k"), "the cost reaches every output through each z")
            }
            (_, Output::Identity) => (format!("∂ℓ/∂a{l}_k"), "a = z"),
            _ => (format!("∂ℓ/∂a{l}_k · g′(z{l}_k)"), "the chain rule through the output's own g"),
        };
        many(format!("δ{l}_k = ∂ℓ/∂z{l}_k"), equals, why, &entries)
    }

    /// δ of every unit of a hidden layer above the weight's own.
    fn error_terms_of_layer(&self, l: usize) -> ProofLine {
        let entries: Vec<Compared> =
            (0..self.network.sizes()[l + 1]).map(|i| self.error_term(l, i)).collect();
        let (here, above) = (superscript(l + 2), superscript(l + 3));
        let equals = format!("Σ_k δ{above}_k Θ{here}_ki · g′(z{here}_i)");
        let why = "z_i reaches the cost through a_i, and a_i through every z of the next layer";
        many(format!("δ{here}_i = ∂ℓ/∂z{here}_i"), equals, why, &entries)
    }

    /// The weight's own unit, in a hidden layer: ∂ℓ/∂a, g′ and δ.
    fn through_the_unit(&self, id: WeightId) -> [ProofLine; 3] {
        let (l, i) = (id.layer, id.unit);
        let (here, above) = (superscript(l + 2), superscript(l + 3));
        let (z, a) = (z_name(l, i), format!("a{here}_{}", i + 1));
        let blame = line(
            format!("∂ℓ/∂{a}"),
            format!("Σ_k δ{above}_k Θ{here}_k{}", i + 1),
            "a reaches the cost through every z of the next layer, each by the weight between; no bias depends on it",
            self.by_source(l + 1, i),
        );
        let g = self.network.hidden()[l];
        let at = self.pass().z[l][i];
        let value = reference::slope(g, at);
        let difference = difference(&|shift| reference::activate(g, at + shift), at, 8.0 * (1.0 + at.abs()));
        let dual = g.value(Dual::new(at, 1.0)).derivative;
        let twins = Twins {
            kink: g.has_kink() && at.abs() <= difference.step,
            dual,
            dual_uncertainty: 16.0 * EPS * (1.0 + at.abs()) * dual.abs().max(f64::MIN_POSITIVE),
            undefined: g.slope_jumps() && at == 0.0,
            ..difference.twins()
        };
        let why = if g.has_kink() {
            "g is two pieces: the derivative of the one that z is on"
        } else {
            "the derivative of g at this z"
        };
        let slope = line(format!("∂{a}/∂{z}"), format!("g′({z})"), why, compared(value, &twins));
        let equals = format!("(Σ_k δ{above}_k Θ{here}_k{}) · g′({z})", i + 1);
        let error = line(
            format!("{} = ∂ℓ/∂{z}", delta(l, i)),
            equals,
            "the two lines above, multiplied: the chain rule through a",
            self.error_term(l, i),
        );
        [blame, slope, error]
    }
}

/// A central difference and how far it can be off.
struct Difference {
    step: f64,
    value: f64,
    u: f64,
}

impl Difference {
    fn twins(&self) -> Twins {
        Twins {
            numerical: self.value,
            uncertainty: self.u,
            dual: f64::NAN,
            dual_uncertainty: 0.0,
            kink: false,
            undefined: false,
        }
    }

    /// Beside the derivative, where nothing stands in the way of the difference.
    fn beside(&self, value: f64) -> Compared {
        let verdict = match (value - self.value).abs() <= self.u {
            true => Verdict::Agrees,
            false if value.is_finite() && self.value.is_finite() => Verdict::Differs,
            false => Verdict::CannotTell,
        };
        Compared { value, numerical: self.value, u: self.u, verdict }
    }
}

/// N(h) of a function of a shift from `at`, whose values are off by `noise` ε.
fn difference(f: &dyn Fn(f64) -> f64, at: f64, noise: f64) -> Difference {
    let step = (at + EPS.cbrt() * at.abs().max(1.0)) - at;
    let by = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    let (full, half) = (by(step), by(0.5 * step));
    let rounding = 4.0 * EPS * (noise + f(0.0).abs()) / step;
    // h itself is rounded where it is added.
    let moved = 2.0 * EPS * (1.0 + at.abs()) * full.abs() / step;
    Difference { step, value: full, u: 4.0 / 3.0 * (full - half).abs() + rounding + moved }
}

fn line(derivative: String, equals: String, why: &str, compared: Compared) -> ProofLine {
    ProofLine { derivative, equals, why: why.to_owned(), compared, of: None }
}

/// A line about several derivatives, shown by the one that is furthest off by its own uncertainty.
fn many(derivative: String, equals: String, why: &str, entries: &[Compared]) -> ProofLine {
    let badness = |c: &Compared| {
        let rank = match c.verdict {
            Verdict::Differs => 2.0,
            Verdict::CannotTell => 1.0,
            Verdict::Agrees => 0.0,
        };
        let off = (c.value - c.numerical).abs() / c.u.max(f64::MIN_POSITIVE);
        rank + off / (1.0 + off)
    };
    let worst = (0..entries.len()).max_by(|&a, &b| badness(&entries[a]).total_cmp(&badness(&entries[b])));
    let compared = entries[worst.unwrap_or(0)];
    let of = (entries.len() > 1).then_some(entries.len());
    ProofLine { derivative, equals, why: why.to_owned(), compared, of }
}

/// The place of the largest by magnitude.
fn largest_of(values: &[f64]) -> usize {
    (0..values.len()).max_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs())).unwrap_or(0)
}

/// a_j that the weight multiplies: `a⁽¹⁾_2`, 1 for a bias.
fn source(id: WeightId) -> String {
    id.source.map_or_else(|| "1".to_owned(), |j| format!("a{}_{}", superscript(id.layer + 1), j + 1))
}

fn z_name(layer: usize, unit: usize) -> String {
    format!("z{}_{}", superscript(layer + 2), unit + 1)
}

fn delta(layer: usize, unit: usize) -> String {
    format!("δ{}_{}", superscript(layer + 2), unit + 1)
}

/// `⁽2⁾` in superscript.
fn superscript(l: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = l.to_string().bytes().map(|b| DIGITS[usize::from(b - b'0')]).collect::<String>();
    format!("⁽{digits}⁾")
}
