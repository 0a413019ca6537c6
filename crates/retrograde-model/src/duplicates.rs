//! Rows that are held out and trained on at once: what is held out should be news.

use retrograde_data::{Column, Table, Values};

/// Training rows that are hashed at a time.
const CHUNK: usize = 4096;
/// Stands for a missing cell: the bits of a NaN, which no number has.
const MISSING: u64 = u64::MAX;

/// The rows held out, each by a 64-bit hash of its raw cells, and which of them were seen in training.
///
/// That two different rows have one hash has a chance of 5·10⁻¹⁴ in a thousand held-out and a thousand training rows, and of
/// 5·10⁻⁶ where there are ten million of each.
#[derive(Default)]
pub(crate) struct Duplicates {
    /// The columns that a row is known by.
    pub(crate) columns: Vec<String>,
    hashes: Vec<u64>,
    seen: Vec<bool>,
}

impl Duplicates {
    /// Rows are known by these columns.
    pub(crate) fn by(columns: Vec<String>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Rows that are held out.
    pub(crate) fn hold(&mut self, table: &Table, rows: &[usize]) {
        let cells = Cells::of(table, &self.columns);
        self.hashes.extend(cells.hashes(rows));
    }

    /// Rows that are trained on, once all that are held out are known.
    pub(crate) fn look(&mut self, table: &Table, rows: &[usize]) {
        if self.hashes.is_empty() {
            return;
        }
        if self.seen.is_empty() {
            self.hashes.sort_unstable();
            self.seen = vec![false; self.hashes.len()];
        }
        let cells = Cells::of(table, &self.columns);
        for hash in rows.chunks(CHUNK).flat_map(|rows| cells.hashes(rows)) {
            let mut place = self.hashes.partition_point(|&h| h < hash);
            // The first of equal ones tells whether all of them were seen.
            while self.hashes.get(place) == Some(&hash) && !self.seen[place] {
                self.seen[place] = true;
                place += 1;
            }
        }
    }

    /// How many rows are held out, and how many of them are among the training rows.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.hashes.len(), self.seen.iter().filter(|seen| **seen).count())
    }
}

/// The cells of some columns as numbers.
struct Cells<'a> {
    columns: Vec<(&'a Values, Vec<u64>)>,
}

impl<'a> Cells<'a> {
    fn of(table: &'a Table, names: &[String]) -> Self {
        let levels = |column: &'a Column| match &column.values {
            // By text, not by code: two tables number their levels differently.
            Values::Category { levels, .. } => levels.iter().map(|level| of_text(level)).collect(),
            Values::Number(_) | Values::Date(_) => Vec::new(),
        };
        let columns = names.iter().filter_map(|name| table.column(name));
        Self { columns: columns.map(|column| (&column.values, levels(column))).collect() }
    }

    /// A hash of each row, column by column: a column's cells lie side by side.
    fn hashes(&self, rows: &[usize]) -> Vec<u64> {
        let mut hashes = vec![0_u64; rows.len()];
        for (values, levels) in &self.columns {
            let cell = |row: usize| match values {
                _ if values.is_missing(row) => MISSING,
                Values::Number(values) => (values[row] + 0.0).to_bits(),
                Values::Category { codes, .. } => levels[codes[row] as usize],
                Values::Date(moments) => moments[row].cast_unsigned(),
            };
            for (hash, &row) in hashes.iter_mut().zip(rows) {
                *hash = mixed(hash.rotate_left(5) ^ cell(row));
            }
        }
        hashes
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
    use super::Duplicates;
    use retrograde_data::{ReadOptions, Table, read_bytes};

    fn table(csv: &str) -> Table {
        read_bytes("t.csv", csv.as_bytes(), &ReadOptions::default()).expect("a table")
    }

    /// How many of the rows of the second list are among those of the first.
    fn found(train: (&Table, &[usize]), held: &[(&Table, &[usize])], columns: &[&str]) -> usize {
        let mut duplicates = Duplicates::by(columns.iter().map(|&c| c.to_owned()).collect());
        for (table, rows) in held {
            duplicates.hold(table, rows);
        }
        // One by one: pieces must not matter.
        train.1.iter().for_each(|row| duplicates.look(train.0, &[*row]));
        duplicates.counts().1
    }

    #[test]
    fn equal_rows_are_counted_each_time_they_are_held_out() {
        let t = table("id,a,k,y\n1,1,x,no\n2,1,x,no\n3,1,y,no\n4,-0,,no\n5,0,,no\n6,1,x,no\n7,1,x,yes\n");
        let columns = ["a", "k", "y"];
        assert_eq!(found((&t, &[0, 3]), &[(&t, &[1, 2, 4, 5, 6])], &columns), 3);
        assert_eq!(found((&t, &[0, 3]), &[(&t, &[1]), (&t, &[5])], &columns), 2);
        assert_eq!(found((&t, &[0, 1, 5]), &[(&t, &[2, 4, 6])], &columns), 0);
        assert_eq!(found((&t, &[0]), &[(&t, &[1])], &["id", "a"]), 0);
        assert_eq!(found((&t, &[0]), &[], &columns), 0);
    }

    #[test]
    fn another_table_may_number_its_levels_otherwise() {
        let (t, v) = (table("k,y\nb,1\na,2\nc,3\n"), table("k,y\na,2\nb,2\nc,3\n"));
        assert_eq!(found((&t, &[0, 1, 2]), &[(&v, &[0, 1, 2])], &["k", "y"]), 2);
    }

    #[test]
    fn many_different_rows_are_not_confused() {
        let rows: Vec<String> = (0..20_000).map(|i| format!("{},{},{}\n", i % 200, i / 200, i % 2)).collect();
        let t = table(&format!("a,b,y\n{}", rows.concat()));
        let even: Vec<usize> = (0..20_000).step_by(2).collect();
        let odd: Vec<usize> = (1..20_000).step_by(2).collect();
        assert_eq!(found((&t, &even), &[(&t, &odd)], &["a", "b", "y"]), 0);
        assert_eq!(found((&t, &even), &[(&t, &odd)], &["b"]), 10_000);
    }
}
