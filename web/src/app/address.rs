//! What the address asks for, and what is handed over: links and reports.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use super::App;
use crate::explain::Topic;
use crate::link::Link;
use crate::machine::Form;
use crate::message::Message;
use crate::migration::Wish;
use crate::planned::Course;
use crate::{copy, gather, keeping, outside, parts, words};

impl App {
    /// Does what the address asks for.
    pub(super) fn follow(&mut self, link: Link) {
        if link.is_foreign {
            self.refused = vec![words::link_foreign().to_owned()];
            return;
        }
        if let Some(rule) = link.rule {
            self.tell.emit(Message::Explain(Some(Topic::Rule(rule))));
        }
        let Some(packed) = link.text else { return };
        let (settings, plan, tell) = (link.settings, link.plan, self.tell.clone());
        spawn_local(async move {
            match outside::opened(&packed).await {
                Some(text) => {
                    tell.emit(Message::Settings(settings));
                    tell.emit(Message::Text(gather::plain_line_ends(&text).into(), false));
                    // What is made of it from now on is the tab's own: a reload must not bring the link's text again.
                    if let Some(window) = web_sys::window() {
                        window.location().set_hash("").ok();
                    }
                }
                None => return tell.emit(Message::Refused(words::link_broken())),
            }
            if let Some(to) = plan {
                let course = Course {
                    to,
                    ..Course::default()
                };
                tell.emit(Message::Plan(Wish::Course(course)));
                tell.emit(Message::Plan(Wish::Open(true)));
            }
        });
    }

    /// Copies a link to what is seen: the text without secrets, and what was said beside it.
    pub(super) fn copy_link(&self) {
        let link = Link {
            settings: self.settings.clone(),
            plan: self.migration.open.then_some(self.migration.course.to),
            ..Link::default()
        };
        if let Some(controlling) = parts::controls() {
            (controlling.copy_link)(link, &self.checked, &self.tell);
        }
    }

    /// Copies a text, and says that it is.
    pub(super) fn copy(&self, text: String, said: &'static str) {
        let tell = self.tell.clone();
        spawn_local(async move {
            let copied = copy::copy(&text).await;
            tell.emit(Message::Said(if copied { said } else { words::link_not_copied() }));
        });
    }

    /// Hands the report over, in a form that was asked for.
    pub(super) fn hand_over(&mut self, form: Form) {
        let Some(writing) = parts::report() else { return };
        if form != Form::Markdown {
            self.said = match (writing.take)(&self.checked, form) {
                Some(()) => words::report_taken(),
                None => words::report_not_taken(),
            };
        } else if let Some(report) = (writing.write)(&self.checked, form) {
            self.copy(report, words::report_copied());
        }
    }
}

/// Has what the address asks for done, now and whenever it changes; where it asks for no text, the one that was kept comes back.
pub(super) fn follow_the_address(tell: &Callback<Message>) {
    let Some(window) = web_sys::window() else { return };
    let asked = {
        let window = window.clone();
        move || {
            let fragment = window.location().hash().unwrap_or_default();
            Link::read(fragment.trim_start_matches('#'))
        }
    };
    let first = asked();
    if first.text.is_none()
        && let Some((text, settings)) = keeping::kept()
    {
        tell.emit(Message::Settings(settings));
        tell.emit(Message::Text(text.into(), false));
    }
    tell.emit(Message::Follow(first));
    let tell = tell.clone();
    let changed = Closure::<dyn Fn()>::new(move || tell.emit(Message::Follow(asked())));
    window.set_onhashchange(Some(changed.as_ref().unchecked_ref()));
    // It listens as long as the page is there.
    changed.forget();
}
