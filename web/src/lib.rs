//! The page of smtplint.
