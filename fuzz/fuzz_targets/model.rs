//! A model file, or its parts, which get checksums that are right: see `models::model`. What is read can be asked and kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use retrograde_fuzz::models::{TABLE, model};
use retrograde_model::Model;

fuzz_target!(|bytes: &[u8]| {
    let file = model(bytes);
    let streamed = Model::read("m.rg", &mut &file[..]);
    match Model::from_bytes("m.rg", &file) {
        Err(error) => {
            assert!(error.to_string().contains("m.rg"), "the file is not named: {error}");
            assert_eq!(streamed.err().map(|error| error.to_string()), Some(error.to_string()));
            let _ = (error.hint(), error.details());
        }
        Ok(model) => {
            let kept = model.to_bytes().expect("it fitted into a file before");
            let again = Model::from_bytes("m.rg", &kept).expect("what was written");
            assert_eq!(again.to_bytes().expect("bytes"), kept);
            let _ = (model.inspect(), model.export_json(), model.layers(), model.task());
            let _ = model.predict(&TABLE);
            let _ = model.evaluate(&TABLE);
            let _ = model.notes_on(&TABLE);
            let _ = model.cost_and_grad(&TABLE, None);
        }
    }
});
