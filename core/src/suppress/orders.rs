//! Orders from outside the configuration to ignore something, until a day or for good.

use super::{By, Day, Ignore, Orders, unknown};
use crate::facts::Listener;
use crate::finding::Finding;
use crate::report::Note;
use crate::source::Sources;

/// The orders, while they are being applied.
pub(crate) struct Outside<'a> {
    orders: &'a [Ignore],
    used: Vec<bool>,
    /// Where that stands which an order would be about, had it another file: by the order's number.
    elsewhere: Vec<(usize, String)>,
    today: Option<Day>,
}

impl<'a> Outside<'a> {
    pub(crate) fn new(orders: &'a [Ignore], today: Option<Day>) -> Outside<'a> {
        Outside {
            orders,
            used: vec![false; orders.len()],
            elsewhere: Vec::new(),
            today,
        }
    }
}

impl Orders for Outside<'_> {
    fn cover(&mut self, finding: &Finding, sources: &Sources, listener: Option<&Listener>) -> Option<(By, String)> {
        let decides = finding.at.first().or(finding.context.first());
        let path = decides
            .and_then(|span| sources.file(span.file))
            .map_or("", |file| file.path.as_str());
        for (number, (order, used)) in self.orders.iter().zip(&mut self.used).enumerate() {
            let here = match (&order.listener, listener) {
                (None, _) => true,
                (Some(name), Some(listener)) => is_called(listener, name),
                (Some(_), None) => false,
            };
            let in_file = order.file.as_ref().is_none_or(|file| is_path_end(path, file));
            let is_it = here && order.rule == finding.rule && !is_over(order, self.today);
            if is_it && !in_file {
                self.elsewhere.push((number, path.to_owned()));
            } else if is_it {
                *used = true;
                return Some((By::Order(order.origin.clone()), order.reason.clone()));
            }
        }
        None
    }

    fn note(&self, notes: &mut Vec<Note>) {
        for (number, (order, used)) in self.orders.iter().zip(&self.used).enumerate() {
            let (origin, rule) = (&order.origin, &order.rule);
            let (topic, text) = if let Some(text) = unknown(rule) {
                ("unknown-rule", text)
            } else if let Some(until) = order.until.filter(|_| is_over(order, self.today)) {
                let text = format!(
                    "`{rule}` was to be ignored until {until}, and is not any more; mend it, or give it another date"
                );
                ("expired-ignore", text)
            } else if !used {
                let elsewhere = self.elsewhere.iter().find(|(one, _)| *one == number);
                let text = match elsewhere.zip(order.file.as_deref()) {
                    Some(((_, path), file)) => format!(
                        "`{rule}` is to be ignored in `{file}`, but what is found stands in `{path}`: name that file, or none"
                    ),
                    None => format!("`{rule}` is to be ignored, but nothing is found that this is about: take it out"),
                };
                ("unused-ignore", text)
            } else {
                continue;
            };
            notes.push(Note {
                topic,
                text: format!("{origin}: {text}"),
                at: None,
            });
        }
    }
}

fn is_over(order: &Ignore, today: Option<Day>) -> bool {
    matches!((order.until, today), (Some(until), Some(today)) if until < today)
}

fn is_called(listener: &Listener, name: &str) -> bool {
    listener.name == name
        || listener.id == name
        || listener.service == name
        || listener.known_port().is_some_and(|port| port.to_string() == name)
}

fn is_path_end(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('/') || end.starts_with('/'))
}
