//! The parts of a report in their order, each with a title that states what it shows: what HTML and Markdown write.

use super::{Report, figures};
use crate::words::count;

/// The most classes of a confusion matrix that is shown.
const CLASSES: usize = 20;

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
    pub(super) table: Grid,
}

/// A table of text.
#[derive(Default)]
pub(super) struct Grid {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Grid {
    pub(super) fn new(head: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self { head: head.iter().map(|&name| name.to_owned()).collect(), rows }
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
        self.table = Some(table);
        self
    }

    fn shows(mut self, figures: impl IntoIterator<Item = Figure>) -> Self {
        self.figures.extend(figures);
        self
    }
}

/// A number with four digits, with an exponent where it is very large or small.
pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e6).contains(&size) {
        let places = (3 - size.log10().floor() as i32).max(0) as usize;
        format!("{value:.places$}")
    } else {
        format!("{value:.3e}")
    }
}

/// All parts after the findings.
pub(super) fn of(report: &Report) -> Vec<Section> {
    let mut sections = vec![summary(report), check(report)];
    sections.extend(training(report));
    sections.extend([layers(report), answers(report), importance(report), hardest(report), tug(report)]);
    sections
}

fn summary(report: &Report) -> Section {
    let (model, scores) = (&report.model, &report.scores);
    let mut rows = vec![
        vec!["network".to_owned(), model.network.clone()],
        vec!["predicts".to_owned(), format!("{} ({})", model.targets.join(", "), model.task)],
        vec!["parameters".to_owned(), format!("{} in {}", count(model.parameters), model.dtype)],
        vec!["cost".to_owned(), format!("{}, λ = {}", model.loss, model.lambda)],
        vec![
            "trained".to_owned(),
            format!(
                "{} rows of {}, {}, seed {}, epoch {}",
                count(model.train_rows),
                model.trained_on,
                model.optimizer,
                model.seed,
                count(model.best_epoch)
            ),
        ],
        vec!["these rows".to_owned(), format!("{} of {}", count(scores.rows), model.table)],
    ];
    let measures = [
        ("cost on these rows", Some(scores.cost)),
        ("accuracy", scores.accuracy),
        ("log loss", scores.log_loss),
        ("AUC", scores.auc),
        ("RMSE", scores.rmse),
        ("MAE", scores.mae),
        ("R²", scores.r2),
    ];
    let known = measures.into_iter().filter_map(|(name, value)| Some((name, value?)));
    rows.extend(known.map(|(name, value)| vec![name.to_owned(), short(value)]));
    Section::new("The model, and its scores on these rows").holds(Grid::new(&["what", "value"], rows))
}

fn check(report: &Report) -> Section {
    let check = &report.check;
    Section::new("The gradient check")
        .says(format!(
            "{} of {} derivatives on {} rows, by backpropagation and by central differences. A derivative agrees when they are within U, the uncertainty of the difference.",
            count(check.results.len()),
            count(check.weights),
            count(check.rows.len())
        ))
        .shows([figures::check(report)])
}

fn training(report: &Report) -> Option<Section> {
    let shown = figures::training(report);
    (!shown.is_empty()).then(|| Section::new("The training").shows(shown))
}

fn layers(report: &Report) -> Section {
    let row = |layer: &retrograde::health::LayerHealth| {
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

fn answers(report: &Report) -> Section {
    let mut section = Section::new("What is known, and what is said");
    if let Some(confusion) = &report.scores.confusion {
        if confusion.classes.len() <= CLASSES {
            let head = std::iter::once("true ╲ predicted".to_owned()).chain(confusion.classes.clone());
            let row = |(class, cells): (&String, &Vec<usize>)| {
                std::iter::once(class.clone()).chain(cells.iter().map(|&n| count(n))).collect()
            };
            let rows = confusion.classes.iter().zip(&confusion.matrix).map(row).collect();
            section = section.holds(Grid { head: head.collect(), rows });
        } else {
            section = section.says(format!(
                "The confusion of {} classes is not shown; `retrograde evaluate --json` has it.",
                count(confusion.classes.len())
            ));
        }
    }
    section.shows(figures::answers(report))
}

fn importance(report: &Report) -> Section {
    let found = &report.importance;
    let row = |column: &super::Importance| {
        vec![
            column.column.clone(),
            short(column.rise),
            format!("{} … {}", short(column.low), short(column.high)),
        ]
    };
    let title = match found.columns.first() {
        Some(first) => format!("`{}` matters most to the cost", first.column),
        None => "No columns".to_owned(),
    };
    let rows = found.columns.iter().take(50).map(row).collect();
    Section::new(title)
        .says(format!(
            "By how much the cost rises when a column's cells are shuffled among the rows: the mean of {} shuffles and its 95 % interval, on {} of {} rows. Columns that tell the same share their worth.",
            found.repeats,
            count(found.rows),
            count(found.of)
        ))
        .holds(Grid::new(&["column", "rise of the cost", "95 % interval"], rows))
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
    let head = ["row", "line", "known", "said", "p", "cost", "‖∇J_k‖"];
    Section::new("The rows that pull hardest")
        .says("A large pull can be a wrong label, a rare case or a hard one.")
        .holds(Grid::new(&head, report.hardest.iter().map(row).collect()))
}

fn tug(report: &Report) -> Section {
    Section::new("Tug of war")
        .says("At a minimum single rows still pull a weight hard in both directions; their mean Δ/m and the regulariser's λΘ/m cancel to D = ∂J/∂Θ.")
        .shows(report.tug_of_war.iter().map(figures::tug))
}
