//! The report as one HTML file: no script, nothing from elsewhere, light and dark, for screens and for paper.

use super::Report;
use super::sections::{self, Figure, Grid, LOOK, NOTHING, Section};
use crate::figure::{clean, escaped};
use std::fmt::Write as _;

/// Names of colours, on light and on dark paper.
const COLOURS: [(&str, &str, &str); 6] = [
    ("paper", "#ffffff", "#17181c"),
    ("ink", "#1f1f24", "#f1f1f4"),
    ("quiet", "#55555e", "#b4b4bd"),
    ("rule", "#85858f", "#7d7d88"),
    ("alert", "#b34700", "#f5a25d"),
    ("count", "#0b5fa5", "#6db5f2"),
];

/// How much of its colour the darkest cell has: the text on it stays readable.
const SHADE: f64 = 30.0;

const SHEET: &str = "\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:56rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);\
font:1rem/1.5 system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}\
h1{font-size:1.6rem;line-height:1.2;margin:0 0 1rem}h2{font-size:1.25rem;margin:2.5rem 0 .5rem;line-height:1.25}\
code{font-size:.95em}p{margin:.4rem 0;max-width:46rem}.quiet,summary{color:var(--quiet)}\
.findings{list-style:none;margin:.5rem 0;padding:0}.findings li,.findings p{border-left:4px solid var(--alert);\
padding:.1rem 0 .1rem .8rem;margin:.6rem 0}.findings.none p{border-color:var(--rule)}.findings p{max-width:none}\
.next{color:var(--quiet);display:block}\
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.5rem 2rem;margin:1rem 0}\
figure{margin:0;max-width:30rem;min-width:0}figure svg{display:block;width:100%;height:auto}\
figcaption{font-weight:600;line-height:1.3;margin-bottom:.4rem}.note{font-size:.85rem;color:var(--quiet);margin:.2rem 0}\
summary{font-size:.9rem;cursor:pointer}\
.wide{overflow-x:auto;margin:.5rem 0}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}\
th,td{padding:.25rem .5rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--rule);overflow-wrap:normal}\
th:first-child{text-align:left;padding-left:0}td{max-width:24rem;unicode-bidi:isolate}\
th{color:var(--quiet);font-weight:600}.words td,.words th{text-align:left}\
.shaded td{background:color-mix(in srgb,var(--count) calc(var(--s)*1%),var(--paper))}\
@media print{body{max-width:none}figure,tr,li{break-inside:avoid}details:not([open]){display:none}}";

impl Report {
    /// The report as one HTML file that needs nothing else.
    pub fn to_html(&self) -> String {
        let title = plain(&self.title());
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{title}</title>\n<style>{}{SHEET}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
            colours()
        );
        for sentence in &self.brief {
            let _ = writeln!(page, "<p>{}</p>", prose(sentence));
        }
        findings(self, &mut page);
        for part in &sections::of(self) {
            section(part, &mut page);
        }
        let _ = write!(
            page,
            "</main>\n<footer class=\"quiet\"><p>Made by retrograde {} ({}). <code>docs/report.md</code> says what each part means and states every threshold.</p></footer>\n</body>\n</html>\n",
            env!("CARGO_PKG_VERSION"),
            self.schema
        );
        page
    }
}

/// Text of others: one line, no marks that turn the direction of writing, nothing that is read as markup.
fn plain(text: &str) -> String {
    escaped(&clean(text))
}

/// Sentences of ours with names of others: what stands between back-ticks is code.
fn prose(text: &str) -> String {
    let parts: Vec<String> = plain(text).split('`').map(str::to_owned).collect();
    let last = parts.len() - 1;
    let part = |(i, part): (usize, String)| match i % 2 {
        1 if i < last => format!("<code>{part}</code>"),
        1 => format!("`{part}"),
        _ => part,
    };
    parts.into_iter().enumerate().map(part).collect()
}

