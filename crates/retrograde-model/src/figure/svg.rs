//! The elements of an SVG file, escaped and balanced by construction.

use super::text;
use std::fmt;

/// An element with its attributes and what it contains.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: &'static str,
    attributes: String,
    children: Vec<Node>,
}

#[derive(Debug, Clone)]
enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// An empty one.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, attributes: String::new(), children: Vec::new() }
    }

    /// A group of elements of one class.
    pub(crate) fn group(class: &str) -> Self {
        Self::new("g").with("class", class)
    }

    /// A straight line.
    pub(crate) fn line(class: &str, from: (f64, f64), to: (f64, f64)) -> Self {
        let line = Self::new("line").with("class", class);
        line.at("x1", from.0).at("y1", from.1).at("x2", to.0).at("y2", to.1)
    }

    /// Text that starts at a place on its base line; `text-anchor` moves the start.
    pub(crate) fn label(class: &str, at: (f64, f64), label: &str) -> Self {
        Self::new("text").with("class", class).at("x", at.0).at("y", at.1).text(label)
    }

    /// With one attribute more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.extend([" ", name, "=\"", &escaped(value), "\""]);
        self
    }

    /// With one number more.
    pub(crate) fn at(self, name: &str, value: f64) -> Self {
        self.with(name, &number(value))
    }

    /// Moved by so much.
    pub(crate) fn moved(self, x: f64, y: f64) -> Self {
        self.with("transform", &format!("translate({} {})", number(x), number(y)))
    }

    /// Around one element more.
    pub(crate) fn add(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// Around more elements.
    pub(crate) fn add_all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// Around text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.children.push(Node::Text(escaped(text)));
        self
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}{}", self.name, self.attributes)?;
        if self.children.is_empty() {
            return f.write_str("/>\n");
        }
        f.write_str(">")?;
        if let [Node::Element(_), ..] = self.children[..] {
            f.write_str("\n")?;
        }
        for child in &self.children {
            match child {
                Node::Element(element) => element.fmt(f)?,
                Node::Text(text) => f.write_str(text)?,
            }
        }
        writeln!(f, "</{}>", self.name)
    }
}

/// The `d` of a path, in hundredths from where the pen is: half as long as absolute numbers, and without
/// their drift.
#[derive(Debug, Default)]
pub(crate) struct Path {
    data: String,
    pen: (i64, i64),
}

impl Path {
    /// Lifts the pen and puts it down.
    pub(crate) fn move_to(&mut self, point: (f64, f64)) {
        self.pen = hundredths(point);
        self.data.extend(["M", &short(self.pen.0), " ", &short(self.pen.1)]);
    }

    /// Draws a straight line.
    pub(crate) fn line_to(&mut self, point: (f64, f64)) {
        let to = hundredths(point);
        let (x, y) = (to.0 - self.pen.0, to.1 - self.pen.1);
        self.pen = to;
        match (x, y) {
            (0, 0) => {}
            (_, 0) => self.data.extend(["h", &short(x)]),
            (0, _) => self.data.extend(["v", &short(y)]),
            _ => self.data.extend(["l", &short(x), if y < 0 { "" } else { " " }, &short(y)]),
        }
    }

    /// The attribute's value.
    pub(crate) fn data(&self) -> &str {
        &self.data
    }
}

/// The number to two decimals, without trailing zeros; 0 for what is no number.
pub(crate) fn number(value: f64) -> String {
    debug_assert!(value.is_finite(), "a place on the page is finite");
    let rounded = format!("{:.2}", if value.is_finite() { value } else { 0.0 });
    let short = rounded.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

fn hundredths(point: (f64, f64)) -> (i64, i64) {
    ((point.0 * 100.0).round() as i64, (point.1 * 100.0).round() as i64)
}

fn short(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, part) = (hundredths.abs() / 100, hundredths.abs() % 100);
    let whole = if whole == 0 && part > 0 { String::new() } else { whole.to_string() };
    match (part, part % 10) {
        (0, _) => format!("{sign}{whole}"),
        (_, 0) => format!("{sign}{whole}.{}", part / 10),
        _ => format!("{sign}{whole}.{part:02}"),
    }
}

/// Text as it stands in an element or attribute of XML and HTML.
pub(crate) fn escaped(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars().filter(|&c| text::is_xml(c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Element, Path, number};

    #[test]
    fn text_and_attributes_are_escaped() {
        let element =
            Element::new("text").with("id", "a\"b'&<").text("</text>\u{0}\u{b}\u{ffff}<script>&amp;");
        let expected = "<text id=\"a&quot;b&#39;&amp;&lt;\">&lt;/text&gt;&lt;script&gt;&amp;amp;</text>\n";
        assert_eq!(element.to_string(), expected);
    }

    #[test]
    fn numbers_have_two_decimals_at_most() {
        assert_eq!(number(1.0), "1");
        assert_eq!(number(0.126), "0.13");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(120.5), "120.5");
        assert_eq!(number(100.0), "100");
    }

    #[test]
    fn paths_come_back_to_the_same_hundredth() {
        let mut path = Path::default();
        path.move_to((10.0, 20.25));
        for i in 1..=1000 {
            path.line_to((10.0 + f64::from(i) / 3.0, 20.25));
        }
        let steps = path.data().split('h').skip(1).map(|step| step.parse::<f64>().unwrap());
        assert!((steps.sum::<f64>() - 333.33).abs() < 1e-6);
        let mut path = Path::default();
        path.move_to((0.0, 0.5));
        path.line_to((0.5, -0.05));
        path.line_to((0.5, -0.05));
        path.line_to((0.5, 3.0));
        path.line_to((2.6, 3.1));
        assert_eq!(path.data(), "M0 .5l.5-.55v3.05l2.1 .1");
    }

    #[test]
    fn elements_are_nested() {
        let svg = Element::group("a").add(Element::new("rect").at("x", 1.5)).add(Element::group("b"));
        assert_eq!(svg.to_string(), "<g class=\"a\">\n<rect x=\"1.5\"/>\n<g class=\"b\"/>\n</g>\n");
    }
}
