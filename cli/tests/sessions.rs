//! Sessions at the console: `sessions/*.md` is documentation, and is held against what the command prints.
//!
//! When a change of the texts is meant: `TRYCMD=overwrite cargo test -p smtplint --test sessions`, then read the difference.

#[test]
fn sessions_are_as_they_are_told() {
    // Whatever the shell of whoever runs the tests says about colours and widths.
    let cases = trycmd::TestCases::new();
    cases
        .env("NO_COLOR", "1")
        .env("CLICOLOR_FORCE", "0")
        .env("COLUMNS", "100")
        .case("tests/sessions/*.md");
}
