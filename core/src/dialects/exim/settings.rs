//! Every setting of the files, with what becomes of it.

use std::rc::Rc;

use super::config::Entry;
use super::view::View;
use crate::facts::Value;
use crate::setting::{Scope, Setting, Status};

/// All of them: options of the server, named lists, and options of routers, transports and authenticators.
pub(super) fn all(view: &View<'_>) -> Vec<Rc<Setting>> {
    let config = view.config;
    let own = config.options.iter().chain(&config.lists).map(|entry| setting(view, entry, Scope::Server));
    let of_drivers = config.drivers.iter().flat_map(|driver| {
        let scope = format!("{}/{}", driver.section, driver.name);
        driver.options.iter().map(move |entry| setting(view, entry, Scope::Service(scope.clone())))
    });
    own.chain(of_drivers).collect()
}

fn setting(view: &View<'_>, entry: &Entry, scope: Scope) -> Rc<Setting> {
    Rc::new(Setting {
        name: entry.name.clone(),
        scope,
        written: entry.written,
        value_span: entry.value_span,
        effective: match &entry.open {
            Some(open) => Value::Unknown(view.ask_open(open)),
            None => Value::Is(entry.value.clone()),
        },
        status: Status::Effective,
    })
}
