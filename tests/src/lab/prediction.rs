//! What should be seen, in one line: `entry=starttls required=yes versions=1.2,1.3 auth_before=no auth_after=yes`.
//!
//! The `facts` of our own cases are such lines with a service before them (`submission: entry=…`).

use std::collections::BTreeSet;
use std::str::FromStr;

use super::client::{Entry, Observed, TlsVersion};

/// What of AUTH is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// No AUTH.
    No,
    /// AUTH with whatever mechanisms.
    Yes,
    /// Exactly these mechanisms.
    Exactly(BTreeSet<String>),
}

/// A prediction about a listener; what is `None` is not predicted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prediction {
    /// How TLS begins.
    pub entry: Option<Entry>,
    /// MAIL before TLS is refused.
    pub required: Option<bool>,
    /// The versions that can be negotiated.
    pub versions: Option<BTreeSet<TlsVersion>>,
    /// AUTH before TLS.
    pub auth_before: Option<Offer>,
    /// AUTH within TLS.
    pub auth_after: Option<Offer>,
}

/// A line that is no prediction.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a prediction: {0:?}")]
pub struct PredictionError(
    /// The word that cannot be read.
    pub String,
);

impl Prediction {
    /// Reads a line of a case: the service, a colon, a blank and the prediction.
    ///
    /// # Errors
    /// When it is none.
    pub fn of_service(line: &str) -> Result<(String, Self), PredictionError> {
        // The service may itself hold colons: [::1]:587.
        let (service, rest) = line.split_once(": ").ok_or_else(|| PredictionError(line.to_owned()))?;
        Ok((service.to_owned(), rest.parse()?))
    }
}

impl FromStr for Prediction {
    type Err = PredictionError;

    fn from_str(line: &str) -> Result<Self, PredictionError> {
        let mut read = Self::default();
        for word in line.split_whitespace() {
            let unreadable = || PredictionError(word.to_owned());
            let (name, value) = word.split_once('=').ok_or_else(unreadable)?;
            match name {
                "entry" => {
                    let all = [Entry::None, Entry::StartTls, Entry::Implicit, Entry::Dead];
                    let found = all.into_iter().find(|entry| entry.to_string() == value);
                    read.entry = Some(found.ok_or_else(unreadable)?);
                }
                "required" => {
                    read.required = Some(match value {
                        "yes" => true,
                        "no" => false,
                        _ => return Err(unreadable()),
                    });
                }
                "versions" => {
                    let version = |number: &str| {
                        TlsVersion::ALL
                            .into_iter()
                            .find(|one| one.number() == number)
                            .ok_or_else(unreadable)
                    };
                    let numbers = value.split(',').filter(|_| value != "none");
                    read.versions = Some(numbers.map(version).collect::<Result<_, _>>()?);
                }
                "auth_before" => read.auth_before = Some(offer(value)),
                "auth_after" => read.auth_after = Some(offer(value)),
                _ => return Err(unreadable()),
            }
        }
        Ok(read)
    }
}

fn offer(value: &str) -> Offer {
    match value {
        "no" => Offer::No,
        "yes" => Offer::Yes,
        list => Offer::Exactly(list.split(',').map(str::to_owned).collect()),
    }
}

impl Offer {
    fn holds(&self, seen: &[String]) -> bool {
        match self {
            Self::No => seen.is_empty(),
            Self::Yes => !seen.is_empty(),
            Self::Exactly(expected) => seen.iter().cloned().collect::<BTreeSet<_>>() == *expected,
        }
    }
}

impl Observed {
    /// Where a prediction and what was seen differ, each in a sentence; empty when the prediction holds.
    #[must_use]
    pub fn disagreements(&self, predicted: &Prediction) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, holds: bool, expected: String, seen: String| {
            if !holds {
                found.push(format!("{what}: predicted {expected}, seen {seen}"));
            }
        };
        if let Some(entry) = predicted.entry {
            let seen = self
                .cause
                .as_ref()
                .map_or(self.entry.to_string(), |cause| format!("dead ({cause})"));
            compare("entry", entry == self.entry, entry.to_string(), seen);
        }
        if let Some(required) = predicted.required {
            compare(
                "required",
                required == self.required,
                required.to_string(),
                self.required.to_string(),
            );
        }
        if let Some(versions) = &predicted.versions {
            let holds = *versions == self.versions;
            compare(
                "versions",
                holds,
                format!("{versions:?}"),
                format!("{:?}", self.versions),
            );
        }
        let offers = [
            ("AUTH before TLS", &predicted.auth_before, &self.auth_before),
            ("AUTH within TLS", &predicted.auth_after, &self.auth_after),
        ];
        for (what, offer, seen) in offers {
            if let Some(offer) = offer {
                compare(what, offer.holds(seen), format!("{offer:?}"), format!("{seen:?}"));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_case_is_read() {
        let (service, read) =
            Prediction::of_service("[::1]:587: entry=none required=no versions=none auth_after=PLAIN,LOGIN")
                .expect("ok");
        assert_eq!(service, "[::1]:587");
        assert_eq!(read.entry, Some(Entry::None));
        assert_eq!(read.versions, Some(BTreeSet::new()));
        assert_eq!(read.auth_before, None);
        let expected = ["LOGIN", "PLAIN"].map(str::to_owned).into_iter().collect();
        assert_eq!(read.auth_after, Some(Offer::Exactly(expected)));
        for wrong in ["entry=maybe", "versions=1.4", "required", "else=1"] {
            assert_eq!(wrong.parse::<Prediction>(), Err(PredictionError(wrong.to_owned())));
        }
    }

    #[test]
    fn every_difference_is_told() {
        let observed = Observed {
            entry: Entry::StartTls,
            cause: None,
            required: false,
            versions: [TlsVersion::V1_3].into_iter().collect(),
            auth_before: vec!["PLAIN".to_owned()],
            auth_after: Vec::new(),
            starttls_reply: None,
            greeting: None,
        };
        let told = |line: &str| observed.disagreements(&line.parse().expect(line)).len();
        assert_eq!(
            told("entry=starttls required=no versions=1.3 auth_before=PLAIN auth_after=no"),
            0
        );
        assert_eq!(told(&observed.to_string()), 0);
        assert_eq!(
            told("entry=none required=yes versions=none auth_before=no auth_after=yes"),
            5
        );
    }
}
