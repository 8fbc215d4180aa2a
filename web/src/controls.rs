//! What few visits need of the controls: the lists behind the folded ones, files that are opened, and links.

use wasm_bindgen_futures::spawn_local;
use yew::{Callback, Event, Html};

use smtplint_core::question::Question;
use smtplint_core::report::Report;

use crate::app::{Message, when};
use crate::check::Checked;
use crate::files::{self, Brought};
use crate::filter::{self, Filter};
use crate::link::{self, Link};
use crate::message::Told;
use crate::settings::{self, Settings};
use crate::toolbar::is_open;
use crate::{copy, outside, passed, questions, words};

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Controlling {
    /// What can be said beside the text.
    pub(crate) settings: fn(&Settings, &Checked, &Callback<Message>) -> Html,
    /// What narrows the findings.
    pub(crate) filter: fn(&Filter, &Report, &Callback<Message>) -> Html,
    /// The rules that found nothing, and those that had nothing to look at.
    pub(crate) passed: fn(&Report, &Callback<Message>) -> Html,
    /// The questions that are not worth asking first.
    pub(crate) questions: fn(&[&Question]) -> Html,
    /// Reads files, and has them told.
    pub(crate) read: fn(Brought, Told, &Callback<Message>),
    /// Copies a link: to it the text is added, without secrets.
    pub(crate) copy_link: fn(Link, &Checked, &Callback<Message>),
}

pub(crate) static CONTROLLING: Controlling = Controlling {
    settings: settings::lists,
    filter: filter::lists,
    passed: passed::lists,
    questions: questions::more,
    read,
    copy_link,
};

/// Tells that something folded was opened.
pub(crate) fn opened(tell: &Callback<Message>) -> Callback<Event> {
    when(tell, |event| is_open(&event)?.then_some(Message::Controls))
}

fn read(files: Brought, told: Told, tell: &Callback<Message>) {
    let tell = tell.clone();
    spawn_local(async move { tell.emit(told(files::read(files).await)) });
}

fn copy_link(mut link: Link, checked: &Checked, tell: &Callback<Message>) {
    let (text, tell) = (link::text(checked), tell.clone());
    if text.len() > link::LONGEST {
        return tell.emit(Message::Said(words::link_too_long()));
    }
    spawn_local(async move {
        link.text = outside::packed(&text).await;
        let window = web_sys::window();
        let address = window
            .and_then(|window| window.location().href().ok())
            .unwrap_or_default();
        let page = address.split('#').next().unwrap_or_default();
        let copied = link.text.is_some() && copy::copy(&format!("{page}#{}", link.spoken())).await;
        let said = if copied {
            words::link_copied()
        } else {
            words::link_not_copied()
        };
        tell.emit(Message::Said(said));
    });
}
