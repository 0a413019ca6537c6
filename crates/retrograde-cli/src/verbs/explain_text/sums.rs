//! Equations and sums as text: a name, how it is made, the number.

use super::LISTED;
use crate::output::style::sign;
use crate::output::text::{Side, clean, count, table, value};
use retrograde::Verdict;
use retrograde::explain::{Others, Term, Terms};

/// The columns of equations.
pub(super) const EQUATION: [Side; 4] = [Side::Left, Side::Right, Side::Left, Side::Left];

/// `δ  … = 0.0087`, and a verdict beside a numerical twin.
pub(super) fn equation(name: &str, how: &str, result: f64, verdict: Option<Verdict>) -> Vec<String> {
    let verdict = verdict.map(|verdict| format!("{} {}", verdict.name(), sign(verdict))).unwrap_or_default();
    vec![name.to_owned(), how.to_owned(), format!("= {}", digits(result)), verdict]
}

/// `± 3e-10`.
pub(super) fn uncertainty(u: f64) -> String {
    format!("± {u:.0e}")
}

/// Nine significant digits: enough to see two numbers be the same.
pub(super) fn digits(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() {
        return x.to_string();
    }
    if (1e-4..1e6).contains(&size) {
        let decimals = (8 - size.log10().floor() as i32).max(0);
        return format!("{x:.*}", decimals.unsigned_abs() as usize);
    }
    format!("{x:.8e}")
}

/// A sum, term by term.
pub(super) fn terms(sum: &Terms, (number, weight): (&str, &str)) -> Vec<String> {
    let mut rows = vec![["from", number, weight, ""].map(str::to_owned).to_vec()];
    let row = |term: &Term| {
        vec![clean(&term.from), value(term.number), value(term.weight), format!("= {}", value(term.product))]
    };
    rows.extend(sum.terms.iter().take(LISTED).map(row));
    let mut lines = table(&[Side::Left, Side::Right, Side::Right, Side::Left], &rows);
    lines.extend(others(sum));
    lines.iter().map(|line| format!("  {line}")).collect()
}

/// `… 1,004 others: sum 0.003 (7.0% of all magnitudes)`: the terms that are not listed, and those that the document has not.
fn others(sum: &Terms) -> Option<String> {
    let (listed, hidden) = sum.terms.split_at(sum.terms.len().min(LISTED));
    let rest = sum.others.unwrap_or(Others { count: 0, sum: 0.0, share: 0.0 });
    let count_of_all = hidden.len() + rest.count;
    if count_of_all == 0 {
        return None;
    }
    let magnitude = |terms: &[Term]| terms.iter().map(|term| term.product.abs()).sum::<f64>();
    // What is in the document is the part 1 − share of all.
    let all = (magnitude(listed) + magnitude(hidden)) / (1.0 - rest.share);
    let share = rest.share + if all > 0.0 { magnitude(hidden) / all } else { 0.0 };
    let sum = rest.sum + hidden.iter().map(|term| term.product).sum::<f64>();
    Some(format!(
        "  … {} others: sum {} ({:.1}% of all magnitudes)",
        count(count_of_all),
        value(sum),
        100.0 * share
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_counted_summed_and_weighed_once() {
        let term = |product: f64| Term { from: "u".into(), number: product, weight: 1.0, product };
        let terms: Vec<Term> = (0..20).map(|_| term(1.0)).collect();
        // 20 of 25 are in the document, 8 of these are listed: 12 + 5 of 25 are not.
        let others = Some(Others { count: 10, sum: -5.0, share: 0.2 });
        let text = super::others(&Terms { terms: terms.clone(), others, sum: 15.0 });
        assert_eq!(text.as_deref(), Some("  … 22 others: sum 7 (68.0% of all magnitudes)"));
        let text = super::others(&Terms { terms: terms[..10].to_vec(), others: None, sum: 10.0 });
        assert_eq!(text.as_deref(), Some("  … 2 others: sum 2 (20.0% of all magnitudes)"));
        assert_eq!(super::others(&Terms { terms: terms[..8].to_vec(), others: None, sum: 8.0 }), None);
    }
}
