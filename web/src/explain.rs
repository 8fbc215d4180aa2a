//! What a rule means, and all of them to look among; what an error message of a client or a line of a log means.

use smtplint_core::document::explanation;
use smtplint_core::explain::{Problem, recognise};
use smtplint_core::rule::Rule;
use smtplint_core::rule_text::{Example, HERE, RuleText};
use smtplint_core::rules::RULES;
use web_sys::InputEvent;
use yew::{AttrValue, Callback, Html, classes, html};

use crate::app::{Message, click, when};
use crate::check::Checked;
use crate::copy::beside;
use crate::link::Link;
use crate::{findings, markdown, shape, toolbar, words};

/// What the panel is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// All rules.
    Index,
    /// The rule of this id.
    Rule(&'static str),
}

/// The panel's state.
#[derive(Debug, Default)]
pub(crate) struct Looking {
    /// What it is about; nothing while it is closed.
    pub(crate) topic: Option<Topic>,
    /// What is looked for among all rules.
    pub(crate) asked: AttrValue,
}

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Explaining {
    /// What the panel says.
    pub(crate) view: fn(&Looking, &Checked, &Callback<Message>) -> Html,
}

pub(crate) static EXPLAINING: Explaining = Explaining { view };

fn view(looking: &Looking, checked: &Checked, tell: &Callback<Message>) -> Html {
    match looking.topic {
        Some(Topic::Rule(id)) => explain(id, tell),
        _ => index(looking, checked, tell),
    }
}

/// A field, what is known of the line in it, and the rules that it asks for.
fn index(looking: &Looking, checked: &Checked, tell: &Callback<Message>) -> Html {
    let oninput = when(tell, |event: InputEvent| {
        Some(Message::LookFor(toolbar::field(&event)?.value().into()))
    });
    let asked = looking.asked.trim();
    let problem = recognise(asked);
    let words = asked.to_ascii_lowercase();
    let found: Vec<_> = RULES.iter().filter(|(group, rule)| has(group, rule, &words)).collect();
    let mut groups: Vec<&str> = found.iter().map(|(group, _)| *group).collect();
    groups.dedup();
    let of_group = |group: &str| -> Html {
        let own = found.iter().filter(|(other, _)| *other == group);
        own.map(|(_, rule)| link(rule, tell)).collect()
    };
    html! {
        <>
            <h2 id="explain-title">{ words::index_heading() }</h2>
            <p class="quiet">{ words::index_why() }</p>
            <div class="toolbar">
                <label class="wide">
                    <span>{ words::index_label() }</span>
                    <input type="search" id="explain-search" data-first="" value={looking.asked.clone()} {oninput} placeholder={words::index_hint()} spellcheck="false" autocomplete="off" autocapitalize="off" />
                </label>
            </div>
            <div role="status" id="explain-count"><p class="note">{
                match problem {
                    Some(_) => words::error_known().to_owned(),
                    None => words::rules_found(found.len(), RULES.len()),
                }
            }</p></div>
            {
                match problem {
                    Some(problem) => known(problem, asked, checked, tell),
                    None => groups.into_iter().map(|group| section(group, html! { <ul class="rules">{ of_group(group) }</ul> })).collect(),
                }
            }
        </>
    }
}

/// Whether a rule has all of the words, which are in small letters, in its id, its group or its text.
fn has(group: &str, rule: &Rule, words: &str) -> bool {
    let mut text = format!("{group} {} {}", rule.id, rule.text());
    text.make_ascii_lowercase();
    words.split_ascii_whitespace().all(|word| text.contains(word))
}

fn link(rule: &'static Rule, tell: &Callback<Message>) -> Html {
    let onclick = click(tell, Message::Explain(Some(Topic::Rule(rule.id))));
    html! {
        <li>
            <button type="button" class="link rule" {onclick}>{ rule.id }</button>
            <span>{ markdown::inline(RuleText::parse(rule.text()).headline) }</span>
        </li>
    }
}

