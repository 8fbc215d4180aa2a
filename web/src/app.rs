//! The whole page: the text on one side, what is said about it on the other.

use std::ops::Range;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use smtplint_core::samples::SAMPLES;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlElement, HtmlTextAreaElement, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::{
    AttrValue, DragEvent, Html, classes, component, html, use_callback, use_effect_with, use_memo, use_mut_ref,
    use_node_ref, use_state, use_state_eq,
};

use crate::check::Checked;
use crate::editor::{self, Editor};
use crate::explain::Explain;
use crate::position::Edit;
use crate::results::{self, Results};
use crate::toolbar::Toolbar;
use crate::{files, findings, gather, marks, words};

/// How long typing must pause before the text is judged again, in milliseconds.
const PAUSE: u32 = 150;

/// From this width on the advice stands beside the text; the style sheet has the same number.
const BESIDE: &str = "(min-width: 64rem)";

/// The page's root component.
#[component]
pub fn App() -> Html {
    let area = use_node_ref();
    let text = use_state_eq(AttrValue::default);
    let release = use_state_eq(|| "");
    let checked = use_state(|| Rc::new(Checked::new(0, AttrValue::default(), "", None)));
    let chosen = use_state_eq(|| None::<usize>);
    let explained = use_state_eq(|| None::<&'static str>);
    let refused = use_state_eq(Vec::<String>::new);
    let dragging = use_state_eq(|| false);
    let typed = use_mut_ref(|| false);
    let revision = use_mut_ref(|| 0_u32);

    {
        let (checked, chosen, typed) = (checked.setter(), chosen.setter(), typed.clone());
        use_effect_with(((*text).clone(), *release), move |(text, release)| {
            let (text, release) = (text.clone(), *release);
            let pause = if typed.replace(false) { PAUSE } else { 0 };
            let timer = Timeout::new(pause, move || {
                let mut revision = revision.borrow_mut();
                *revision += 1;
                chosen.set(None);
                checked.set(Rc::new(Checked::new(*revision, text, release, Some(now()))));
            });
            move || drop(timer)
        });
    }

    let marks = use_memo(((*text).clone(), (*checked).clone()), |(text, checked)| {
        marks::carry(&checked.marks, &checked.text, text)
    });

    let set_text = {
        let (text, refused) = (text.setter(), refused.setter());
        use_callback((), move |new: AttrValue, ()| {
            refused.set(Vec::new());
            text.set(new);
        })
    };
    let oninput = use_callback(set_text.clone(), move |(new, by_keys): (AttrValue, bool), set_text| {
        *typed.borrow_mut() = by_keys;
        set_text.emit(new);
    });
    let onsample = use_callback(set_text.clone(), |name: &'static str, set_text| {
        if let Some(sample) = SAMPLES.iter().find(|sample| sample.name == name) {
            set_text.emit(sample.text().into());
        }
    });
    let onclear = use_callback((set_text.clone(), area.clone()), |(), (set_text, area)| {
        set_text.emit(AttrValue::default());
        if let Some(area) = area.cast::<HtmlElement>() {
            area.focus().ok();
        }
    });
    let onrelease = {
        let release = release.setter();
        use_callback((), move |new: &'static str, ()| release.set(new))
    };
    let onfiles = {
        let refused = refused.setter();
        use_callback(
            (set_text.clone(), area.clone()),
            move |list: Vec<File>, (set_text, area)| {
                let (set_text, area, refused) = (set_text.clone(), area.clone(), refused.clone());
                spawn_local(async move {
                    let read = files::read(list).await;
                    if !read.files.is_empty() {
                        let now = area
                            .cast::<HtmlTextAreaElement>()
                            .map(|area| area.value())
                            .unwrap_or_default();
                        set_text.emit(gather::gather(&now, &read.files).into());
                    }
                    refused.set(read.refused);
                });
            },
        )
    };

    let ondragover = {
        let dragging = dragging.setter();
        use_callback((), move |event: DragEvent, ()| {
            if brings_files(&event) {
                event.prevent_default();
                dragging.set(true);
            }
        })
    };
    let ondragleave = {
        let dragging = dragging.setter();
        // Leaving one element for another is not leaving the page.
        use_callback((), move |event: DragEvent, ()| {
            if event.related_target().is_none() {
                dragging.set(false);
            }
        })
    };
    let ondrop = {
        let dragging = dragging.setter();
        use_callback(onfiles.clone(), move |event: DragEvent, onfiles| {
            dragging.set(false);
            if brings_files(&event) {
                event.prevent_default();
                onfiles.emit(files::listed(event.data_transfer().and_then(|data| data.files())));
            }
        })
    };

    let onplace = use_callback(
        (area.clone(), (*checked).clone()),
        |range: Range<usize>, (area, checked)| {
            let now = area
                .cast::<HtmlTextAreaElement>()
                .map(|area| area.value())
                .unwrap_or_default();
            // A line that was changed since is on its way to another judgement.
            if let Some(range) = Edit::between(&checked.text, &now).carry(&range) {
                let written = now.get(range.clone()).unwrap_or("").trim_end().len();
                editor::select(area, range.start, range.start + written);
            }
        },
    );
    let online = {
        let chosen = chosen.setter();
        use_callback(onplace.clone(), move |(card, range): (usize, Range<usize>), onplace| {
            chosen.set(Some(card));
            onplace.emit(range);
        })
    };
    let onmark = {
        let chosen = chosen.setter();
        use_callback((), move |card: usize, ()| {
            chosen.set(Some(card));
            show_card(card, true);
        })
    };
    let ontouch = {
        let chosen = chosen.setter();
        use_callback((), move |card: usize, ()| {
            chosen.set(Some(card));
            // Where the advice stands below the text, the text must not run away under the finger.
            if is_beside() {
                show_card(card, false);
            }
        })
    };
    let onexplain = {
        let explained = explained.setter();
        use_callback((), move |rule: &'static str, ()| explained.set(Some(rule)))
    };
    let onclose = {
        let explained = explained.setter();
        use_callback((), move |(), ()| explained.set(None))
    };

    let busy = checked.text != *text || checked.release != *release;
    let sample = SAMPLES
        .iter()
        .find(|sample| sample.text() == text.as_str())
        .map(|sample| sample.name);
    html! {
        <div class={classes!("desk", dragging.then_some("dragging"))} {ondragover} {ondragleave} {ondrop}>
            <header>
                <h1>{ "smtplint" }</h1>
                <p class="tagline">{ words::TAGLINE }</p>
                <p class="privacy">{ lock() }<span>{ words::PRIVACY }</span></p>
            </header>
            <div class="columns">
                <section class="text" aria-labelledby="text-heading">
                    <h2 id="text-heading">{ words::TEXT_HEADING }</h2>
                    <Toolbar {sample} release={*release} onsample={onsample.clone()} {onrelease} {onfiles} {onclear} />
                    <label class="away" for="configuration">{ words::TEXT_LABEL }</label>
                    <Editor text={(*text).clone()} {marks} chosen={*chosen} area={area.clone()} {oninput} {onmark} {ontouch} />
                    <div id="refused" role="status">
                        { for refused.iter().map(|sentence| html! { <p class="worry">{ sentence.clone() }</p> }) }
                    </div>
                </section>
                <section class="advice" id="advice" aria-labelledby="advice-heading" aria-busy={busy.to_string()} data-revision={checked.revision.to_string()}>
                    <h2 id="advice-heading" class="away">{ words::ADVICE_HEADING }</h2>
                    <output id="summary" for="configuration" aria-live="polite">{ results::summary(&checked) }</output>
                    <Results
                        checked={(*checked).clone()} chosen={*chosen} {onplace} {online} {onexplain} {onsample}
                    />
                </section>
            </div>
            <Explain rule={*explained} {onclose} />
        </div>
    }
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