fn colours() -> String {
    let all = |of: fn(&(&'static str, &'static str, &'static str)) -> &'static str| -> String {
        COLOURS.iter().fold(String::new(), |all, colour| all + "--" + colour.0 + ":" + of(colour) + ";")
    };
    let (light, dark) = (all(|c| c.1), all(|c| c.2));
    format!(":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}")
}

fn findings(report: &Report, page: &mut String) {
    page.push_str("<section>\n<h2>Findings</h2>\n");
    if report.findings.is_empty() {
        let _ = writeln!(
            page,
            "<div class=\"findings none\"><p>{NOTHING} <span class=\"next\">{LOOK}</span></p></div>"
        );
    } else {
        page.push_str("<ol class=\"findings\">\n");
        for finding in &report.findings {
            let (text, advice) = (prose(&finding.text), prose(&finding.advice));
            let _ = writeln!(page, "<li>{text} <span class=\"next\">→ {advice}</span></li>");
        }
        page.push_str("</ol>\n");
    }
    page.push_str("</section>\n");
}

fn section(part: &Section, page: &mut String) {
    let _ = writeln!(page, "<section>\n<h2>{}</h2>", plain(&part.title));
    for text in &part.text {
        let _ = writeln!(page, "<p>{}</p>", prose(text));
    }
    if let Some(grid) = &part.table {
        table(grid, &part.title, page);
    }
    if !part.figures.is_empty() {
        page.push_str("<div class=\"figures\">\n");
        part.figures.iter().for_each(|shown| figure(shown, page));
        page.push_str("</div>\n");
    }
    page.push_str("</section>\n");
}

fn figure(shown: &Figure, page: &mut String) {
    let _ = write!(page, "<figure>\n<figcaption>{}</figcaption>\n{}", prose(&shown.title), shown.svg);
    if !shown.note.is_empty() {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", plain(&shown.note));
    }
    page.push_str("<details><summary>The numbers</summary>\n");
    table(&shown.table, &shown.title, page);
    page.push_str("</details>\n</figure>\n");
}

fn table(grid: &Grid, label: &str, page: &mut String) {
    let class = if grid.shades.is_empty() {
        if grid.has_words() { " class=\"words\"" } else { "" }
    } else {
        " class=\"shaded\""
    };
    let _ = write!(
        page,
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Table: {}\"><table{class}>\n<thead><tr>",
        plain(label)
    );
    for name in &grid.head {
        let _ = write!(page, "<th scope=\"col\">{}</th>", plain(name));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (i, row) in grid.rows.iter().enumerate() {
        page.push_str("<tr>");
        for (j, cell) in row.iter().enumerate() {
            let shade = grid.shades.get(i).and_then(|row| row.get(j.checked_sub(1)?));
            let shade = shade.map_or(String::new(), |shade| format!(" style=\"--s:{:.0}\"", SHADE * shade));
            let (open, close) = if j == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            let _ = write!(page, "<{open}{shade}><bdi>{}</bdi></{close}>", plain(cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}

#[cfg(test)]
mod tests {
    use super::{COLOURS, SHADE, prose};
    use crate::figure::contrast;

    #[test]
    fn text_has_a_contrast_of_4_and_a_half_and_rules_of_3() {
        let paper = COLOURS[0];
        for (name, light, dark) in &COLOURS[1..] {
            let least = if *name == "rule" { 3.0 } else { 4.5 };
            assert!(contrast(light, paper.1) >= least && contrast(dark, paper.2) >= least, "{name}");
        }
    }

    #[test]
    fn code_stands_between_back_ticks() {
        assert_eq!(prose("a `b<` c `d`"), "a <code>b&lt;</code> c <code>d</code>");
        assert_eq!([prose(""), prose("`"), prose("a ` b")], ["", "`", "a ` b"]);
    }

    #[test]
    fn the_darkest_cell_is_readable() {
        let [paper, ink, .., count] = COLOURS;
        let mixed = |on: &str, with: &str| {
            let channel =
                |colour: &str, at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap());
            let part = SHADE / 100.0;
            let of = |at: usize| (part * channel(with, at) + (1.0 - part) * channel(on, at)).round() as u8;
            format!("#{:02x}{:02x}{:02x}", of(1), of(3), of(5))
        };
        assert!(contrast(ink.1, &mixed(paper.1, count.1)) >= 4.5);
        assert!(contrast(ink.2, &mixed(paper.2, count.2)) >= 4.5);
    }
}
