//! Which line of its file each row starts on.

/// The 1-based line of each row, as runs in which every row is on the line after the one before: a file of millions of rows
/// has one run, or one for each line break within a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Lines {
    /// The first row of each run, and its line.
    runs: Vec<(usize, u64)>,
    rows: usize,
}

impl Lines {
    /// The line of a row; `None` for a row that there is not.
    pub(super) fn get(&self, row: usize) -> Option<u64> {
        if row >= self.rows {
            return None;
        }
        let run = self.runs.partition_point(|&(first, _)| first <= row).checked_sub(1)?;
        self.runs.get(run).map(|&(first, line)| line + (row - first) as u64)
    }

    /// The lines of these rows; 0 for a row that there is not.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        rows.iter().map(|&row| self.get(row).unwrap_or(0)).collect()
    }

    /// The lines of more rows.
    pub(super) fn append(&mut self, more: &Self) {
        let before = self.rows;
        for &(first, line) in &more.runs {
            self.rows = before + first;
            self.start_or_continue(line);
        }
        self.rows = before + more.rows;
    }

    /// Says the line of row `self.rows`: nothing new where it is the one after the last.
    fn start_or_continue(&mut self, line: u64) {
        let expected = self.runs.last().map(|&(first, line)| line + (self.rows - first) as u64);
        if expected != Some(line) {
            self.runs.push((self.rows, line));
        }
    }
}

impl FromIterator<u64> for Lines {
    fn from_iter<I: IntoIterator<Item = u64>>(lines: I) -> Self {
        let mut found = Self::default();
        for line in lines {
            found.start_or_continue(line);
            found.rows += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    fn lines(of: &[u64]) -> Lines {
        of.iter().copied().collect()
    }

    #[test]
    fn runs_give_back_every_line() {
        for of in [&[][..], &[2], &[2, 3, 4, 5], &[2, 3, 7, 8, 9, 20], &[5, 4, 3], &[1, 1, 1, 2]] {
            let found = lines(of);
            let back: Vec<u64> = (0..of.len()).filter_map(|row| found.get(row)).collect();
            assert_eq!(back, of);
            assert_eq!(found.get(of.len()), None);
        }
        assert_eq!(lines(&[2, 3, 4, 9, 10]).runs, [(0, 2), (3, 9)]);
    }

    #[test]
    fn parts_are_appended_and_rows_selected() {
        let all = [2, 3, 4, 8, 9, 10, 11];
        for cut in 0..=all.len() {
            let mut first = lines(&all[..cut]);
            first.append(&lines(&all[cut..]));
            assert_eq!(first, lines(&all), "cut at {cut}");
        }
        assert_eq!(lines(&all).select(&[6, 0, 1, 99]), lines(&[11, 2, 3, 0]));
    }
}
