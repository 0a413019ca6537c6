//! The parts of a report in their order, each with a title that states what it shows: what HTML and Markdown write.

use super::{Report, figures};
use crate::evaluate::Confusion;
use crate::words::{count, of_rows};

/// The most classes of a confusion matrix that is shown.
const CLASSES: usize = 20;

/// Said where there are no findings, and what to look at then.
pub(super) const NOTHING: &str = "Nothing stands out.";
pub(super) const LOOK: &str =
    "→ Look at the rows that pull hardest, and ask for the answers on rows that it has never seen.";

/// A part of the report.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) text: Vec<String>,
    pub(super) table: Option<Grid>,
    pub(super) figures: Vec<Figure>,
}

/// A figure and its twin.
pub(super) struct Figure {
    pub(super) svg: String,
    pub(super) title: String,
    /// What is to be known to read it; may be empty.
    pub(super) note: String,
    pub(super) table: Grid,
}

/// A table of text.
#[derive(Default)]
pub(super) struct Grid {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// How dark each cell is, from 0 to 1, without the first one of each row; none where all are alike.
    pub(super) shades: Vec<Vec<f64>>,
}

impl Grid {
    pub(super) fn new(head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { head: head.iter().map(|&name| name.to_owned()).collect(), rows, shades: Vec::new() }
    }

    /// Whether it is of words rather than of numbers: they begin at the left.
    pub(super) fn has_words(&self) -> bool {
        self.head.last().is_some_and(|head| head == "value")
    }

    /// Without the columns that are empty in every row.
    fn without_empty(mut self) -> Self {
        let known: Vec<bool> =
            (0..self.head.len()).map(|j| self.rows.iter().any(|row| !row[j].is_empty())).collect();
        let keep = |cells: &mut Vec<String>| {
            let mut known = known.iter();
            cells.retain(|_| known.next().copied().unwrap_or(true));
        };
        self.rows.iter_mut().chain([&mut self.head]).for_each(keep);
        self
    }
}

impl Section {
    fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), text: Vec::new(), table: None, figures: Vec::new() }
    }

    fn says(mut self, text: impl Into<String>) -> Self {
        self.text.push(text.into());
        self
    }

    fn holds(mut self, table: Grid) -> Self {
        self.table = Some(table.without_empty());
        self
    }

    fn shows(mut self, figures: impl IntoIterator<Item = Figure>) -> Self {
        self.figures.extend(figures);
        self
    }
}

/// A number with at least four digits, with an exponent where it is very large or small, and a minus as long as a plus.
pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    let text = if value == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e6).contains(&size) {
        let places = (3 - size.log10().floor() as i32).max(0) as usize;
        if places > 0 { format!("{size:.places$}") } else { count(size.round() as usize) }
    } else {
        format!("{size:.3e}")
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

/// All parts after the findings: what is said of the rows first, how it came about after it.
pub(super) fn of(report: &Report) -> Vec<Section> {
    let mut sections = vec![answers(report)];
    sections.extend(importance(report));
    sections.push(hardest(report));
    sections.extend(training(report));
    sections.extend([check(report), tug(report), layers(report), summary(report)]);
    sections
}

fn answers(report: &Report) -> Section {
    let scores = &report.scores;
    let mut section = Section::new("What is known, and what is said").says(measures(report));
    if let Some(confusion) = &scores.confusion {
        if confusion.classes.len() <= CLASSES {
            section = section.holds(confused(confusion));
        } else {
            section = section.says(format!(
                "The confusion of {} classes is not shown; `retrograde evaluate --json` has it.",
                count(confusion.classes.len())
            ));
        }
    }
    if report.answers.numbers.len() > figures::TARGETS {
        section = section.says(format!(
            "Of {} targets the first {} are drawn.",
            count(report.answers.numbers.len()),
            figures::TARGETS
        ));
    }
    section.shows(figures::answers(report))
}

/// The scores in one line.
fn measures(report: &Report) -> String {
    let scores = &report.scores;
    let measures = [
        ("cost", Some(scores.cost)),
        ("accuracy", scores.accuracy),
        ("log loss", scores.log_loss),
        ("AUC", scores.auc),
        ("RMSE", scores.rmse),
        ("MAE", scores.mae),
        ("R²", scores.r2),
    ];
    let known = measures.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|value| value.is_finite())?;
        Some(format!("{name} {}", short(value)))
    });
    let rows = of_rows(scores.rows) + &super::brief::weighed(scores);
    format!("On {rows}: {}.", known.collect::<Vec<_>>().join(", "))
}

