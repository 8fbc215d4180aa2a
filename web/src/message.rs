//! What happens on the page, and the part of the program that it takes.

use std::ops::Range;

use yew::{AttrValue, Callback, MouseEvent};

use crate::ciphers::Asked;
use crate::explain::Topic;
use crate::files::{Brought, Read};
use crate::language;
use crate::link::Link;
use crate::machine::Form;
use crate::migration::Wish;
use crate::parts::Part;
use crate::settings::Settings;

/// What it means that files were read.
pub(crate) type Told = fn(Read) -> Message;

/// What a person did, or what became of it.
#[derive(Debug, Clone)]
pub(crate) enum Message {
    /// The field holds a new text; the flag tells that it was typed rather than pasted.
    Text(AttrValue, bool),
    /// A sample was chosen, by name.
    Sample(&'static str),
    /// Everything was said that is said beside the text.
    Settings(Settings),
    /// One of these things was said, by its name.
    Say(AttrValue, String),
    /// The page is to speak a language, by its code.
    Speak(&'static str),
    /// Whether the text may be kept over a reload.
    Keep(bool),
    /// The list of files is to open.
    Open,
    /// Files were chosen there.
    Chosen,
    /// Files were dropped; they are read by themselves.
    Dropped,
    /// Files are to be read, and then told so.
    Files(Brought, Told),
    /// Files were read.
    Read(Read),
    /// Something was not taken, in a sentence.
    Refused(&'static str),
    /// The text is to go.
    Clear,
    /// The text that was there before the field was emptied, or filled with a sample.
    BringBack,
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
    /// A rule was asked for, or all of them; nothing closes the panel.
    Explain(Option<Topic>),
    /// Something is looked for among all rules.
    LookFor(AttrValue),
    /// Other findings are to be shown, by one of the lists above them.
    Narrow(AttrValue, String),
    /// The report is to be copied or downloaded.
    Report(Form),
    /// Controls that were folded are looked at.
    Controls,
    /// A link to what is seen is to be copied.
    CopyLink,
    /// What became of that.
    Said(&'static str),
    /// The address asks for something.
    Follow(Link),
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
    pub(crate) fn part(&self) -> Option<Part> {
        match self {
            Message::Preview(Some(_))
            | Message::Apply
            | Message::ApplyAll
            | Message::Undo
            | Message::Take(_)
            | Message::Mend => Some(Part::Changes),
            Message::Speak(code) if *code != language::OWN => Some(Part::Languages),
            Message::Json(true) | Message::Report(_) => Some(Part::Report),
            Message::Explain(Some(_)) => Some(Part::Explanations),
            Message::Controls | Message::CopyLink | Message::Files(..) => Some(Part::Controls),
            Message::Ciphers(true) | Message::Suites(_, true) | Message::AskAbout(_) | Message::Answer => {
                Some(Part::Ciphers)
            }
            Message::Plan(wish) if !wish.is_of_the_page() => Some(Part::Plan),
            _ => None,
        }
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