/// A problem: what the line says, what is behind it, the command that tells, and what of it is in the text.
fn known(problem: &Problem, asked: &str, checked: &Checked, tell: &Callback<Message>) -> Html {
    let report = checked.judged.as_ref().map(|judged| &judged.report);
    let own = report
        .map(|report| problem.explained_by(asked, report))
        .unwrap_or_default();
    let card = |fingerprint: &str| {
        let mut all = report.into_iter().flat_map(|report| &report.findings);
        all.position(|one| one.fingerprint == fingerprint)
    };
    let rules = RULES.iter().filter(|(_, rule)| problem.rules.contains(&rule.id));
    html! {
        <article id="problem" lang="en">
            <h3>{ markdown::inline(problem.headline) }</h3>
            <p>{ markdown::inline(problem.means) }</p>
            <p>{ markdown::inline(problem.cause) }</p>
            { beside(problem.command.into(), words::copy_command()) }
            if !own.is_empty() {
                { section(words::in_your_text(), html! {
                    <ul>{ for own.iter().filter_map(|finding| Some((card(&finding.fingerprint)?, finding))).map(|(card, finding)| html! {
                        <li><button type="button" class="link" onclick={click(tell, Message::Mark(card))}>{ markdown::sentence(&finding.message) }</button></li>
                    }) }</ul>
                }) }
            }
            if !problem.rules.is_empty() {
                { section(words::rules_about_it(), html! { <ul class="rules">{ for rules.map(|(_, rule)| link(rule, tell)) }</ul> }) }
            }
        </article>
    }
}

fn explain(id: &'static str, tell: &Callback<Message>) -> Html {
    let Some((text, severity, _)) = explanation(id) else {
        return Html::default();
    };
    let citations = smtplint_core::rule_by_id(id)
        .map(|(_, rule)| rule.sources())
        .unwrap_or_default();
    html! {
        <>
            <h2 id="explain-title" lang="en">{ markdown::inline(text.headline) }</h2>
            <p class="identity">{ shape::shape(severity) }{ words::severity(severity) }<code>{ id }</code></p>
            <p class="footer">
                <a href={format!("#{}", Link { rule: Some(id), ..Link::default() }.spoken())}>{ words::link_to_rule() }</a>
                <button type="button" class="link" onclick={click(tell, Message::Explain(Some(Topic::Index)))}>{ words::index_heading() }</button>
            </p>
            { for text.sections.iter().map(|(title, body)| section(title, markdown::blocks(body))) }
            { for text.examples.iter().map(example) }
            { section(words::sources(), html! {
                <ul>{ for citations.iter().map(|one| html! { <li>{ findings::citation(one) }</li> }) }</ul>
            }) }
        </>
    }
}

/// A part of a panel.
pub(crate) fn section(title: &str, content: Html) -> Html {
    html! { <section><h3>{ title.replace('_', " ") }</h3>{ content }</section> }
}

fn example(example: &Example<'_>) -> Html {
    let (class, word) = if example.good {
        ("good", words::good_example())
    } else {
        ("bad", words::bad_example())
    };
    let lines = example.text.trim_end().lines().map(|line| match line.split_once(HERE) {
        Some((line, _)) => html! { <mark>{ line.trim_end().to_owned() }{ "\n" }</mark> },
        None => html! { { format!("{line}\n") } },
    });
    html! {
        <figure class={classes!("example", class)}>
            <figcaption>{ word }</figcaption>
            <pre tabindex="0"><code>{ for lines }</code></pre>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_by_all_words_wherever_they_stand() {
        let found = |words: &str| RULES.iter().filter(|(group, rule)| has(group, rule, words)).count();
        assert_eq!(found(""), RULES.len());
        assert!(found("open-relay") >= 1 && found("mynetworks") >= 1);
        assert_eq!(found("mynetworks no-such-word"), 0);
    }
}
