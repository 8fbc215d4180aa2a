//! The findings: what is so, the person's own lines, the reason, what to write, and where it is written.

use smtplint_core::document::{Card, Excerpt, NoteKind};
use smtplint_core::finding::{Confidence, Finding};
use smtplint_core::gain::Gain;
use smtplint_core::rule::Citation;
use yew::{Html, classes, html};

use crate::app::{Message, click};
use crate::copy::CopyButton;
use crate::explain::Topic;
use crate::results::ResultsProps;
use crate::{markdown, parts, shape, words};

/// More lines of one place than this are not worth showing: the text stands beside it.
const LINES: usize = 4;

/// The element of a card, so that marks can lead to it.
pub(crate) fn element_id(card: usize) -> String {
    format!("finding-{card}")
}

/// All findings, grouped by what a stranger could do with them; the group with the worst one first, and the worst of each.
pub(crate) fn findings(props: &ResultsProps) -> Html {
    let Some(judged) = &props.checked.judged else {
        return Html::default();
    };
    let cards: Vec<_> = judged
        .document
        .cards
        .iter()
        .zip(&judged.report.findings)
        .enumerate()
        .filter(|(_, (_, finding))| props.filter.shows(finding))
        .collect();
    if cards.is_empty() {
        return html! { <p>{ words::none_shown() }</p> };
    }
    // Cards stand in order of severity, so the first of a group is its worst.
    let mut gains: Vec<Gain> = Vec::new();
    for (_, (_, finding)) in &cards {
        if !gains.contains(&finding.gain) {
            gains.push(finding.gain);
        }
    }
    let groups = gains.into_iter().map(|gain| {
        let group = cards.iter().filter(|(_, (_, finding))| finding.gain == gain);
        html! {
            <section class="group">
                <h3>{ words::gain(gain) }</h3>
                { for group.map(|(index, (card, finding))| show(*index, card, finding, props)) }
            </section>
        }
    });
    html! { <><p class="groups">{ words::gains() }</p>{ for groups }</> }
}

fn show(index: usize, card: &Card, finding: &Finding, props: &ResultsProps) -> Html {
    let class = classes!(
        "finding",
        card.severity.word(),
        (card.confidence == Confidence::Depends).then_some("depends"),
        (props.chosen == Some(index)).then_some("chosen")
    );
    let id = element_id(index);
    let title = format!("{id}-title");
    html! {
        <article key={id.clone()} {id} {class} lang="en" tabindex="-1" aria-labelledby={title.clone()}>
            <p class="severity">{ shape::shape(card.severity) }{ words::severity(card.severity) }</p>
            <h4 id={title}>{ markdown::sentence(&card.title) }</h4>
            { excerpts(index, card, props) }
            { for card.notes.iter().map(|(kind, text)| note(*kind, text)) }
            { advice(finding) }
            { change(index, finding, props) }
            { footer(finding, props) }
        </article>
    }
}

fn excerpts(index: usize, card: &Card, props: &ResultsProps) -> Html {
    if card.excerpts.is_empty() {
        return Html::default();
    }
    html! { <ul class="excerpts">{ for card.excerpts.iter().map(|excerpt| lines(index, excerpt, props)) }</ul> }
}

/// The lines of one place, taken from the masked text.
fn lines(index: usize, excerpt: &Excerpt, props: &ResultsProps) -> Html {
    let sources = &props.checked.sources;
    let Some(source) = sources.file(excerpt.span.file) else {
        return Html::default();
    };
    let place = sources.place(excerpt.span);
    // A place that ends where a line begins has nothing in that line.
    let last = if place.end_column == 1 && place.end_line > place.line {
        place.end_line - 1
    } else {
        place.end_line
    };
    let shown = (place.line..=last).take(LINES).map(|line| {
        let (before, marked, after) = parted(source.line(line), &place, line);
        html! {
            <span class="row">
                <span class="number">{ line }</span>
                <code>{ before }<span class="hit">{ marked }</span>{ after }</code>
            </span>
        }
    });
    let left_out = (last + 1 - place.line).saturating_sub(LINES);
    let range = props.checked.parts.range(excerpt.span);
    let onclick = click(&props.tell, Message::Line(index, range));
    let class = classes!("excerpt", excerpt.decides.then_some("decides"));
    html! {
        <li>
            <button type="button" {class} {onclick}>
                <span class="file">
                    { words::file_line(source.file_name(), place.line) }
                    if !excerpt.label.is_empty() { <em>{ excerpt.label.clone() }</em> }
                </span>
                { for shown }
                if left_out > 0 { <span class="file">{ words::more_lines(left_out) }</span> }
            </button>
        </li>
    }
}

