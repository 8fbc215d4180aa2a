//! What becomes of whatever happens on the page.

use smtplint_core::samples::SAMPLES;
use wasm_bindgen_futures::spawn_local;
use yew::AttrValue;

use super::App;
use crate::files::{self, Read};
use crate::message::Message;
use crate::migration::{self, Wish};
use crate::parts::{self, NotFetched, Part};
use crate::position::Edit;
use crate::{gather, keeping, language};

/// How long typing must pause before the text is judged again, in milliseconds.
const PAUSE: u32 = 150;

impl App {
    /// Does what a message says; true when something that is shown has changed.
    pub(super) fn act(&mut self, message: Message) -> bool {
        if let Some(part) = message.part().filter(|part| !part.is_there()) {
            self.fetch(part, message);
            return true;
        }
        match message {
            Message::Text(text, by_keys) => {
                self.typed = by_keys;
                // What was changed before in another text is nobody's way back.
                if !by_keys && Edit::between(&self.text, &text).leaves_little() {
                    self.made.clear();
                }
                self.take(text, if by_keys { PAUSE } else { 0 });
            }
            Message::Sample(name) => {
                if let Some(sample) = SAMPLES.iter().find(|sample| sample.name == name) {
                    self.replace(sample.text().into());
                }
            }
            Message::Settings(settings) => {
                self.settings = settings;
                self.judge_after(0);
            }
            Message::Say(name, value) => {
                self.settings.set(&name, &value);
                self.judge_after(0);
            }
            Message::Speak(code) => {
                language::speak(code);
                self.language = code;
            }
            Message::Keep(may_keep) => {
                self.may_keep = may_keep;
                keeping::allow(may_keep);
                self.keep();
            }
            Message::Open => {
                files::choose(&self.files);
                return false;
            }
            Message::Chosen => {
                self.tell
                    .emit(Message::Files(files::chosen(&self.files), Message::Read));
                return false;
            }
            Message::Dropped => self.dragging = false,
            Message::Refused(why) => self.refused = vec![why.to_owned()],
            Message::Files(files, told) => {
                if let Some(controlling) = parts::controls() {
                    (controlling.read)(files, told, &self.tell);
                }
            }
            // Over the panel nothing but evidence is dropped.
            Message::Read(read) if self.migration.open => return self.plan(Wish::Evidence(read)),
            Message::Read(mut read) => {
                let counted = |(_, text): &mut (String, String)| migration::is_evidence(text);
                let files: Vec<_> = read.files.extract_if(.., counted).collect();
                if !files.is_empty() {
                    // With the evidence it is planned at once.
                    let refused = Vec::new();
                    self.tell.emit(Message::Plan(Wish::Evidence(Read { files, refused })));
                }
                if !read.files.is_empty() {
                    self.put(gather::gather(&self.written(), &read.files).into());
                }
                self.refused = read.refused;
            }
            Message::Clear => {
                self.replace(AttrValue::default());
                self.focus = true;
            }
            Message::BringBack => {
                if let Some(text) = self.replaced.take() {
                    self.replace(text);
                    self.focus = true;
                }
            }
            Message::Judge => self.judge(),
            Message::Dragging(dragging) => return std::mem::replace(&mut self.dragging, dragging) != dragging,
            Message::Place(range) => {
                self.show_line(&range);
                return false;
            }
            Message::Line(card, range) => {
                self.chosen = Some(card);
                self.show_line(&range);
            }
            Message::Mark(card) => {
                self.looking.topic = None;
                self.show_finding(card);
                self.next = Some(card);
            }
            Message::Caret => return self.show_finding_at_caret(),
            Message::Explain(topic) => self.looking.topic = topic,
            Message::LookFor(asked) => self.looking.asked = asked,
            Message::Narrow(list, said) => self.filter.narrow(&list, said),
            Message::Report(form) => self.hand_over(form),
            Message::Controls => {}
            Message::CopyLink => self.copy_link(),
            Message::Said(said) => self.said = said,
            Message::Follow(link) => self.follow(link),
            Message::Preview(card) => self.show_change(card),
            Message::Apply => {
                if let Some(preview) = self.preview.take()
                    && let Ok(proposal) = &preview.proposal
                {
                    self.make(proposal.made());
                    self.next = Some(preview.card);
                }
            }
            Message::ApplyAll => {
                if let Some(made) = parts::changes().and_then(|changing| (changing.all)(&self.mending, &self.checked)) {
                    self.make(made);
                }
            }
            Message::Undo => self.undo(),
            Message::Take(what) => {
                if let (Some(first), Some(changing)) = (self.made.first(), parts::changes()) {
                    (changing.take)(what, &first.before, &self.checked.text);
                }
                return false;
            }
            Message::Mend => {
                let step = parts::changes().map(|changing| changing.step);
                return step.is_some_and(|step| step(&mut self.mending, &self.checked, &self.tell));
            }
            Message::Json(open) => self.json = open,
            Message::Suites(listener, open) => {
                self.unfolded.retain(|other| *other != listener);
                self.unfolded.extend(open.then_some(listener));
            }
            Message::Ciphers(open) => self.ciphers.open = open,
            Message::Ask(asked, by_keys) => self.ciphers.ask(asked, if by_keys { PAUSE } else { 0 }, &self.tell),
            Message::AskAbout(asked) => {
                self.ciphers.ask(asked, 0, &self.tell);
                self.ciphers.open = true;
            }
            Message::Answer => {
                if let Some(answering) = parts::ciphers() {
                    (answering.answer)(&mut self.ciphers);
                }
            }
            Message::Plan(wish) => return self.plan(wish),
            Message::Fetched(asked) => {
                self.fetching -= 1;
                self.act(*asked);
            }
            Message::NotFetched(asked) => {
                self.fetching -= 1;
                self.not_fetched = Some(*asked);
            }
        }
        true
    }

    /// Fetches a part of the program, and then does what asked for it.
    pub(super) fn fetch(&mut self, part: Part, asked: Message) {
        self.fetching += 1;
        // What is said of one part stands until that part is asked for again, whatever else is fetched.
        self.not_fetched.take_if(|missed| missed.part() == asked.part());
        let tell = self.tell.clone();
        spawn_local(async move {
            let told = match part.fetch().await {
                Ok(()) => Message::Fetched,
                Err(NotFetched) => Message::NotFetched,
            };
            tell.emit(told(Box::new(asked)));
        });
    }
}
