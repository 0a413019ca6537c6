//! How everything looks: colours for light and dark, dashes, markers, the style sheet.

use super::svg::{Element, number};
use super::text;

/// A colour on white and the same on black. The first is what is positive, the second what is negative, where signs are
/// told apart; after them come Okabe and Ito's, which remain apart for the colour-blind, with their lightness changed to a
/// contrast of at least 3 : 1.
type Hue = (&'static str, &'static str);

const HUES: [Hue; 6] = [
    ("#0b5fa5", "#6db5f2"),
    ("#b34700", "#f5a25d"),
    ("#009e73", "#2bd9a8"),
    ("#c56c9e", "#d98ac0"),
    ("#b58300", "#f0e442"),
    ("#2b2b31", "#ffffff"),
];
const DASHES: [&str; 4] = ["none", "7 4", "2 3", "9 3 2 3"];
const MARKERS: [Marker; 3] = [Marker::Circle, Marker::Square, Marker::Triangle];

/// The longest titles and descriptions, which are read and not drawn.
const DESCRIPTION: usize = 2000;

const PAPER: Hue = ("#ffffff", "#17181c");
const INK: Hue = ("#1f1f24", "#f1f1f4");
const QUIET: Hue = ("#55555e", "#b4b4bd");
const GRID: Hue = ("#e6e6ea", "#303138");
const AXIS: Hue = ("#85858f", "#7d7d88");

/// What needs no colour; the fonts are those of the reader's system.
const SHAPES: &[(&str, &str)] = &[
    (
        "text",
        "font:12px system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Helvetica,Arial,sans-serif;\
         font-variant-numeric:tabular-nums",
    ),
    (".title", "font-size:16px;font-weight:600"),
    (".middle", "text-anchor:middle"),
    (".end", "text-anchor:end"),
    (".flag", "stroke-width:1.5;stroke-dasharray:1 2"),
    (".curve,.leader", "fill:none;stroke:currentColor;stroke-linejoin:round;stroke-width:2"),
    (".dense", "stroke-width:1.25"),
    (".halo", "fill:none;stroke-linejoin:round;stroke-width:4.5"),
    (".leader", "stroke-width:1;opacity:.7"),
    (".dots", "fill:none;stroke:currentColor;stroke-width:4;stroke-linecap:round"),
    (".bars", "fill:currentColor"),
    (".shape", "fill:currentColor;stroke-width:1"),
    (".interval", "stroke-width:1.5"),
];

/// How one line is told from the others: the first twelve differ in dash and marker too, never in colour
/// alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineStyle {
    hue: usize,
    dash: usize,
    marker: Marker,
}

/// The shape of a data point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Circle,
    Square,
    Triangle,
}

impl LineStyle {
    /// The look of the line with this index.
    pub(crate) fn of(index: usize) -> Self {
        let marker = MARKERS[index / DASHES.len() % MARKERS.len()];
        Self { hue: index % HUES.len(), dash: index % DASHES.len(), marker }
    }

    /// The class that sets the colour.
    pub(crate) fn colour(self) -> String {
        format!("c{}", self.hue)
    }

    /// The class that sets the dashes.
    pub(crate) fn dash(self) -> String {
        format!("d{}", self.dash)
    }

    /// Whether the line has its marker along its way, because another line has its dashes.
    pub(crate) fn is_marked(self) -> bool {
        self.marker != Marker::Circle
    }

    /// The marker of the line's colour, around a point.
    pub(crate) fn marker(self, (x, y): (f64, f64)) -> Element {
        let shape = match self.marker {
            Marker::Circle => {
                return Element::new("circle").with("class", "shape").at("cx", x).at("cy", y).at("r", 3.5);
            }
            Marker::Square => format!("M{} {}h6.4v6.4h-6.4z", number(x - 3.2), number(y - 3.2)),
            Marker::Triangle => format!("M{} {}l4.4 7.8h-8.8z", number(x), number(y - 5.0)),
        };
        Element::new("path").with("class", "shape").with("d", &shape)
    }
}

/// What is read about a figure, and its size.
pub(crate) struct Words<'a> {
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) size: (f64, f64),
}

