//! Named quantities below each other, each a bar with the interval that it is known to.

use super::scale::{Scale, ScaleKind};
use super::style;
use super::svg::{Element, number};
use super::text;
use super::ticks;

/// The width of a figure: two stand beside each other in a page, and one fits a telephone.
const WIDTH: f64 = 400.0;
/// White around everything.
const EDGE: f64 = 2.0;
/// From one bar to the next.
const ROW: f64 = 20.0;
/// How high a bar is.
const BAR: f64 = 11.0;
/// The size of text.
const SIZE: f64 = 12.0;
/// Between a name and its bar.
const GAP: f64 = 8.0;
/// The longest name and the longest value, in characters.
const NAME: usize = 18;
const VALUE: usize = 12;
/// The most parts that the axis is divided into.
const INTERVALS: usize = 4;

/// Bars, the first one on top: what [`Ranking::to_svg`] draws.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    /// What the figure shows; it is read, and the page around it says it.
    pub title: String,
    /// The same in more words, for those who do not see it.
    pub description: String,
    /// The quantity and its unit.
    pub label: String,
    /// What is compared.
    pub rows: Vec<Ranked>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranked {
    /// Its name, shortened where it does not fit.
    pub name: String,
    /// From 0 to here is the bar; none where it is not finite.
    pub value: f64,
    /// The value as it is written.
    pub written: String,
    /// Where its interval begins and ends.
    pub interval: (f64, f64),
}

/// Where things are.
struct Places {
    scale: Scale,
    left: f64,
    right: f64,
    bottom: f64,
}

impl Ranking {
    /// The text of an SVG file, which may also stand inside an HTML page.
    pub fn to_svg(&self) -> String {
        let width = |longest: usize, texts: &mut dyn Iterator<Item = &String>| {
            texts.map(|it| text::width(&text::shortened(it, longest), SIZE)).fold(0.0, f64::max)
        };
        let left = EDGE + width(NAME, &mut self.rows.iter().map(|row| &row.name)) + GAP;
        let right = WIDTH - EDGE - width(VALUE, &mut self.rows.iter().map(|row| &row.written)) - GAP;
        let all = self.rows.iter().flat_map(|row| [row.value, row.interval.0, row.interval.1]);
        let scale = Scale::of(ScaleKind::Linear, all.chain([0.0])).onto(left, right);
        let bottom = EDGE + self.rows.len() as f64 * ROW;
        let places = Places { scale, left, right, bottom };
        let bars = self.rows.iter().enumerate().flat_map(|(i, row)| drawn(row, i, &places));
        let label = text::shortened(&self.label, 2 * NAME);
        let middle = f64::midpoint(left, right);
        let height = bottom + 40.0;
        let caption = Element::label("middle", (middle, height - EDGE - 4.0), &label);
        let figure = style::figure(&style::Words {
            id: &self.id(),
            title: &self.title,
            description: &self.description,
            size: (WIDTH, height),
        });
        figure.add_all(axis(&places)).add_all(bars).add(caption).to_string()
    }

    /// As that of a chart.
    fn id(&self) -> String {
        let names = self.rows.iter().map(|row| row.name.as_str());
        style::id([self.title.as_str(), &self.description, &self.label].into_iter().chain(names))
    }
}

fn axis(places: &Places) -> Vec<Element> {
    let width = |label: &str| text::width(label, SIZE) + GAP;
    let ticks = ticks::fitted(&places.scale, INTERVALS, width).into_iter().flat_map(|tick| {
        let class = if tick.value == 0.0 { "axis" } else { "grid" };
        let line = Element::line(class, (tick.position, EDGE), (tick.position, places.bottom));
        [line, Element::label("middle", (tick.position, places.bottom + 14.0), &tick.label)]
    });
    ticks.collect()
}

fn drawn(row: &Ranked, index: usize, places: &Places) -> Vec<Element> {
    let top = EDGE + index as f64 * ROW + (ROW - BAR) / 2.0;
    let middle = top + BAR / 2.0;
    let base = middle + 4.0;
    let at = |value: f64| places.scale.position(value);
    let name = Element::label("name end", (places.left - GAP, base), &text::shortened(&row.name, NAME));
    let written = Element::label("name", (places.right + GAP, base), &text::shortened(&row.written, VALUE));
    let bar = at(0.0).zip(at(row.value)).map(|(from, to)| {
        let path =
            format!("M{} {}H{}v{}H{}z", number(from), number(top), number(to), number(BAR), number(from));
        let colour = style::LineStyle::of(usize::from(row.value < 0.0)).colour();
        Element::group(&colour).add(Element::new("path").with("class", "bars").with("d", &path))
    });
    let interval = at(row.interval.0).zip(at(row.interval.1)).filter(|(from, to)| from < to);
    let interval = interval.map(|(from, to)| Element::line("interval", (from, middle), (to, middle)));
    [Some(name), bar, interval, Some(written)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{Ranked, Ranking};

    fn row(name: &str, value: f64, half: f64) -> Ranked {
        Ranked {
            name: name.to_owned(),
            value,
            written: format!("{value:.3}"),
            interval: (value - half, value + half),
        }
    }

    fn ranking(rows: Vec<Ranked>) -> String {
        Ranking { title: "Columns".to_owned(), rows, ..Ranking::default() }.to_svg()
    }

    #[test]
    fn each_has_a_name_a_bar_and_an_interval() {
        let svg = ranking(vec![row("a", 0.5, 0.1), row("b", -0.2, 0.3), row("c", 0.0, 0.0)]);
        assert_eq!(svg.matches("class=\"bars\"").count(), 3);
        assert_eq!(svg.matches("class=\"interval\"").count(), 2);
        for name in ["a", "b", "c", "0.500", "-0.200"] {
            assert!(svg.contains(&format!(">{name}</text>")), "{name}");
        }
        assert!(svg.contains("class=\"c0\"") && svg.contains("class=\"c1\""));
    }

    #[test]
    fn what_is_no_number_has_no_bar_and_hostile_names_stay_names() {
        let hostile = format!("<script>{}\u{202e}", "損".repeat(1000));
        let svg =
            ranking(vec![row(&hostile, f64::NAN, 1.0), row("b", f64::INFINITY, 1.0), row("c", 1e300, 1e290)]);
        assert!(!svg.contains("NaN<") || svg.contains(">NaN</text>"));
        assert_eq!(svg.matches("class=\"bars\"").count(), 1);
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && svg.len() < 10_000);
        assert!(ranking(Vec::new()).starts_with("<svg "));
    }
}
