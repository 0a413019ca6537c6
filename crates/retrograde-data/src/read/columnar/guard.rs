//! Decoders that panic.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// What is called when a thread panics.
type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send>;

thread_local! {
    /// Whether this thread decodes.
    static DECODES: Cell<bool> = const { Cell::new(false) };
}

/// Calls what decodes, and turns a panic into an error, without a word on stderr.
///
/// The crates for Parquet and Arrow check most of what a damaged file can hold, and what they are known to trust is
/// checked before it gets to them (`pages.rs`, `thrift.rs`, `ipc/message.rs`). But neither promises to check all: their
/// decoders are full of assertions, and one of them must not end a program because of a file. A decoder is dropped
/// after its first error, so that what a panic left half done is never seen.
pub(super) fn guarded<T>(decode: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| set_hook(unless_decoding(take_hook())));
    let before = DECODES.replace(true);
    let result = catch_unwind(AssertUnwindSafe(decode));
    DECODES.set(before);
    result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        Err(text
            .or(panic.downcast_ref::<&str>().copied())
            .unwrap_or("contents that make no sense")
            .to_owned())
    })
}

/// A hook that leaves out the panics of decoders, which become errors, and hands all others on.
fn unless_decoding(next: Hook) -> Hook {
    Box::new(move |info| {
        if !DECODES.get() {
            next(info);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{guarded, unless_decoding};
    use std::panic::{catch_unwind, set_hook};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_panic_is_an_error_that_is_not_printed() {
        static HEARD: AtomicUsize = AtomicUsize::new(0);
        let refused: Result<(), _> = guarded(|| Err("no".into()));
        assert_eq!(refused, Err("no".to_owned()));
        // Other threads may panic meanwhile, and are not counted.
        let here = std::thread::current().id();
        set_hook(unless_decoding(Box::new(move |_| {
            if std::thread::current().id() == here {
                HEARD.fetch_add(1, Ordering::Relaxed);
            }
        })));
        let panicked: Result<(), _> = guarded(|| panic!("page {}", 3));
        assert_eq!(panicked, Err("page 3".to_owned()));
        assert_eq!(HEARD.load(Ordering::Relaxed), 0);
        assert!(catch_unwind(|| panic!("elsewhere")).is_err());
        assert_eq!(HEARD.load(Ordering::Relaxed), 1);
    }
}