/// A line before, in and after the place; columns count characters from 1.
fn parted(text: &str, place: &smtplint_core::source::Place, line: usize) -> (String, String, String) {
    let from = if line == place.line { place.column - 1 } else { 0 };
    let to = if line == place.end_line {
        place.end_column - 1
    } else {
        usize::MAX
    };
    let characters = || text.chars().enumerate();
    (
        characters().filter(|(at, _)| *at < from).map(|(_, one)| one).collect(),
        characters()
            .filter(|(at, _)| (from..to).contains(at))
            .map(|(_, one)| one)
            .collect(),
        characters()
            .filter(|(at, _)| *at >= to.max(from))
            .map(|(_, one)| one)
            .collect(),
    )
}

/// What stands in words; what to write and the sources have forms of their own.
fn note(kind: NoteKind, text: &str) -> Html {
    match kind {
        NoteKind::Write | NoteKind::Source => Html::default(),
        NoteKind::Why => html! { <p class="why">{ markdown::inline(text) }</p> },
        NoteKind::Because | NoteKind::When | NoteKind::Also => kind_of_note(kind.word(), text),
    }
}

/// A note with the word that tells what it is.
pub(crate) fn kind_of_note(kind: &'static str, text: &str) -> Html {
    html! { <p class="note"><span class="kind">{ kind }</span>{ " " }{ markdown::inline(text) }</p> }
}

fn advice(finding: &Finding) -> Html {
    let Some(advice) = &finding.advice else {
        return Html::default();
    };
    let place = if advice.file == "shell" {
        words::run().to_owned()
    } else {
        words::in_file(&advice.file)
    };
    html! {
        <div class="write">
            <div class="head">
                <p>{ markdown::inline(&advice.title) }<span class="term">{ place }</span></p>
                <CopyButton text={advice.text.clone()} what={words::copy_what_to_write()} />
            </div>
            <pre tabindex="0"><code>{ advice.text.clone() }</code></pre>
        </div>
    }
}

/// The change that mends it, for whoever asks; or why there is none.
fn change(index: usize, finding: &Finding, props: &ResultsProps) -> Html {
    if finding.wishes.is_empty() {
        return Html::default();
    }
    let shown = props.preview.as_deref().filter(|preview| preview.card == index);
    let is_shown = shown.is_some();
    let onclick = click(&props.tell, Message::Preview((!is_shown).then_some(index)));
    html! {
        <div class="change">
            <button type="button" class="show-change" {onclick} aria-expanded={is_shown.to_string()}>
                { if is_shown { words::hide_change() } else { words::show_change() } }
            </button>
            if let Some(preview) = shown {
                <section class="preview" aria-label={words::change()}>{ match &preview.proposal {
                    Ok(proposal) => parts::changes().map_or_else(Html::default, |changing| (changing.view)(proposal, &props.tell)),
                    Err(reason) => html! {
                        <p class="note">{ words::not_mended() }{ " " }{ markdown::inline(reason) }{ "." }</p>
                    },
                } }</section>
            }
        </div>
    }
}

fn footer(finding: &Finding, props: &ResultsProps) -> Html {
    let rule = finding.rule;
    let onclick = click(&props.tell, Message::Explain(Some(Topic::Rule(rule))));
    html! {
        <p class="footer">
            <button type="button" class="link rule" {onclick} title={words::what_the_rule_means()} aria-haspopup="dialog">{ rule }</button>
            { for finding.sources.iter().map(citation) }
        </p>
    }
}

/// A source as a link, where it has an address.
pub(crate) fn citation(citation: &Citation) -> Html {
    let text = citation.to_string();
    match citation.url() {
        Some(href) => html! { <a {href} target="_blank" rel="noopener noreferrer">{ text }</a> },
        None => html! { <span>{ text }</span> },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smtplint_core::source::Place;

    #[test]
    fn lines_are_parted_by_characters() {
        let place = Place {
            file: String::new(),
            line: 1,
            column: 3,
            end_line: 2,
            end_column: 2,
        };
        let owned = |(a, b, c): (&str, &str, &str)| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(parted("üab", &place, 1), owned(("üa", "b", "")));
        assert_eq!(parted("cd", &place, 2), owned(("", "c", "d")));
        assert_eq!(parted("", &place, 2), owned(("", "", "")));
    }
}
