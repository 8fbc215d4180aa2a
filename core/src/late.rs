//! What is large and seldom needed: a reader of a server's configuration, of which a text asks for one or two, or what writes changes
//! into a text.
//!
//! A program carries it inside (feature `embedded`, on unless it is turned off). The page does not: it fetches what a text asks for,
//! see [`crate::dialects_in`], and hands it over before anything is read or written.

/// A function that is inside the program, or fetched.
#[derive(Debug)]
pub struct Late<T: 'static> {
    #[cfg(feature = "embedded")]
    pub(crate) inside: T,
    #[cfg(not(feature = "embedded"))]
    pub(crate) fetched: std::sync::OnceLock<T>,
}

/// A function that a program which fetches it does not name.
macro_rules! late {
    ($function:path) => {
        $crate::late::Late {
            #[cfg(feature = "embedded")]
            inside: $function,
            #[cfg(not(feature = "embedded"))]
            fetched: std::sync::OnceLock::new(),
        }
    };
}
pub(crate) use late;

/// Inside the program it is always there.
#[cfg(feature = "embedded")]
impl<T: Copy> Late<T> {
    /// Changes nothing: it is there.
    pub fn hand_over(&self, _: T) {}

    /// Whether it can be called.
    #[must_use]
    pub fn is_there(&self) -> bool {
        true
    }

    /// The function.
    pub(crate) fn get(&self) -> T {
        self.inside
    }
}

#[cfg(not(feature = "embedded"))]
impl<T: Copy> Late<T> {
    /// Takes the function that was fetched, once; a second call changes nothing.
    pub fn hand_over(&self, function: T) {
        self.fetched.get_or_init(|| function);
    }

    /// Whether it was handed over.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.fetched.get().is_some()
    }

    /// The function.
    // No input leads here: it is the program that calls before it has fetched.
    #[allow(clippy::expect_used)]
    pub(crate) fn get(&self) -> T {
        *self.fetched.get().expect("it is handed over before it is needed")
    }
}
