//! The whole page: the text on one side, what is said about it on the other.

use std::ops::Range;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use smtplint_core::intake;
use smtplint_core::samples::SAMPLES;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlElement, HtmlTextAreaElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::{AttrValue, Callback, Component, Context, DragEvent, Html, MouseEvent, NodeRef, classes, html};

use crate::button::button;
use crate::check::{Checked, PASTE};
use crate::ciphers::{Asked, Ciphers};
use crate::files::Read;
use crate::history::Made;
use crate::marks::Mark;
use crate::mending::Mending;
use crate::migration::{self, Granted, Migration, Wish};
use crate::parts::{self, NotFetched, Part};
use crate::position::{self, Edit};
use crate::proposal::Preview;
use crate::results::{self, Results};
use crate::stages::Around;
use crate::{editor, files, findings, gather, marks, panel, toolbar, words};

/// How long typing must pause before the text is judged again, in milliseconds.
const PAUSE: u32 = 150;

/// From this width on the advice stands beside the text; the style sheet has the same number.
const BESIDE: &str = "(min-width: 64rem)";

/// What a person did, or what became of it.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// The field holds a new text; the flag tells that it was typed rather than pasted.
    Text(AttrValue, bool),
    /// A sample was chosen, by name.
    Sample(&'static str),
    /// Another release was chosen, one of [`crate::check::RELEASES`].
    Release(&'static str),
    /// The list of files is to open.
    Open,
    /// Files were chosen there.
    Chosen,
    /// Files were dropped.
    Dropped(Vec<File>),
    /// Files were read.
    Read(Read),
    /// The text is to go.
    Clear,
    /// The text has rested long enough to be judged.
    Judge,
    /// Files are held over the page, or no longer.
    Dragging(bool),
    /// A line was asked for, as bytes of the judged text.
    Place(Range<usize>),
    /// A line of a card was asked for.
    Line(usize, Range<usize>),
    /// A mark was clicked in the margin: its card.
    Mark(usize),
    /// The caret was put into the text.
    Caret,
    /// A rule was asked for, by id; nothing closes the panel.
    Explain(Option<&'static str>),
    /// The change that mends a card was asked for, or is to be put away.
    Preview(Option<usize>),
    /// The change that is shown is to be made.
    Apply,
    /// Everything that costs nobody anything is to be made.
    ApplyAll,
    /// The last change is to be taken back.
    Undo,
    /// A changed file is to be downloaded, by its place among them; or the patch of them all.
    Take(Option<usize>),
    /// There is time to find out what can be mended.
    Mend,
    /// The report for programs was unfolded or folded.
    Json(bool),
    /// A listener's suites, by the listener's id, were unfolded or folded.
    Suites(String, bool),
    /// The panel about cipher strings was asked for, or was closed.
    Ciphers(bool),
    /// Something is asked in that panel; the flag tells that it was typed rather than pasted or chosen.
    Ask(Asked, bool),
    /// The panel was asked for, with something to answer.
    AskAbout(Asked),
    /// What is asked there has rested long enough to be answered.
    Answer,
    /// Something was done in the panel about the move between ports.
    Plan(Wish),
    /// A part of the program was fetched: now for what asked for it.
    Fetched(Box<Message>),
    /// It did not come.
    NotFetched(Box<Message>),
}

impl Message {
    /// The part of the program that it takes to do this; the judgement finds out by itself which reader it needs.
    fn part(&self) -> Option<Part> {
        match self {
            Message::Preview(Some(_))
            | Message::Apply
            | Message::ApplyAll
            | Message::Undo
            | Message::Take(_)
            | Message::Mend => Some(Part::Changes),
            Message::Json(true) => Some(Part::Report),
            Message::Explain(Some(_)) => Some(Part::Explanations),
            Message::Ciphers(true) | Message::AskAbout(_) | Message::Answer => Some(Part::Ciphers),
            Message::Plan(wish) if !wish.is_of_the_page() => Some(Part::Plan),
            _ => None,
        }
    }
}

/// The page's root component. It holds everything that changes; what is shown is made from it.
#[derive(Debug)]
pub(crate) struct App {
    /// Takes what a person does, wherever it happens.
    tell: Callback<Message>,
    text: AttrValue,
    release: &'static str,
    checked: Rc<Checked>,
    /// The marks of the judgement, carried over to the text of now.
    marks: Vec<Mark>,
    /// The card that was asked for last.
    chosen: Option<usize>,
    /// The rule that is explained, by id.
    explained: Option<&'static str>,
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
    not_undone: &'static str,
    /// The card that takes the place of the one that was mended.
    next: Option<usize>,
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
        App {
            tell: context.link().callback(|message| message),
            text: AttrValue::default(),
            release: "",
            checked: Rc::new(Checked::new(0, AttrValue::default(), "", None)),
            marks: Vec::new(),
            chosen: None,
            explained: None,
            refused: Vec::new(),
            dragging: false,
            json: false,
            unfolded: Vec::new(),
            ciphers: Ciphers::default(),
            mending: Mending::default(),
            migration: Migration::default(),
            preview: None,
            made: Vec::new(),
            not_undone: "",
            next: None,
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
        let ondrop = when(tell, |event: DragEvent| {
            if !brings_files(&event) {
                return Some(Message::Dragging(false));
            }
            event.prevent_default();
            let list = files::listed(event.data_transfer().and_then(|data| data.files()));
            Some(Message::Dropped(list))
        });
        let checked = &self.checked;
        let busy = checked.text != self.text || checked.release != self.release;
        html! {
            <div class={classes!("desk", self.dragging.then_some("dragging"), (self.fetching > 0).then_some("fetching"))} {ondragover} {ondragleave} {ondrop}>
                <header>
                    <h1>{ "smtplint" }</h1>
                    <p class="tagline">{ words::TAGLINE }</p>
                    <button type="button" id="ask-ciphers" class="link" onclick={click(tell, Message::Ciphers(true))} aria-haspopup="dialog">{ words::CIPHERS_HEADING }</button>
                    <button type="button" id="ask-plan" class="link" onclick={click(tell, Message::Plan(Wish::Open(true)))} aria-haspopup="dialog">{ words::PLAN_HEADING }</button>
                    <p class="privacy">{ lock() }<span>{ words::PRIVACY }</span></p>
                </header>
                <div class="columns">
                    <section class="text" aria-labelledby="text-heading">
                        <h2 id="text-heading">{ words::TEXT_HEADING }</h2>
                        { toolbar::toolbar(self.sample(), self.release, &self.files, tell) }
                        <label class="away" for="configuration">{ words::TEXT_LABEL }</label>
                        { editor::editor(&self.text, &self.marks, self.chosen, &self.area, tell) }
                        <div id="refused" role="status">
                            { for self.refused.iter().map(|sentence| html! { <p class="worry">{ sentence.clone() }</p> }) }
                        </div>
                    </section>
                    <section class="advice" id="advice" aria-labelledby="advice-heading" aria-busy={busy.to_string()} data-revision={checked.revision.to_string()}>
                        <h2 id="advice-heading" class="away">{ words::ADVICE_HEADING }</h2>
                        <output id="summary" for="configuration" aria-live="polite">{ results::summary(checked) }</output>
                        { self.trouble() }
                        <Results checked={checked.clone()} chosen={self.chosen} json={self.json} unfolded={self.unfolded.clone()}
                            preview={self.preview.clone()} free={self.mending.count()} made={self.made.len()} last={self.made.last().map(|made| made.title.clone()).unwrap_or_default()}
                            first={self.made.first().map(|made| made.before.clone()).unwrap_or_default()} not_undone={self.not_undone} tell={tell.clone()} />
                    </section>
                </div>
                { panel::panel("explain", self.explained.zip(parts::explanations()).map(|(rule, explaining)| (explaining.view)(rule)), &self.explain_panel, &Message::Explain(None), tell) }
                { panel::panel("ciphers", parts::ciphers().filter(|_| self.ciphers.open).map(|answering| (answering.view)(&self.ciphers, tell)), &self.ciphers_panel, &Message::Ciphers(false), tell) }
                { panel::panel("plan", parts::plan().filter(|_| self.migration.open).map(|planning| html! { <>{ self.trouble() }{ (planning.view)(&self.migration, self.around()) }</> }), &self.plan_panel, &Message::Plan(Wish::Open(false)), tell) }
            </div>
        }
    }

    /// The panels are opened and closed by the browser itself.
    fn rendered(&mut self, _: &Context<App>, _: bool) {
        panel::open_or_close(&self.explain_panel, self.explained.is_some());
        panel::open_or_close(&self.ciphers_panel, self.ciphers.open);
        panel::open_or_close(&self.plan_panel, self.migration.open);
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
    /// Does what a message says; true when something that is shown has changed.
    fn act(&mut self, message: Message) -> bool {
        if let Some(part) = message.part().filter(|part| !part.is_there()) {
            self.fetch(part, message);
            return true;
        }
        match message {
            Message::Text(text, by_keys) => self.take(text, if by_keys { PAUSE } else { 0 }),
            Message::Sample(name) => {
                if let Some(sample) = SAMPLES.iter().find(|sample| sample.name == name) {
                    self.take(sample.text().into(), 0);
                }
            }
            Message::Release(release) => {
                self.release = release;
                self.judge_after(0);
            }
            Message::Open => {
                files::choose(&self.files);
                return false;
            }
            Message::Chosen => {
                self.read(files::chosen(&self.files), Message::Read);
                return false;
            }
            Message::Dropped(list) => {
                self.dragging = false;
                self.read(list, Message::Read);
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
                    self.take(gather::gather(&self.written(), &read.files).into(), 0);
                }
                self.refused = read.refused;
            }
            Message::Clear => {
                self.take(AttrValue::default(), 0);
                if let Some(area) = self.area.cast::<HtmlElement>() {
                    area.focus().ok();
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
                self.chosen = Some(card);
                show_card(card, true);
            }
            Message::Caret => return self.show_finding_at_caret(),
            Message::Explain(rule) => self.explained = rule,
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
    fn fetch(&mut self, part: Part, asked: Message) {
        self.fetching += 1;
        self.not_fetched = None;
        let tell = self.tell.clone();
        spawn_local(async move {
            let told = match part.fetch().await {
                Ok(()) => Message::Fetched,
                Err(NotFetched) => Message::NotFetched,
            };
            tell.emit(told(Box::new(asked)));
        });
    }

    /// What is to be said where a part of the program did not come.
    fn trouble(&self) -> Html {
        let Some(asked) = &self.not_fetched else {
            return Html::default();
        };
        html! {
            <p class="note worry" role="alert">
                { words::NOT_FETCHED }{ " " }{ button("", words::AGAIN, &self.tell, asked.clone()) }
            </p>
        }
    }

    /// Shows the change that mends a card.
    fn show_change(&mut self, card: Option<usize>) {
        let judged = self.checked.judged.as_ref();
        let finding = card.and_then(|card| Some((card, judged?.report.findings.get(card)?)));
        let changed = finding.zip(parts::changes());
        self.preview = changed.map(|((card, finding), changing)| {
            let proposal = (changing.of_finding)(&self.checked, finding);
            Rc::new(Preview { card, proposal })
        });
    }

    /// Makes a change, unless the text has become another one since.
    fn make(&mut self, made: Made) {
        if made.before == self.text {
            self.take(made.after.clone(), 0);
            self.made.push(made);
        }
    }

    /// Does what was wished in the panel about the move; true when something that is shown has changed.
    fn plan(&mut self, wish: Wish) -> bool {
        match wish {
            Wish::Choose => files::choose(&self.evidence),
            Wish::Chosen => self.read(files::chosen(&self.evidence), |read| {
                Message::Plan(Wish::Evidence(read))
            }),
            Wish::Print => {
                if let Some(window) = web_sys::window() {
                    window.print().ok();
                }
            }
            wish => {
                self.migration.open |= matches!(wish, Wish::Evidence(_));
                let Some(planning) = parts::plan() else { return true };
                match (planning.grant)(&mut self.migration, wish, &self.checked) {
                    Granted::Shown => {}
                    Granted::Taken => return false,
                    Granted::Changed(made) => self.make(made),
                }
                return true;
            }
        }
        false
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

    /// Takes the last change back, and leaves what was written since.
    fn undo(&mut self) {
        let Some(last) = self.made.pop() else { return };
        let undone = parts::changes().and_then(|changing| (changing.undone)(&last, &self.text));
        match undone {
            Some(text) => self.take(text.into(), 0),
            None => {
                self.made.push(last);
                self.not_undone = words::NOT_UNDONE;
            }
        }
    }

    /// Takes a new text, to be judged when it has rested for so many milliseconds.
    fn take(&mut self, text: AttrValue, pause: u32) {
        self.refused = Vec::new();
        self.not_undone = "";
        if self.text != text {
            self.text = text;
            self.carry_marks();
            self.judge_after(pause);
        }
    }

    fn judge_after(&mut self, pause: u32) {
        let tell = self.tell.clone();
        self.pause = Some(Timeout::new(pause, move || tell.emit(Message::Judge)));
    }

    fn judge(&mut self) {
        let sources = intake::split(PASTE, &self.text);
        if let Some(part) = Part::missing_reader(&sources) {
            return self.fetch(part, Message::Judge);
        }
        self.chosen = None;
        let revision = self.checked.revision + 1;
        let checked = Checked::of(sources, revision, self.text.clone(), self.release, Some(now()));
        // Without a report there is none for programs to look at.
        self.json &= checked.judged.is_some();
        self.checked = Rc::new(checked);
        self.carry_marks();
        self.preview = None;
        self.mending.begin(&self.tell);
        if let Some(planning) = parts::plan() {
            (planning.follow)(&mut self.migration, &self.checked);
        }
    }

    fn carry_marks(&mut self) {
        self.marks = marks::carry(&self.checked.marks, &self.checked.text, &self.text);
    }

    /// What stands in the field.
    fn written(&self) -> String {
        let area = self.area.cast::<HtmlTextAreaElement>();
        area.map(|area| area.value()).unwrap_or_default()
    }

    /// The sample that is shown, when the text is one.
    fn sample(&self) -> Option<&'static str> {
        let sample = SAMPLES.iter().find(|sample| sample.text() == self.text.as_str());
        sample.map(|sample| sample.name)
    }

    /// Reads files, and has them told.
    fn read(&self, list: Vec<File>, told: fn(Read) -> Message) {
        let tell = self.tell.clone();
        spawn_local(async move { tell.emit(told(files::read(list).await)) });
    }

    /// Brings a line of the judged text into view. One that was changed since is on its way to another judgement.
    fn show_line(&self, range: &Range<usize>) {
        let now = self.written();
        if let Some(range) = Edit::between(&self.checked.text, &now).carry(range) {
            let written = now.get(range.clone()).unwrap_or("").trim_end().len();
            editor::select(&self.area, range.start, range.start + written);
        }
    }

    /// True when the caret stands in a mark: its card is chosen then.
    fn show_finding_at_caret(&mut self) -> bool {
        let Some(area) = self.area.cast::<HtmlTextAreaElement>() else {
            return false;
        };
        let (start, end) = (
            area.selection_start().ok().flatten(),
            area.selection_end().ok().flatten(),
        );
        let caret = start.filter(|_| start == end);
        let mark = caret.and_then(|caret| marks::at(&self.marks, position::byte(&area.value(), caret)));
        let card = mark.map(|mark| mark.card);
        if let Some(card) = card {
            self.chosen = Some(card);
            // Where the advice stands below the text, the text must not run away under the finger.
            if is_beside() {
                show_card(card, false);
            }
        }
        card.is_some()
    }
}

/// Tells what an event means, when it means something.
pub(crate) fn when<E: 'static>(
    tell: &Callback<Message>,
    message: impl Fn(E) -> Option<Message> + 'static,
) -> Callback<E> {
    let tell = tell.clone();
    Callback::from(move |event| {
        if let Some(message) = message(event) {
            tell.emit(message);
        }
    })
}

/// Tells the same at every click.
pub(crate) fn click(tell: &Callback<Message>, message: Message) -> Callback<MouseEvent> {
    tell.reform(move |_| message.clone())
}

/// True for files from outside, false for text dragged within the page.
fn brings_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| {
        data.types()
            .iter()
            .any(|kind| kind.as_string().as_deref() == Some("Files"))
    })
}

fn is_beside() -> bool {
    let query = web_sys::window().and_then(|window| window.match_media(BESIDE).ok().flatten());
    query.is_some_and(|query| query.matches())
}

/// Brings a finding into view, and the focus with it when it was asked for by name.
fn show_card(card: usize, with_focus: bool) {
    let element = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(&findings::element_id(card)))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        let options = ScrollIntoViewOptions::new();
        options.set_block(if with_focus {
            ScrollLogicalPosition::Start
        } else {
            ScrollLogicalPosition::Nearest
        });
        element.scroll_into_view_with_scroll_into_view_options(&options);
        if with_focus {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            element.focus_with_options(&options).ok();
        }
    }
}

/// The time by the machine's clock, in seconds since 1970.
fn now() -> i64 {
    // The browser counts milliseconds in a number with a fraction; whole seconds fit by far.
    #[expect(clippy::cast_possible_truncation, reason = "the number is far below the limit")]
    let seconds = (js_sys::Date::now() / 1_000.0) as i64;
    seconds
}

fn lock() -> Html {
    html! {
        <svg class="lock" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d="M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7zm2 0h4V5a2 2 0 0 0-4 0z" fill-rule="evenodd" />
        </svg>
    }
}