/// Rows are the true classes; a cell is as dark as its share of its row.
fn confused(confusion: &Confusion) -> Grid {
    let head = std::iter::once("known ╲ said".to_owned()).chain(confusion.classes.clone());
    let row = |(class, cells): (&String, &Vec<usize>)| {
        std::iter::once(class.clone()).chain(cells.iter().map(|&n| count(n))).collect()
    };
    let shade = |cells: &Vec<usize>| {
        let rows = cells.iter().sum::<usize>().max(1) as f64;
        cells.iter().map(|&n| n as f64 / rows).collect()
    };
    Grid {
        head: head.collect(),
        rows: confusion.classes.iter().zip(&confusion.matrix).map(row).collect(),
        shades: confusion.matrix.iter().map(shade).collect(),
    }
}

fn importance(report: &Report) -> Option<Section> {
    let found = &report.importance;
    let figure = figures::importance(report)?;
    let says = format!(
        "By how much the cost rises when a column's cells are shuffled among the rows: the mean of {} shuffles and its 95 % interval, on {} of {} rows. Columns that tell the same share their worth.",
        found.repeats,
        count(found.rows),
        count(found.of)
    );
    Some(Section::new("What each column is worth").says(says).shows([figure]))
}

fn hardest(report: &Report) -> Section {
    let row = |hard: &crate::explain::HardRow| {
        vec![
            hard.row.to_string(),
            hard.line.map(|line| line.to_string()).unwrap_or_default(),
            hard.answer.target.join(", "),
            hard.answer.predicted.join(", "),
            hard.answer.probability.map(short).unwrap_or_default(),
            short(hard.cost),
            short(hard.pull),
        ]
    };
    let head = ["row", "line", "known", "said", "its probability", "cost", "‖∇J_k‖"];
    Section::new("The rows that pull hardest")
        .says("A large pull can be a wrong label, a rare case or a hard one. `retrograde explain MODEL DATA --row K` shows why; `--worst 20 --by cost` lists the rows among which wrong labels are likeliest.")
        .holds(Grid::new(&head, report.hardest.iter().map(row).collect()))
}

fn training(report: &Report) -> Option<Section> {
    let shown = figures::training(report);
    (!shown.is_empty()).then(|| Section::new("The training").shows(shown))
}

fn check(report: &Report) -> Section {
    let check = &report.check;
    Section::new("The gradient check")
        .says(format!(
            "{} of {} derivatives on {} rows, by backpropagation (D) and by differences of the cost (N). They agree when they are within U, the uncertainty of N.",
            count(check.results.len()),
            count(check.weights),
            count(check.rows.len())
        ))
        .shows([figures::check(report)])
}

fn tug(report: &Report) -> Section {
    Section::new("Tug of war")
        .says("At a minimum single rows still pull at a weight in both directions; their mean Δ/m and the regulariser's λΘ/m cancel to D = ∂J/∂Θ. These are the weights with the largest pulls.")
        .shows(report.tug_of_war.iter().map(figures::tug))
}

fn layers(report: &Report) -> Section {
    let row = |layer: &retrograde::layers::health::LayerHealth| {
        vec![
            layer.l.to_string(),
            count(layer.units),
            layer.activation.map_or("output", |g| g.name()).to_owned(),
            short(layer.mean_delta),
            layer.mean_slope.map(short).unwrap_or_default(),
            layer.dead.len().to_string(),
            layer.saturated.len().to_string(),
            layer.duplicates.len().to_string(),
        ]
    };
    let head = ["layer", "units", "g", "mean |δ|", "mean g′", "dead", "saturated", "duplicate"];
    Section::new("The layers on these rows")
        .holds(Grid::new(&head, report.layers.iter().map(row).collect()))
        .shows(figures::deltas(report))
        .shows(report.weights.iter().map(figures::weights))
}

fn summary(report: &Report) -> Section {
    let model = &report.model;
    let rows = vec![
        vec!["network".to_owned(), model.network.clone()],
        vec!["predicts".to_owned(), format!("{} ({})", model.targets.join(", "), model.task)],
        vec!["parameters".to_owned(), format!("{} in {}", count(model.parameters), model.dtype)],
        vec!["cost".to_owned(), format!("{}, λ = {}", model.loss, model.lambda)],
        vec![
            "trained on".to_owned(),
            format!(
                "{} rows of {}, {}, seed {}",
                count(model.train_rows),
                model.trained_on,
                model.optimizer,
                model.seed
            ),
        ],
        vec!["retrograde".to_owned(), model.version.clone()],
    ];
    Section::new("The model").holds(Grid::new(&["what", "value"], rows))
}