/// The outermost element of a figure: what is read about it, its style sheet and its paper.
pub(crate) fn figure(words: &Words<'_>) -> Element {
    let (id, (width, height)) = (words.id, words.size);
    let described = text::shortened(words.description, DESCRIPTION);
    let (title_id, description_id) = (format!("{id}-title"), format!("{id}-desc"));
    let mut labelled_by = title_id.clone();
    let title = text::shortened(words.title, DESCRIPTION);
    let mut read = vec![Element::new("title").with("id", &title_id).text(&title)];
    if !described.is_empty() {
        labelled_by = format!("{title_id} {description_id}");
        read.push(Element::new("desc").with("id", &description_id).text(&described));
    }
    let paper = Element::new("rect").with("class", "paper").at("width", width).at("height", height);
    Element::new("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("id", id)
        .with("viewBox", &format!("0 0 {} {}", number(width), number(height)))
        .with("role", "img")
        .with("aria-labelledby", &labelled_by)
        .add_all(read)
        .add(Element::new("style").text(&sheet(id)))
        .add(paper)
}

/// A name for the elements of a figure: several may stand in one page. The same words give the same name (a FNV-1a
/// hash), so that the same figure is the same file.
pub(crate) fn id<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let bytes = words.into_iter().flat_map(|word| word.bytes().chain([0]));
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("figure-{hash:08x}")
}

/// The style sheet of the figure with this id. The rules name the id, because an SVG inside a page shares its
/// style sheets. Dark is for screens alone: paper is white.
fn sheet(id: &str) -> String {
    let dashes = DASHES.iter().enumerate().skip(1);
    let dashes = dashes.map(|(i, dash)| (format!(".d{i}"), format!("stroke-dasharray:{dash}")));
    let shapes = SHAPES.iter().map(|&(selector, rule)| (selector.to_owned(), rule.to_owned())).chain(dashes);
    let light = rules(id, shapes.chain(colours(|hue| hue.0)));
    let dark = rules(id, colours(|hue| hue.1));
    format!("\n{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n")
}

fn colours(of: fn(Hue) -> &'static str) -> impl Iterator<Item = (String, String)> {
    let fixed = [
        (".paper", "fill", PAPER),
        (".shape,.halo", "stroke", PAPER),
        ("text", "fill", QUIET),
        (".title,.name,.mark", "fill", INK),
        (".grid", "stroke", GRID),
        (".axis", "stroke", AXIS),
        (".flag,.interval", "stroke", INK),
    ];
    let fixed = fixed
        .into_iter()
        .map(move |(selector, name, hue)| (selector.to_owned(), format!("{name}:{}", of(hue))));
    let lines = HUES.iter().enumerate();
    fixed.chain(lines.map(move |(i, &hue)| (format!(".c{i}"), format!("color:{}", of(hue)))))
}

fn rules(id: &str, rules: impl Iterator<Item = (String, String)>) -> String {
    let rule = |(selectors, rule): (String, String)| {
        let scoped: Vec<String> = selectors.split(',').map(|selector| format!("#{id} {selector}")).collect();
        format!("{}{{{rule}}}\n", scoped.join(","))
    };
    rules.map(rule).collect()
}

/// The contrast of two colours as WCAG 2 has it.
#[cfg(test)]
pub(crate) fn contrast(a: &str, b: &str) -> f64 {
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value =
                f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("two hexadecimal digits"))
                    / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::{AXIS, HUES, Hue, INK, LineStyle, PAPER, QUIET, contrast, sheet};

    fn both(hue: Hue) -> f64 {
        contrast(hue.0, PAPER.0).min(contrast(hue.1, PAPER.1))
    }

    #[test]
    fn lines_have_a_contrast_of_3_and_text_of_4_and_a_half() {
        assert!(HUES.into_iter().chain([AXIS]).all(|hue| both(hue) >= 3.0));
        assert!([INK, QUIET].into_iter().all(|hue| both(hue) >= 4.5));
    }

    #[test]
    fn twelve_lines_differ_without_their_colours() {
        let styles: Vec<LineStyle> = (0..12).map(LineStyle::of).collect();
        for (i, a) in styles.iter().enumerate() {
            assert!(styles[..i].iter().all(|b| (a.dash, a.marker) != (b.dash, b.marker)), "{i}");
        }
        assert_eq!(LineStyle::of(12), LineStyle::of(0));
    }

    #[test]
    fn every_rule_is_for_this_figure_alone() {
        let sheet = sheet("figure-1");
        for rule in sheet.lines().filter(|line| line.contains('{') && !line.starts_with('@')) {
            let selectors = rule.split('{').next().unwrap();
            assert!(selectors.split(',').all(|selector| selector.starts_with("#figure-1 ")), "{rule}");
        }
    }
}
