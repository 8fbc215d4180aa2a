//! The panel about the move between the ports: the plan of the core, as something to look at and to tick off.

use smtplint_core::clients::{ClientSettings, Form};
use smtplint_core::migrate::{Check, Gate, Stage, StageKind, To};
use web_sys::InputEvent;
use yew::{AttrValue, Callback, Event, Html, NodeRef, classes, html};

use crate::app::{Message, when};
use crate::button::button;
use crate::copy::{CopyButton, beside, under};
use crate::migration::{Migration, Wish};
use crate::planned::{Course, Planned, Progress};
use crate::proposal;
use crate::toolbar::{self, Choice};
use crate::{findings, markdown, ways, words};

/// What the panel is shown with beside its own state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    /// The text of now.
    pub(crate) text: &'a str,
    /// How many changes were made.
    pub(crate) made: usize,
    /// Why the last one was not taken back.
    pub(crate) not_undone: &'static str,
    /// The hidden field that opens the list of files.
    pub(crate) files: &'a NodeRef,
    pub(crate) tell: &'a Callback<Message>,
}

/// Tells a wish.
fn wish(class: &'static str, text: impl Into<AttrValue>, around: Around<'_>, wish: Wish) -> Html {
    button(class, text, around.tell, Message::Plan(wish))
}

/// The panel.
pub(crate) fn view(migration: &Migration, around: Around<'_>) -> Html {
    html! {
        <>
            <h2 id="plan-title">{ words::plan_heading() }</h2>
            { fields(migration, around) }
            { evidence(migration, around) }
            {
                match &migration.planned {
                    None => html! { <p id="plan-answer" role="status">{ words::plan_waiting() }</p> },
                    Some(planned) => plan(migration, planned, around),
                }
            }
        </>
    }
}

fn plan(migration: &Migration, planned: &Planned, around: Around<'_>) -> Html {
    let plan = &planned.plan;
    let done = plan.stages.iter().filter(|one| migration.ticks.has(one.kind)).count();
    html! {
        <>
            <p id="plan-answer" role="status"><strong>{ plan.title() }{ ". " }</strong>{ markdown::inline(plan.answer) }</p>
            <p class="actions">
                <CopyButton text={plan.to_markdown(&planned.patches)} label={words::copy_plan()} what={words::copy_plan()} />
                { wish("", words::print(), around, Wish::Print) }
                if around.made > 0 { { button("undo", words::undo(around.made), around.tell, Message::Undo) } }
            </p>
            <div role="status">
                <p class="note">{ words::stages_done(done, plan.stages.len()) }</p>
                if migration.ticks.is_refused { <p class="note worry">{ words::ticks_not_kept() }</p> }
                if !around.not_undone.is_empty() { <p class="worry">{ around.not_undone }</p> }
            </div>
            <section class="gates">
                <h3>{ words::gates() }</h3>
                <ul>{ for plan.gates.iter().map(gate) }</ul>
            </section>
            { for plan.stages.iter().map(|one| stage(one, migration, planned, around)) }
            if let Some(why) = plan.stopped() { <p class="stopped worry">{ markdown::inline(&why) }</p> }
        </>
    }
}

fn fields(migration: &Migration, around: Around<'_>) -> Html {
    let course = &migration.course;
    let now = course.clone();
    let ontarget = when(around.tell, move |event: Event| {
        let to = To::from_word(&toolbar::chosen(&event)?)?;
        Some(Message::Plan(Wish::Course(Course { to, ..now.clone() })))
    });
    let targets = [To::Both, To::Implicit, To::Starttls];
    let targets = targets.map(|one| Choice::new(one.word().into(), words::target(one).into(), course.to == one));
    let planned = migration.planned.as_ref();
    let host = planned.map(|planned| planned.plan.host.clone()).unwrap_or_default();
    let domain = planned.map(|planned| planned.domain.clone()).unwrap_or_default();
    let shown = |said: &AttrValue, known: AttrValue| if said.is_empty() { known } else { said.clone() };
    let field = |id, label, value, hint, take| field(id, label, value, hint, course, take, around.tell);
    html! {
        <>
            <div class="toolbar">
                { toolbar::list("plan-to".into(), words::target_label().into(), targets.into(), ontarget) }
                { field("plan-domain", words::domain_label(), shown(&course.domain, domain), words::domain_hint(), |course, said| course.domain = said) }
                { field("plan-host", words::host_label(), shown(&course.host, host.into()), "", |course, said| course.host = said) }
                { field("plan-imap", words::imap_label(), course.imap.clone(), words::imap_hint(), |course, said| course.imap = said) }
            </div>
            <div role="alert" id="plan-wrong">
                { for planned.iter().flat_map(|planned| &planned.wrong).map(|one| html! { <p class="worry">{ markdown::sentence(one) }{ "." }</p> }) }
            </div>
        </>
    }
}

