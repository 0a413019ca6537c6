//! The report as one HTML file: no script, nothing from elsewhere, light and dark, for screens and for paper.

use super::Report;
use super::sections::{self, Figure, Grid, Section};
use crate::figure::{clean, escaped};
use std::fmt::Write as _;

/// Names of colours, on light and on dark paper.
const COLOURS: [(&str, &str, &str); 5] = [
    ("paper", "#ffffff", "#17181c"),
    ("ink", "#1f1f24", "#f1f1f4"),
    ("quiet", "#55555e", "#b4b4bd"),
    ("rule", "#85858f", "#7d7d88"),
    ("alert", "#b34700", "#f5a25d"),
];

const SHEET: &str = "\
*{box-sizing:border-box}\
body{margin:0 auto;max-width:54rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);\
font:1rem/1.5 system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Helvetica,Arial,sans-serif;overflow-wrap:anywhere}\
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.25rem;margin-top:2.5rem;line-height:1.25}\
.quiet,summary,figcaption{color:var(--quiet)}\
.findings{border-left:4px solid var(--alert);padding:.2rem 0 .2rem 1rem}.findings.none{border-color:var(--rule)}\
figure{margin:1rem 0}figure svg{display:block;width:100%;height:auto}\
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}\
th,td{padding:.25rem .7rem .25rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule);overflow-wrap:normal}\
td{max-width:24rem;unicode-bidi:isolate}th{color:var(--quiet);font-weight:600}\
@media print{body{max-width:none}figure,tr{break-inside:avoid}details:not([open]){display:none}}";

impl Report {
    /// The report as one HTML file that needs nothing else.
    pub fn to_html(&self) -> String {
        let title = format!("{} on {}", self.model.network, self.model.table);
        let title = plain(&title);
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{title}</title>\n<style>{}{SHEET}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n",
            colours()
        );
        findings(self, &mut page);
        sections::of(self).iter().enumerate().for_each(|(i, part)| section(part, i, &mut page));
        let _ = write!(
            page,
            "</main>\n<footer class=\"quiet\">retrograde {} · {} · <code>docs/report.md</code> states every threshold</footer>\n</body>\n</html>\n",
            plain(&self.model.version),
            self.schema
        );
        page
    }
}

/// Text of others: one line, no marks that turn the direction of writing, nothing that is read as markup.
fn plain(text: &str) -> String {
    escaped(&clean(text))
}

fn colours() -> String {
    let all = |of: fn(&(&'static str, &'static str, &'static str)) -> &'static str| -> String {
        COLOURS.iter().fold(String::new(), |all, colour| all + "--" + colour.0 + ":" + of(colour) + ";")
    };
    let (light, dark) = (all(|c| c.1), all(|c| c.2));
    format!(":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}")
}

fn findings(report: &Report, page: &mut String) {
    page.push_str("<section aria-labelledby=\"findings\">\n<h2 id=\"findings\">Findings</h2>\n");
    if report.findings.is_empty() {
        page.push_str("<p class=\"findings none\">Nothing stands out.</p>\n");
    } else {
        page.push_str("<ol class=\"findings\">\n");
        for finding in &report.findings {
            let _ = writeln!(page, "<li>{}</li>", plain(&finding.text));
        }
        page.push_str("</ol>\n");
    }
    page.push_str("</section>\n");
}

fn section(part: &Section, index: usize, page: &mut String) {
    let _ = write!(
        page,
        "<section aria-labelledby=\"part-{index}\">\n<h2 id=\"part-{index}\">{}</h2>\n",
        plain(&part.title)
    );
    for text in &part.text {
        let _ = writeln!(page, "<p>{}</p>", plain(text));
    }
    if let Some(grid) = &part.table {
        table(grid, &part.title, page);
    }
    part.figures.iter().for_each(|shown| figure(shown, page));
    page.push_str("</section>\n");
}

fn figure(shown: &Figure, page: &mut String) {
    page.push_str("<figure>\n");
    page.push_str(&shown.svg);
    page.push_str("<details><summary>The numbers</summary>\n");
    table(&shown.table, &shown.title, page);
    page.push_str("</details>\n</figure>\n");
}

fn table(grid: &Grid, label: &str, page: &mut String) {
    let _ = write!(
        page,
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table>\n<thead><tr>",
        plain(label)
    );
    for name in &grid.head {
        let _ = write!(page, "<th scope=\"col\">{}</th>", plain(name));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in &grid.rows {
        page.push_str("<tr>");
        for (i, cell) in row.iter().enumerate() {
            let (open, close) = if i == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
            let _ = write!(page, "<{open}><bdi>{}</bdi></{close}>", plain(cell));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}

#[cfg(test)]
mod tests {
    use super::COLOURS;
    use crate::figure::contrast;

    #[test]
    fn text_has_a_contrast_of_4_and_a_half_and_rules_of_3() {
        let paper = COLOURS[0];
        for (name, light, dark) in &COLOURS[1..] {
            let least = if *name == "rule" { 3.0 } else { 4.5 };
            assert!(contrast(light, paper.1) >= least && contrast(dark, paper.2) >= least, "{name}");
        }
    }
}
