//! Models and checkpoints of small trainings.

use super::{Done, corpus};
use retrograde_fuzz::models::{TABLE, TRAININGS, settings, split_checkpoint, split_model, trained};
use retrograde_model::{FitTerms, fit};

pub(super) fn write() -> Done {
    for which in 0..TRAININGS {
        let checkpoint = trained(which);
        let (description, state) = split_checkpoint(&checkpoint).ok_or("no checkpoint")?;
        corpus("checkpoint", &format!("state_{which}"), &[&[which as u8], state].concat())?;
        if which % 8 == 0 {
            corpus(
                "checkpoint",
                &format!("description_{which}"),
                &[&[which as u8 | 64], description].concat(),
            )?;
            corpus(
                "checkpoint",
                &format!("whole_{which}"),
                &[&[which as u8 | 128], &checkpoint[..]].concat(),
            )?;
            let fitted = fit(&*TABLE, &settings(which), &FitTerms::default(), &mut ())?;
            corpus("model", &format!("parts_{which}"), &split_model(&fitted.model).ok_or("no model")?)?;
            corpus("model", &format!("whole_{which}"), &fitted.model.to_bytes()?)?;
        }
    }
    Ok(())
}