/// A field that is read when it is left, or at Enter.
fn field(
    id: &'static str,
    label: &'static str,
    value: AttrValue,
    placeholder: &'static str,
    course: &Course,
    take: fn(&mut Course, AttrValue),
    tell: &Callback<Message>,
) -> Html {
    let now = course.clone();
    let onchange = when(tell, move |event: Event| {
        let field = toolbar::field(&event)?;
        let mut course = now.clone();
        take(&mut course, field.value().trim().to_owned().into());
        Some(Message::Plan(Wish::Course(course)))
    });
    html! {
        <label>
            <span>{ label }</span>
            <input type="text" {id} {value} {placeholder} {onchange} spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby="plan-wrong" />
        </label>
    }
}

fn evidence(migration: &Migration, around: Around<'_>) -> Html {
    let onfiles = when(around.tell, |_: Event| Some(Message::Plan(Wish::Chosen)));
    html! {
        <div class="evidence">
            <input type="file" hidden={true} ref={around.files.clone()} onchange={onfiles} aria-label={words::choose_evidence()} />
            <p class="note">{ markdown::inline(words::evidence_why()) }</p>
            <p class="actions">
                { wish("choose-evidence", words::choose_evidence(), around, Wish::Choose) }
                if migration.evidence.is_some() { { wish("", words::forget_evidence(), around, Wish::Forget) } }
            </p>
            <div role="status" id="plan-evidence">
                if let Some(evidence) = &migration.evidence {
                    <p class="note calm">{ words::evidence(&evidence.name, evidence.usage.users.len()) }</p>
                }
                { for migration.refused.iter().map(|one| html! { <p class="worry">{ markdown::inline(one) }</p> }) }
            </div>
        </div>
    }
}

fn gate(gate: &Gate) -> Html {
    let (class, said) = match gate.met {
        Some(true) => ("met", words::gate_met()),
        Some(false) => ("unmet", words::gate_unmet()),
        None => ("open", words::gate_open()),
    };
    html! {
        <li {class}><strong>{ said }</strong><div><p>{ markdown::inline(&gate.what) }</p><p class="why">{ markdown::sentence(&gate.why) }</p></div></li>
    }
}

fn stage(stage: &Stage, migration: &Migration, planned: &Planned, around: Around<'_>) -> Html {
    let kind = stage.kind;
    let is_done = migration.ticks.has(kind);
    let ontick = when(around.tell, move |event: InputEvent| {
        let field = toolbar::field(&event)?;
        Some(Message::Plan(Wish::Tick(kind, field.checked())))
    });
    let id = format!("stage-{}", stage.number);
    html! {
        <section class={classes!("stage", is_done.then_some("done"))} id={id.clone()} aria-labelledby={format!("{id}-title")}>
            <h3 id={format!("{id}-title")}>
                <label>
                    <input type="checkbox" checked={is_done} oninput={ontick} aria-label={words::stage_done(stage.number)} />
                    <span>{ words::stage(stage.number) }{ ": " }{ markdown::inline(&stage.title) }</span>
                </label>
                if stage.is_optional { <small>{ words::optional() }</small> }
            </h3>
            { titled(words::to_do(), html! { <ul class="do">{ for stage.actions.iter().map(|one| html! { <li>{ markdown::inline(one) }</li> }) }</ul> }) }
            { change(stage, planned, around) }
            { listed("dns", words::zone(), &stage.dns) }
            { listed("settings", words::typed(), &stage.clients) }
            { published(stage, planned, around) }
            if !stage.checks.is_empty() {
                { titled(words::check(), html! { <ul class="checks">{ for stage.checks.iter().map(check) }</ul> }) }
            }
            { said("done-when", words::done_when(), &stage.done_when) }
            { said("roll-back", words::roll_back(), &stage.roll_back) }
        </section>
    }
}

