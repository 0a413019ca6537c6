//! What `retrograde` alone prints.

use crate::error::Result;
use crate::exit::Exit;
use crate::output::Console;

/// The verbs in groups, and three lines that work as they stand.
pub(crate) const TEXT: &str = "\
retrograde: backpropagation you can use, see and trust

Learn        train               fit a network to a table
             find-learning-rate  try step sizes and propose one
             evaluate            score a model on rows with known answers
             predict             predict new rows
Understand   check               compare the derivatives with numerical ones
             explain             show the calculus of one row, unit or weight
             gradient            print J and ∇J, for any optimiser
             inspect             describe a model file
             report              write findings and figures as one HTML file
Move         export              write a model as JSON
             data                show how a table is read; list embedded sets
Shell        completions         print a completion script
             help                explain a verb: retrograde help train

Try it:
  retrograde train @digits -o digits.rg
  retrograde check digits.rg @digits
  retrograde predict digits.rg @digits -o answers.csv

Everywhere:  --json  --quiet  --color auto|always|never  --help  --version
Exit codes:  0 done · 1 the answer is no · 2 usage · 3 the data cannot be used ·
             4 the model file cannot be used · 5 training diverged ·
             130 interrupted
";

/// Prints it.
pub(crate) fn print(console: Console) -> Result<Exit> {
    console.answer(TEXT.trim_end())?;
    Ok(Exit::Done)
}
