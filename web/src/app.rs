//! The whole page: the text on one side, what is said about it on the other.

mod acts;
mod address;
mod places;
mod text;

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlElement;
use yew::{AttrValue, Callback, Component, Context, DragEvent, Event, Html, NodeRef, classes, html};

use crate::button::button;
use crate::check::Checked;
use crate::ciphers::Ciphers;
use crate::explain::{Looking, Topic};
use crate::filter::Filter;
use crate::history::Made;
use crate::marks::Mark;
use crate::mending::Mending;
pub(crate) use crate::message::{Message, click, when};
use crate::migration::{Migration, Wish};
use crate::proposal::Preview;
use crate::results::{self, Results};
use crate::scrolling::show_card;
use crate::settings::{self, Settings};
use crate::stages::Around;
use crate::{editor, keeping, language, outside, panel, parts, tabs, toolbar, words};

/// The page's root component. It holds everything that changes; what is shown is made from it.
#[derive(Debug)]
pub(crate) struct App {
    /// Takes what a person does, wherever it happens.
    tell: Callback<Message>,
    text: AttrValue,
    settings: Settings,
    /// The code of the language in which the page speaks.
    language: &'static str,
    may_keep: bool,
    checked: Rc<Checked>,
    /// The marks of the judgement, carried over to the text of now.
    marks: Vec<Mark>,
    /// The card that was asked for last.
    chosen: Option<usize>,
    filter: Filter,
    looking: Looking,
    /// What became of a report or a link.
    said: &'static str,
    /// Sentences about files that were not taken.
    refused: Vec<String>,
    dragging: bool,
    /// Whether somebody looks at the report for programs.
    json: bool,
    /// The listeners, by id, whose suites somebody looks at.
    unfolded: Vec<String>,
    ciphers: Ciphers,
    mending: Mending,
    migration: Migration,
    preview: Option<Rc<Preview>>,
    made: Vec<Made>,
    /// What stood in the field before it was emptied, or filled with a sample.
    replaced: Option<AttrValue>,
    /// Another name whenever a text is put into the field that nobody typed.
    field: &'static str,
    /// The field is to be typed in next.
    focus: bool,
    not_undone: &'static str,
    /// The card that takes the place of the one that was mended.
    next: Option<usize>,
    /// Text came by keys and is to be drawn.
    typed: bool,
    /// Until the text has rested long enough.
    pause: Option<Timeout>,
    /// How many parts of the program are on their way.
    fetching: usize,
    /// What could not be done, because a part of the program did not come.
    not_fetched: Option<Message>,
    area: NodeRef,
    files: NodeRef,
    explain_panel: NodeRef,
    ciphers_panel: NodeRef,
    plan_panel: NodeRef,
    evidence: NodeRef,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<App>) -> App {
        let tell = context.link().callback(|message| message);
        address::follow_the_address(&tell);
        if let Some(code) = language::wanted() {
            tell.emit(Message::Speak(code));
        }
        App {
            tell,
            text: AttrValue::default(),
            settings: Settings::default(),
            language: language::OWN,
            may_keep: keeping::may_keep(),
            checked: Rc::new(Checked::new(0, AttrValue::default(), Settings::default(), None)),
            marks: Vec::new(),
            chosen: None,
            filter: Filter::default(),
            looking: Looking::default(),
            said: "",
            refused: Vec::new(),
            dragging: false,
            json: false,
            unfolded: Vec::new(),
            ciphers: Ciphers::default(),
            mending: Mending::default(),
            migration: Migration::default(),
            preview: None,
            made: Vec::new(),
            replaced: None,
            field: "",
            focus: false,
            not_undone: "",
            next: None,
            typed: false,
            pause: None,
            fetching: 0,
            not_fetched: None,
            area: NodeRef::default(),
            files: NodeRef::default(),
            explain_panel: NodeRef::default(),
            ciphers_panel: NodeRef::default(),
            plan_panel: NodeRef::default(),
            evidence: NodeRef::default(),
        }
    }

    /// True when something that is shown has changed.
    fn update(&mut self, _: &Context<App>, message: Message) -> bool {
        self.act(message)
    }

    fn view(&self, _: &Context<App>) -> Html {
        let tell = &self.tell;
        let ondragover = when(tell, |event: DragEvent| {
            brings_files(&event).then(|| {
                event.prevent_default();
                Message::Dragging(true)
            })
        });
        // Leaving one element for another is not leaving the page.
        let ondragleave = when(tell, |event: DragEvent| {
            event.related_target().is_none().then_some(Message::Dragging(false))
        });
        let to_read = tell.clone();
        let ondrop = when(tell, move |event: DragEvent| {
            if !brings_files(&event) {
                return Some(Message::Dragging(false));
            }
            event.prevent_default();
            if let Some(data) = event.data_transfer() {
                let (dropped, tell) = (outside::dropped(&data), to_read.clone());
                spawn_local(async move { tell.emit(Message::Files(dropped.await, Message::Read)) });
            }
            Some(Message::Dropped)
        });
        let checked = &self.checked;
        let busy = checked.text != self.text || checked.settings != self.settings;
        html! {
            <div class={classes!("desk", self.dragging.then_some("dragging"), (self.fetching > 0).then_some("fetching"))} {ondragover} {ondragleave} {ondrop}>
                <header>
                    <h1>{ "smtplint" }</h1>
                    <p class="tagline">{ words::tagline() }</p>
                    <nav class="panels" aria-label={words::panels()}>
                        { opener("ask-rules", words::ask_rules(), Message::Explain(Some(Topic::Index)), tell) }
                        { opener("ask-ciphers", words::ask_ciphers(), Message::Ciphers(true), tell) }
                        { opener("ask-plan", words::ask_plan(), Message::Plan(Wish::Open(true)), tell) }
                    </nav>
                    <p class="privacy">{ lock() }<span>{ words::privacy() }</span></p>
                    { language::list_of(self.language, tell) }
                </header>
                <div class="columns">
                    <section class="text" aria-labelledby="text-heading">
                        <h2 id="text-heading">{ words::text_heading() }</h2>
                        { toolbar::toolbar(self.sample(), self.replaced.is_some(), &self.settings, checked, &self.files, tell) }
                        { settings::settings(&self.settings, checked, tell) }
                        { tabs::tabs(checked, tell) }
                        <label class="away" for="configuration">{ words::text_label() }</label>
                        { editor::editor(&self.text, &self.marks, self.chosen, self.field, &self.area, tell) }
                        { self.keeper() }
                        <div id="refused" role="status">
                            { for self.refused.iter().map(|sentence| html! { <p class="worry">{ sentence.clone() }</p> }) }
                        </div>
                    </section>
                    <section class="advice" id="advice" aria-labelledby="advice-heading" aria-busy={busy.to_string()} data-revision={checked.revision.to_string()}>
                        <h2 id="advice-heading" class="away">{ words::advice_heading() }</h2>
                        <output id="summary" for="configuration" aria-live="polite">{ results::summary(checked) }</output>
                        { self.trouble() }
                        <Results checked={checked.clone()} chosen={self.chosen} json={self.json} unfolded={self.unfolded.clone()}
                            preview={self.preview.clone()} free={self.mending.count()} made={self.made.len()} last={self.made.last().map(|made| made.title.clone()).unwrap_or_default()}
                            first={self.made.first().map(|made| made.before.clone()).unwrap_or_default()} not_undone={self.not_undone} unfolds={parts::controls().is_some()} filter={self.filter.clone()} said={self.said} language={self.language} tell={tell.clone()} />
                    </section>
                </div>
                { panel::panel("explain", self.looking.topic.and(parts::explanations()).map(|explaining| (explaining.view)(&self.looking, checked, tell)), &self.explain_panel, &Message::Explain(None), tell) }
                { panel::panel("ciphers", parts::ciphers().filter(|_| self.ciphers.open).map(|answering| (answering.view)(&self.ciphers, tell)), &self.ciphers_panel, &Message::Ciphers(false), tell) }
                { panel::panel("plan", parts::plan().filter(|_| self.migration.open).map(|planning| html! { <>{ self.trouble() }{ (planning.view)(&self.migration, self.around()) }</> }), &self.plan_panel, &Message::Plan(Wish::Open(false)), tell) }
            </div>
        }
    }

    /// The panels are opened and closed by the browser itself.
    fn rendered(&mut self, _: &Context<App>, _: bool) {
        panel::open_or_close(&self.explain_panel, self.looking.topic.is_some());
        panel::open_or_close(&self.ciphers_panel, self.ciphers.open);
        panel::open_or_close(&self.plan_panel, self.migration.open);
        if std::mem::take(&mut self.focus)
            && let Some(area) = self.area.cast::<HtmlElement>()
        {
            area.focus().ok();
        }
        if std::mem::take(&mut self.typed) {
            editor::follow(&self.area);
        }
        if let Some(card) = self.next.filter(|_| self.checked.text == self.text) {
            self.next = None;
            let cards = self
                .checked
                .judged
                .as_ref()
                .map_or(0, |judged| judged.document.cards.len());
            show_card(card.min(cards.saturating_sub(1)), true);
        }
    }
}

