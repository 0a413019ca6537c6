//! Ctrl-C, SIGTERM and a closed terminal: once finishes the batch and saves, twice stops.

use crate::exit::Exit;
use crate::output::Console;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Whether something runs that can end in good order.
static PATIENT: AtomicBool = AtomicBool::new(false);
/// Whether it has been asked to.
static ASKED: AtomicBool = AtomicBool::new(false);
/// Whether the conversation is off.
static QUIET: AtomicBool = AtomicBool::new(false);
/// Whether what runs is written down on the way.
static SURVIVES: AtomicBool = AtomicBool::new(false);
/// What the first one is answered with.
const NOTICE: &str = "  finishing this batch; once more stops at once, and nothing is saved";
/// The same where there are checkpoints.
const NOTICE_SURVIVING: &str =
    "  finishing this batch; once more stops at once, with the last checkpoint kept";
/// Held while a file is written beside its target, so that none is left there.
static WRITING: Mutex<()> = Mutex::new(());

/// Listens from now on. Where that is impossible, signals do what the system says.
pub(crate) fn listen(console: Console) {
    QUIET.store(console.is_quiet(), Ordering::SeqCst);
    // The handler runs on a thread of its own, so it may lock and exit.
    let _ = ctrlc::set_handler(|| {
        let again = ASKED.swap(true, Ordering::SeqCst);
        if again || !PATIENT.load(Ordering::SeqCst) {
            let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        if !QUIET.load(Ordering::SeqCst) {
            // Nobody needs it: a failure to say it is no failure.
            let mut stderr = std::io::stderr().lock();
            // On a terminal there may be a progress line to write over.
            let start = if stderr.is_terminal() { "\r" } else { "" };
            let notice = if SURVIVES.load(Ordering::SeqCst) { NOTICE_SURVIVING } else { NOTICE };
            let _ = writeln!(stderr, "{start}{notice}");
        }
    });
}

/// Runs work that looks at [`asked`] and ends in good order.
pub(crate) fn patiently<R>(work: impl FnOnce() -> R) -> R {
    PATIENT.store(true, Ordering::SeqCst);
    let result = work();
    PATIENT.store(false, Ordering::SeqCst);
    result
}

/// From now on, what runs leaves checkpoints.
pub(crate) fn survives() {
    SURVIVES.store(true, Ordering::SeqCst);
}

/// Whether the user has asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// Runs a write that an interruption waits for.
pub(crate) fn while_writing<R>(write: impl FnOnce() -> R) -> R {
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    write()
}
