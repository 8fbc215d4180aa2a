//! The report to take along: for programs, for tickets, and for those who read it elsewhere.

use smtplint_core::formats;
use smtplint_core::json;
use yew::{Html, html};

use crate::app::{Message, when};
use crate::button::button;
use crate::changes::download;
use crate::check::Checked;
use crate::copy::CopyButton;
use crate::results::ResultsProps;
use crate::toolbar::is_open;
use crate::{parts, words};

/// What a report is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As `smtplint check --format markdown` writes it.
    Markdown,
    /// As `--format json` does, without digests of files.
    Json,
    /// As `--format sarif` does, without digests of files.
    Sarif,
    /// As `--format html` does.
    Html,
}

impl Form {
    /// What the file is called that is handed over.
    fn file_name(self) -> &'static str {
        match self {
            Form::Markdown => "smtplint.md",
            Form::Json => "smtplint.json",
            Form::Sarif => "smtplint.sarif",
            Form::Html => "smtplint-report.html",
        }
    }
}

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Writing {
    /// The report in a form; `None` when there is no report.
    pub(crate) write: fn(&Checked, Form) -> Option<String>,
    /// Hands it over as a download; `None` when there is none, or the browser refuses.
    pub(crate) take: fn(&Checked, Form) -> Option<()>,
}

pub(crate) static WRITING: Writing = Writing { write, take };

fn take(checked: &Checked, form: Form) -> Option<()> {
    download(form.file_name(), &write(checked, form)?)
}

fn write(checked: &Checked, form: Form) -> Option<String> {
    let judged = checked.judged.as_ref()?;
    let sources = &checked.sources;
    let inputs = || json::inputs(sources, &[]);
    match form {
        Form::Markdown => Some(formats::markdown::render(&judged.document, sources)),
        Form::Html => Some(formats::html::render(&judged.document, sources)),
        Form::Json => serde_json::to_string_pretty(&json::report(&judged.report, sources, inputs())).ok(),
        Form::Sarif => serde_json::to_string_pretty(&formats::sarif::log(&judged.report, sources, &inputs())).ok(),
    }
}

/// The JSON is made only while somebody looks at it, the other forms when somebody asks.
pub(crate) fn machine(props: &ResultsProps) -> Html {
    let ontoggle = when(&props.tell, |event| Some(Message::Json(is_open(&event)?)));
    let writing = parts::report().filter(|_| props.json);
    let json = writing.and_then(|writing| (writing.write)(&props.checked, Form::Json));
    let take = |form: Form, label| button("take-report", label, &props.tell, Message::Report(form));
    html! {
        <>
            <p class="actions reports">
                { take(Form::Markdown, words::copy_report()) }
                { button("copy-link", words::copy_link(), &props.tell, Message::CopyLink) }
                { take(Form::Html, words::take_html()) }
                { take(Form::Json, words::take_json()) }
                { take(Form::Sarif, words::take_sarif()) }
            </p>
            <p class="note" role="status" id="taken">{ props.said }</p>
            <details id="machine" {ontoggle}>
                <summary>{ words::json_heading() }</summary>
                if let Some(json) = json {
                    <div class="write">
                        <div class="head"><CopyButton text={json.clone()} what={words::copy_json()} /></div>
                        <pre id="json" tabindex="0" data-revision={props.checked.revision.to_string()}><code>{ json }</code></pre>
                    </div>
                }
            </details>
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use smtplint_core::samples::SAMPLES;

    #[test]
    fn every_form_tells_of_every_finding_and_of_no_password() {
        let text = format!("{}\nbind_pw = hunter2\n", SAMPLES[0].text());
        let checked = Checked::new(1, text.into(), Settings::default(), None);
        let findings = &checked.judged.as_ref().expect("it is Postfix").report.findings;
        for form in [Form::Markdown, Form::Json, Form::Sarif, Form::Html] {
            let written = write(&checked, form).expect("there is a report");
            let is_told = |rule: &str| written.contains(rule);
            assert!(findings.iter().all(|finding| is_told(finding.rule)), "{form:?}");
            assert!(!written.contains("hunter2"), "{form:?}");
        }
        let unknown = Checked::new(1, "Dear Sir,\n".into(), Settings::default(), None);
        assert!(write(&unknown, Form::Html).is_none());
    }
}
