//! The report as Markdown: the words and tables; of the figures their titles and numbers.

use super::Report;
use super::sections::{self, Grid, LOOK, NOTHING};
use std::fmt::Write as _;

/// Rows of a figure's numbers that are written.
const ROWS: usize = 20;

impl Report {
    /// The report as Markdown.
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# {}\n\n", safe(&self.title()));
        for sentence in &self.brief {
            let _ = writeln!(page, "{}\n", safe(sentence));
        }
        page.push_str("## Findings\n\n");
        if self.findings.is_empty() {
            let _ = writeln!(page, "{NOTHING} {LOOK}");
        }
        for (i, finding) in self.findings.iter().enumerate() {
            let _ = writeln!(page, "{}. {} → {}", i + 1, safe(&finding.text), safe(&finding.advice));
        }
        for part in sections::of(self) {
            let _ = writeln!(page, "\n## {}\n", safe(&part.title));
            for text in &part.text {
                let _ = writeln!(page, "{}\n", safe(text));
            }
            if let Some(grid) = &part.table {
                table(grid, usize::MAX, &mut page);
            }
            for figure in &part.figures {
                let _ = writeln!(page, "\n### {}\n", safe(&figure.title));
                if !figure.note.is_empty() {
                    let _ = writeln!(page, "{}\n", safe(&figure.note));
                }
                table(&figure.table, ROWS, &mut page);
            }
        }
        page
    }
}

fn table(grid: &Grid, most: usize, page: &mut String) {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| safe(cell)).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule = vec!["---"; grid.head.len()].join(" | ");
    let _ = writeln!(page, "{}\n| {rule} |", line(&grid.head));
    for row in grid.rows.iter().take(most) {
        let _ = writeln!(page, "{}", line(row));
    }
    if grid.rows.len() > most {
        let _ = writeln!(page, "\n… and {} more rows.", grid.rows.len() - most);
    }
}

/// Text of others on one line, none of which is read as markup.
fn safe(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() => {}
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '[' | ']' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
