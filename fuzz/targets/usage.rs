//! Any bytes as a log: they are counted without a stop, the same however they come in parts, and nobody is counted twice.

#![no_main]

use libfuzzer_sys::fuzz_target;
use smtplint_core::usage::{Options, Reader, Usage, first_stamp};

fn counted<'b>(parts: impl Iterator<Item = &'b [u8]>) -> Usage {
    let mut reader = Reader::new(Options::default());
    parts.for_each(|part| reader.read(part));
    reader.finish()
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let whole = counted(std::iter::once(bytes));
    assert_eq!(
        whole,
        counted(bytes.chunks(usize::from(size).max(1))),
        "in parts of {size}"
    );
    let logins: u64 = whole.services.iter().map(|service| service.logins).sum();
    let named: u64 = whole.users.iter().map(|user| user.logins).sum();
    assert!(named + whole.logins_beyond_users <= logins, "{named} of {logins}");
    assert!(whole.lines.used + whole.lines.unreadable <= whole.lines.read);
    // Whoever has a log without a year is asked for its first stamp first.
    let _ = first_stamp(bytes);
});
