//! Rows that are held out and trained on at once: what is held out should be news.

use crate::targets::Part;
use retrograde_data::{Column, Table, Values};

/// How many of the rows `held` have the cells of a training row, in the columns of these names.
///
/// Rows are compared by a 64-bit hash of their raw cells. That two different rows have one hash has a chance of 5·10⁻¹⁴
/// in a thousand held-out and a thousand training rows, and of 5·10⁻⁶ where there are ten million of each.
pub(crate) fn among_training(train: &Part<'_>, held: &[&Part<'_>], columns: &[&str]) -> usize {
    let mut hashes: Vec<u64> = held
        .iter()
        .flat_map(|part| {
            let cells = Cells::of(part.table, columns);
            part.rows.iter().map(|&row| cells.hash(row)).collect::<Vec<_>>()
        })
        .collect();
    hashes.sort_unstable();
    let mut seen = vec![false; hashes.len()];
    if hashes.is_empty() {
        return 0;
    }
    let cells = Cells::of(train.table, columns);
    for &row in &train.rows {
        let hash = cells.hash(row);
        let mut place = hashes.partition_point(|&h| h < hash);
        // The first of equal ones tells whether all of them were seen.
        while hashes.get(place) == Some(&hash) && !seen[place] {
            seen[place] = true;
            place += 1;
        }
    }
    seen.into_iter().filter(|seen| *seen).count()
}

/// The cells of some columns as numbers.
struct Cells<'a> {
    columns: Vec<(&'a Values, Vec<u64>)>,
}

impl<'a> Cells<'a> {
    fn of(table: &'a Table, names: &[&str]) -> Self {
        let levels = |column: &'a Column| match &column.values {
            // By text, not by code: two tables number their levels differently.
            Values::Category { levels, .. } => levels.iter().map(|level| of_text(level)).collect(),
            Values::Number(_) | Values::Date(_) => Vec::new(),
        };
        let columns = names.iter().filter_map(|name| table.column(name));
        Self { columns: columns.map(|column| (&column.values, levels(column))).collect() }
    }

    fn hash(&self, row: usize) -> u64 {
        let cell = |(values, levels): &(&Values, Vec<u64>)| match values {
            _ if values.is_missing(row) => 0x5bd1_e995,
            Values::Number(values) => (values[row] + 0.0).to_bits(),
            Values::Category { codes, .. } => levels[codes[row] as usize],
            Values::Date(moments) => moments[row].cast_unsigned(),
        };
        self.columns.iter().fold(0, |hash: u64, column| mixed(hash.rotate_left(5) ^ cell(column)))
    }
}

fn of_text(text: &str) -> u64 {
    text.bytes().fold(text.len() as u64, |hash, byte| mixed(hash ^ u64::from(byte)))
}

/// A bijection in which every bit depends on every other (the finaliser of `SplitMix64`, Steele, Lea & Flood 2014).
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::among_training;
    use crate::targets::Part;
    use retrograde_data::{ReadOptions, Table, read_bytes};

    fn table(csv: &str) -> Table {
        read_bytes("t.csv", csv.as_bytes(), &ReadOptions::default()).expect("a table")
    }

    fn part(table: &Table, rows: impl IntoIterator<Item = usize>) -> Part<'_> {
        Part { table, rows: rows.into_iter().collect() }
    }

    #[test]
    fn equal_rows_are_counted_each_time_they_are_held_out() {
        let t = table("id,a,k,y\n1,1,x,no\n2,1,x,no\n3,1,y,no\n4,-0,,no\n5,0,,no\n6,1,x,no\n7,1,x,yes\n");
        let columns = ["a", "k", "y"];
        assert_eq!(among_training(&part(&t, [0, 3]), &[&part(&t, [1, 2, 4, 5, 6])], &columns), 3);
        assert_eq!(among_training(&part(&t, [0, 3]), &[&part(&t, [1]), &part(&t, [5])], &columns), 2);
        assert_eq!(among_training(&part(&t, [0, 1, 5]), &[&part(&t, [2, 4, 6])], &columns), 0);
        assert_eq!(among_training(&part(&t, [0]), &[&part(&t, [1])], &["id", "a"]), 0);
        assert_eq!(among_training(&part(&t, [0]), &[], &columns), 0);
    }

    #[test]
    fn another_table_may_number_its_levels_otherwise() {
        let (t, v) = (table("k,y\nb,1\na,2\nc,3\n"), table("k,y\na,2\nb,2\nc,3\n"));
        assert_eq!(among_training(&Part::all(&t), &[&Part::all(&v)], &["k", "y"]), 2);
    }

    #[test]
    fn many_different_rows_are_not_confused() {
        let rows: String = (0..20_000).map(|i| format!("{},{},{}\n", i % 200, i / 200, i % 2)).collect();
        let t = table(&format!("a,b,y\n{rows}"));
        let (train, held) = (part(&t, (0..20_000).step_by(2)), part(&t, (1..20_000).step_by(2)));
        assert_eq!(among_training(&train, &[&held], &["a", "b", "y"]), 0);
        assert_eq!(among_training(&train, &[&held], &["b"]), 10_000);
    }
}
