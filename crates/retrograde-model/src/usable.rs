//! The rows that can teach or judge: those with a known answer that count for something.

use crate::error::ModelError;
use crate::weighting::row_weights;
use crate::words::{quoted, rows as counted};
use retrograde_data::{Column, Table};

/// The rows of a table with every target and a weight above 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usable {
    /// The rows, in their order.
    pub(crate) rows: Vec<usize>,
    /// Rows left out because they lack a target.
    without_target: usize,
    /// Rows left out because they weigh nothing.
    without_weight: usize,
}

impl Usable {
    /// `weight` names the column of weights; a table without it has rows of weight 1.
    ///
    /// Where no row has a target, all rows are given: the encoder says best what is wrong.
    ///
    /// # Errors
    /// [`ModelError::RowWeight`], and [`ModelError::NoWeight`] when no row is left.
    pub(crate) fn of(table: &Table, targets: &[&str], weight: Option<&str>) -> Result<Self, ModelError> {
        let columns: Vec<&Column> = targets.iter().filter_map(|name| table.column(name)).collect();
        let all: Vec<usize> = (0..table.rows()).collect();
        let is_known = |row: &usize| columns.iter().all(|column| !column.values.is_missing(*row));
        let mut rows: Vec<usize> = all.iter().copied().filter(is_known).collect();
        let without_target = all.len() - rows.len();
        if rows.is_empty() {
            return Ok(Self { rows: all, ..Self::default() });
        }
        let known = rows.len();
        if let Some(column) = weight
            && let Some(weights) = row_weights(table, &rows, column)?
        {
            rows = rows.into_iter().zip(weights).filter(|(_, w)| *w > 0.0).map(|(row, _)| row).collect();
            if rows.is_empty() {
                let name = table.origin.name.clone();
                return Err(ModelError::NoWeight { name, column: column.to_owned() });
            }
        }
        Ok(Self { without_weight: known - rows.len(), rows, without_target })
    }

    /// Rows of the table that are not among these.
    pub(crate) fn left_out(&self) -> usize {
        self.without_target + self.without_weight
    }

    /// A sentence for each reason to leave rows out.
    pub(crate) fn notes(&self, targets: &[&str], weight: Option<&str>) -> Vec<String> {
        let mut notes = Vec::new();
        match (self.without_target, targets) {
            (0, _) => {}
            (n, [one]) => {
                notes.push(format!("{} no `{one}` and {} left out", counted(n, "has", "have"), be(n)));
            }
            (n, several) => notes.push(format!(
                "{} not all of {} and {} left out",
                counted(n, "has", "have"),
                quoted(several.iter().copied()),
                be(n)
            )),
        }
        if let (n @ 1.., Some(column)) = (self.without_weight, weight) {
            notes.push(format!(
                "{} weight 0 in `{column}` and {} left out",
                counted(n, "has", "have"),
                be(n)
            ));
        }
        notes
    }
}

fn be(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests {
    use super::Usable;
    use retrograde_data::{ReadOptions, Table, read_bytes};

    fn table() -> Table {
        let csv = b"x,y,z,w\n1,a,1,1\n2,,2,1\n3,b,,0\n4,a,4,0.5\n,b,5,0\n";
        read_bytes("t.csv", csv, &ReadOptions::default()).expect("a table")
    }

    #[test]
    fn rows_without_an_answer_or_a_weight_are_left_out_and_counted() {
        let table = table();
        let found = |targets: &[&str], weight| Usable::of(&table, targets, weight).expect("rows");
        assert_eq!(found(&["y"], None).rows, [0, 2, 3, 4]);
        assert_eq!(found(&["y", "z"], None).rows, [0, 3, 4]);
        assert_eq!(found(&["y", "z"], Some("w")).rows, [0, 3]);
        assert_eq!(found(&["y"], Some("no such column")).left_out(), 1);
        let both = found(&["y", "z"], Some("w"));
        assert_eq!(both.left_out(), 3);
        assert_eq!(
            both.notes(&["y", "z"], Some("w")),
            ["2 rows have not all of `y`, `z` and are left out", "1 row has weight 0 in `w` and is left out"]
        );
        assert_eq!(found(&["y"], None).notes(&["y"], None), ["1 row has no `y` and is left out"]);
    }

    #[test]
    fn weights_of_rows_that_are_left_out_are_not_looked_at() {
        let csv = b"x,y,w\n1,a,1\n2,,-1\n3,b,2\n";
        let table = read_bytes("t.csv", csv, &ReadOptions::default()).expect("a table");
        assert_eq!(Usable::of(&table, &["y"], Some("w")).expect("rows").rows, [0, 2]);
        let problem = Usable::of(&table, &["x"], Some("w")).expect_err("a negative weight").to_string();
        assert_eq!(
            problem,
            "t.csv, row 1 (line 3), column `w`: the weight is -1, expected a finite number of 0 or more"
        );
    }
}