impl App {
    /// What is to be said where a part of the program did not come.
    fn trouble(&self) -> Html {
        let Some(asked) = &self.not_fetched else {
            return Html::default();
        };
        html! {
            <p class="note worry" role="alert">
                { words::not_fetched() }{ " " }{ button("", words::again(), &self.tell, asked.clone()) }
            </p>
        }
    }

    fn around(&self) -> Around<'_> {
        Around {
            text: &self.checked.text,
            made: self.made.len(),
            not_undone: self.not_undone,
            files: &self.evidence,
            tell: &self.tell,
        }
    }

    fn keeper(&self) -> Html {
        let onchange = when(&self.tell, |event: Event| {
            Some(Message::Keep(toolbar::field(&event)?.checked()))
        });
        html! {
            <label class="keep"><input type="checkbox" id="keep" checked={self.may_keep} {onchange} />{ words::keep_label() }</label>
        }
    }
}

/// A button at the head of the page that opens a panel.
fn opener(id: &'static str, text: &'static str, message: Message, tell: &Callback<Message>) -> Html {
    html! { <button type="button" {id} class="link" onclick={click(tell, message)} aria-haspopup="dialog">{ text }</button> }
}

/// True for files from outside, false for text dragged within the page.
fn brings_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| {
        data.types()
            .iter()
            .any(|kind| kind.as_string().as_deref() == Some("Files"))
    })
}

fn lock() -> Html {
    html! {
        <svg class="lock" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d="M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7zm2 0h4V5a2 2 0 0 0-4 0z" fill-rule="evenodd" />
        </svg>
    }
}