fn titled(title: &'static str, content: Html) -> Html {
    html! { <><h4>{ title }</h4>{ content }</> }
}

fn said(class: &'static str, title: &'static str, text: &str) -> Html {
    html! { <p {class}><strong>{ title }{ ": " }</strong>{ markdown::inline(text) }</p> }
}

fn change(stage: &Stage, planned: &Planned, around: Around<'_>) -> Html {
    let (Some(step), Some(patched)) = (&stage.step, planned.patches.get(stage.number)) else {
        return Html::default();
    };
    let number = stage.number;
    let commands: Vec<String> = step.commands().map(str::to_owned).collect();
    html! {
        <div class="change">
            <h4>{ words::change() }</h4>
            { for step.impact.spoken().iter().map(|one| findings::kind_of_note(words::costs(), one)) }
            { for patched.changes.iter().map(proposal::file) }
            { for planned.ways.get(number).map(ways::picture) }
            { proposal::commands(&commands) }
            if let Some(remark) = &patched.remark { <p class="note">{ markdown::inline(remark) }</p> }
            <p class="actions">
                if planned.progress(number, around.text) == Some(Progress::Next) {
                    { wish("main apply", words::apply(), around, Wish::Apply(number)) }
                }
                if !patched.text.is_empty() { { wish("take-patch", words::take_patch(), around, Wish::Patch(number)) } }
            </p>
            <div role="status">
                {
                    match planned.progress(number, around.text) {
                        Some(Progress::Made) => html! { <p class="note calm">{ words::stage_made() }</p> },
                        Some(Progress::Later) => html! { <p class="note">{ words::stage_later() }</p> },
                        _ => Html::default(),
                    }
                }
            </div>
        </div>
    }
}

/// Lines to copy, below their title.
fn listed(class: &'static str, title: &'static str, lines: &[String]) -> Html {
    under(class, html! { <h4>{ title }</h4> }, lines, title)
}

fn check(check: &Check) -> Html {
    html! {
        <li>
            { beside(check.command.clone().into(), words::copy_command()) }
            <p class="shows">{ words::shows() }{ " " }{ markdown::inline(&check.shows) }</p>
        </li>
    }
}

/// What programs are told at the stage, to download.
fn published(stage: &Stage, planned: &Planned, around: Around<'_>) -> Html {
    let is_told = matches!(stage.kind, StageKind::Advertise | StageKind::Close);
    let content = match &planned.settings {
        Err(why) if is_told => html! { <p class="note worry">{ markdown::sentence(why) }</p> },
        Ok(all) => {
            let Some((number, settings)) = all.iter().find(|(number, _)| *number == stage.number) else {
                return Html::default();
            };
            html! {
                <>
                    <ul class="forms">{ for Form::ALL.into_iter().map(|one| form(*number, one, settings, around)) }</ul>
                    <ul class="note">{ for settings.withheld.iter().map(ToString::to_string).chain(settings.remarks.iter().cloned()).map(|one| html! { <li>{ markdown::sentence(&one) }</li> }) }</ul>
                </>
            }
        }
        Err(_) => return Html::default(),
    };
    titled(words::publish(), content)
}

fn form(stage: usize, form: Form, settings: &ClientSettings, around: Around<'_>) -> Html {
    let name = form.file_name(&settings.domain);
    match form.render(settings) {
        Ok(text) => {
            let download = words::take(&name);
            html! {
                <li>
                    <p>{ markdown::sentence(form.spoken()) }</p>
                    <p class="actions">{ wish("take-form", download, around, Wish::Form(stage, form)) }<CopyButton {text} what={form.spoken()} /></p>
                    { for form.places(&settings.domain).into_iter().map(|one| html! { <p class="term">{ markdown::inline(&one) }</p> }) }
                </li>
            }
        }
        Err(why) => html! { <li><p>{ markdown::sentence(&why.to_string()) }{ ". " }{ words::say_imap() }</p></li> },
    }
}
