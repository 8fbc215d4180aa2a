//! The pure core of smtplint.
