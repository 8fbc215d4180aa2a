//! The advice, in the order of reading.

use std::rc::Rc;

use yew::{AttrValue, Callback, Component, Context, Html, Properties, html};

use crate::app::Message;
use crate::changes::changes;
use crate::check::Checked;
use crate::filter::{self, Filter};
use crate::findings::findings;
use crate::listeners::listeners;
use crate::machine::machine;
use crate::passed::passed;
use crate::proposal::Preview;
use crate::questions::questions;
use crate::ways::ways;
use crate::welcome::welcome;
use crate::{markdown, words};

/// See [`Results`].
#[derive(Debug, PartialEq, Properties)]
pub(crate) struct ResultsProps {
    /// What is judged.
    pub(crate) checked: Rc<Checked>,
    /// The card that was asked for last.
    pub(crate) chosen: Option<usize>,
    /// Whether somebody looks at the report for programs.
    pub(crate) json: bool,
    /// The listeners, by id, whose suites somebody looks at.
    pub(crate) unfolded: Vec<String>,
    /// The change that somebody looks at.
    pub(crate) preview: Option<Rc<Preview>>,
    /// How many findings can be mended at once without a cost.
    pub(crate) free: usize,
    /// How many changes were made.
    pub(crate) made: usize,
    /// What the last of them did.
    pub(crate) last: AttrValue,
    /// The whole text before the first of them.
    pub(crate) first: AttrValue,
    /// Why the last of them was not taken back; empty when nothing is to be said.
    pub(crate) not_undone: &'static str,
    /// Whether what lies behind folded controls has been fetched.
    pub(crate) unfolds: bool,
    /// Which findings are shown.
    pub(crate) filter: Filter,
    /// What became of a report or a link that was asked for; empty when nothing is to be said.
    pub(crate) said: &'static str,
    /// The code of the language in which all this is said.
    pub(crate) language: &'static str,
    /// Takes what a person does.
    pub(crate) tell: Callback<Message>,
}

/// What is said about the text, or what to paste: a component, so that it is not made anew while somebody types.
#[derive(Debug)]
pub(crate) struct Results;

impl Component for Results {
    type Message = ();
    type Properties = ResultsProps;

    fn create(_: &Context<Results>) -> Results {
        Results
    }

    fn view(&self, context: &Context<Results>) -> Html {
        advice(context.props())
    }
}

fn advice(props: &ResultsProps) -> Html {
    let Some(judged) = &props.checked.judged else {
        return welcome(props);
    };
    html! {
        <>
            <section>
                <h2 class="away">{ words::answers_heading() }</h2>
                <dl class="answers" lang="en">{ for judged.document.answers.iter().map(|answer| html! {
                    <div><dt>{ answer.label }</dt><dd><strong>{ answer.word }</strong>{ markdown::inline(&answer.says) }</dd></div>
                }) }</dl>
            </section>
            <section class="ports">
                <h2>{ words::listeners_heading() }</h2>
                { ways(props) }
                { listeners(props) }
            </section>
            { changes(props) }
            if !judged.document.cards.is_empty() {
                <section id="findings">
                    <h2>{ words::findings_heading() }</h2>
                    { filter::filter(&props.filter, &judged.report, &props.tell) }
                    { findings(props) }
                </section>
            }
            { questions(props) }
            <section class="rest">
                <h2>{ words::rest_heading() }</h2>
                { passed(props) }
                { machine(props) }
            </section>
        </>
    }
}

/// One sentence about the whole, read aloud when it changes.
pub(crate) fn summary(checked: &Checked) -> String {
    match &checked.judged {
        Some(judged) => judged.document.summary.clone(),
        None if checked.text.trim().is_empty() => words::waiting().to_owned(),
        None => words::not_recognised().to_owned(),
    }
}
