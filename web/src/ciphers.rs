//! What a cipher string means: the panel that asks for one, and what it says.

use gloo_timers::callback::Timeout;
use smtplint_core::facts::Suites;
use smtplint_core::tls::{Attack, Library, Meaning, Refused, Word, spoken};
use yew::{AttrValue, Callback, Event, Html, InputEvent, classes, html};

use crate::app::{Message, when};
use crate::toolbar::{self, Choice};
use crate::{editor, explain, findings, markdown, suites, words};

/// OpenSSL's security levels.
const LEVELS: [u8; 6] = [0, 1, 2, 3, 4, 5];

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// The cipher string.
    pub(crate) string: AttrValue,
    /// Who reads it.
    pub(crate) library: Library,
    /// OpenSSL's security level before the string.
    pub(crate) level: u8,
}

/// As Postfix asks the newest OpenSSL.
impl Default for Asked {
    fn default() -> Asked {
        Asked {
            string: AttrValue::default(),
            library: Library::ALL[0],
            level: 0,
        }
    }
}

/// See [`crate::parts`].
#[derive(Debug)]
pub(crate) struct Answering {
    /// Answers what is asked now.
    pub(crate) answer: fn(&mut Ciphers),
    /// The panel's content.
    pub(crate) view: fn(&Ciphers, &Callback<Message>) -> Html,
    /// The suites of a listener, and the string that they come from.
    pub(crate) suites: fn(&Suites, &Callback<Message>) -> Html,
}

pub(crate) static ANSWERING: Answering = Answering {
    answer: Ciphers::answer,
    view: Ciphers::view,
    suites: suites::unfolded,
};

/// What an answer is about, and the answer.
type Answer = (Asked, Result<Meaning, Refused>);

/// What the panel holds, open or closed.
#[derive(Debug, Default)]
pub(crate) struct Ciphers {
    /// Whether it is to be seen.
    pub(crate) open: bool,
    asked: Asked,
    /// None while there is no string.
    answer: Option<Answer>,
    /// Until typing has paused long enough.
    pause: Option<Timeout>,
}

impl Ciphers {
    /// Takes what is asked, to be answered after so many milliseconds.
    pub(crate) fn ask(&mut self, asked: Asked, pause: u32, tell: &Callback<Message>) {
        self.asked = asked;
        if pause == 0 {
            tell.emit(Message::Answer);
        } else {
            let tell = tell.clone();
            self.pause = Some(Timeout::new(pause, move || tell.emit(Message::Answer)));
        }
    }

    /// Answers what is asked now.
    pub(crate) fn answer(&mut self) {
        self.pause = None;
        self.answer = answer(&self.asked);
    }

    /// The panel's content.
    pub(crate) fn view(&self, tell: &Callback<Message>) -> Html {
        let current = self.answer.as_ref().filter(|(asked, _)| *asked == self.asked);
        let busy = current.is_none() && !is_blank(&self.asked.string);
        let refused = matches!(current, Some((_, Err(_))));
        html! {
            <>
                <h2 id="ciphers-title">{ words::ciphers_heading() }</h2>
                <p class="quiet">{ words::ciphers_why() }</p>
                { fields(&self.asked, refused, tell) }
                <div id="ciphers-answer" aria-busy={busy.to_string()}>
                    <output id="ciphers-summary" for="ciphers-string ciphers-library ciphers-level" aria-live="polite">
                        { summary(self.answer.as_ref()) }
                    </output>
                    { match &self.answer {
                        Some((_, Ok(meaning))) => show(meaning),
                        Some((asked, Err(refused))) => marked(&asked.string, refused),
                        None => Html::default(),
                    } }
                </div>
            </>
        }
    }
}

fn is_blank(string: &str) -> bool {
    string.trim().is_empty()
}

fn answer(asked: &Asked) -> Option<Answer> {
    let read = || asked.library.read(&asked.string, asked.level);
    (!is_blank(&asked.string)).then(|| (asked.clone(), read()))
}

fn fields(asked: &Asked, refused: bool, tell: &Callback<Message>) -> Html {
    let is_openssl = matches!(asked.library, Library::OpenSsl(_));
    let now = asked.clone();
    let oninput = when(tell, move |event: InputEvent| {
        let field = toolbar::field(&event)?;
        let string = field.value().into();
        let asked = Asked { string, ..now.clone() };
        Some(Message::Ask(asked, editor::was_typed(&event)))
    });
    // Both lists hold numbers: the place of a library among all, and a level.
    let chosen = |take: fn(&mut Asked, usize) -> Option<()>| {
        let now = asked.clone();
        when(tell, move |event: Event| {
            let mut asked = now.clone();
            take(&mut asked, toolbar::chosen(&event)?.parse().ok()?)?;
            Some(Message::Ask(asked, false))
        })
    };
    let onlibrary = chosen(|asked, at| {
        asked.library = *Library::ALL.get(at)?;
        Some(())
    });
    let onlevel = chosen(|asked, level| {
        asked.level = *LEVELS.get(level)?;
        Some(())
    });
    let libraries = Library::ALL.iter().enumerate();
    let libraries =
        libraries.map(|(at, one)| Choice::new(at.to_string().into(), one.to_string().into(), asked.library == *one));
    let levels = LEVELS.iter();
    let levels = levels.map(|one| Choice::new(one.to_string().into(), words::level(*one).into(), asked.level == *one));
    html! {
        <div class="toolbar">
            <label class="wide">
                <span>{ words::ciphers_label() }</span>
                <input
                    type="text" id="ciphers-string" value={asked.string.clone()} {oninput} data-first="yes"
                    placeholder={words::ciphers_hint()} spellcheck="false" autocomplete="off" autocapitalize="off"
                    aria-invalid={refused.to_string()} aria-describedby="ciphers-summary"
                />
            </label>
            { toolbar::list("ciphers-library".into(), words::library_label().into(), libraries.collect(), onlibrary) }
            if is_openssl {
                { toolbar::list("ciphers-level".into(), words::level_label().into(), levels.collect(), onlevel) }
            }
        </div>
    }
}

/// The answer in a sentence, read aloud when it changes.
fn summary(answer: Option<&Answer>) -> Html {
    match answer {
        None => html! { <p class="quiet">{ words::no_string() }</p> },
        Some((_, Ok(meaning))) => html! { <p>{ format!("{}: {}.", meaning.reader(), meaning.count()) }</p> },
        Some((_, Err(refused))) => {
            let near = refused.nearest.iter().map(|near| format!("; did you mean `{near}`?"));
            let said: String = std::iter::once(refused.verdict.clone()).chain(near).collect();
            html! { <p class="worry">{ markdown::sentence(&said) }</p> }
        }
    }
}

/// The refused string with its place; at the end of the string that is an empty place.
fn marked(string: &str, refused: &Refused) -> Html {
    let part = |range| string.get(range).unwrap_or("").to_owned();
    let (start, end) = (refused.place.start, refused.place.end);
    let class = (start == end).then_some("end");
    html! {
        <pre class="refused" tabindex="0"><code>
            { part(0..start) }<mark {class}>{ part(start..end) }</mark>{ part(end..string.len()) }
        </code></pre>
    }
}

fn show(meaning: &Meaning) -> Html {
    let rows: Vec<_> = meaning
        .offered
        .iter()
        .map(|one| suites::row(meaning.name(one.suite), one, None))
        .collect();
    html! {
        <>
            { explain::section(words::effects(), html! {
                <ul class="effects">{ for meaning.words.iter().map(|word| effect(meaning, word)) }</ul>
            }) }
            if !rows.is_empty() {
                { explain::section(words::offered(), suites::list(rows)) }
            }
            { named(spoken::NOT_OFFERED, &meaning.not_offered()) }
            { named(words::groups(), &meaning.groups) }
            { named(words::signatures(), &meaning.signatures) }
            { attacks(&meaning.attacks()) }
        </>
    }
}

fn effect(meaning: &Meaning, word: &Word) -> Html {
    let class = classes!(word.is_typo().then_some("worry"));
    html! {
        <li>
            <code>{ word.text.clone() }</code>
            <span {class}>{ markdown::inline(&meaning.effect(word)) }</span>
        </li>
    }
}

fn named(title: &'static str, names: &[&'static str]) -> Html {
    if names.is_empty() {
        return Html::default();
    }
    explain::section(title, html! { <p class="names"><code>{ names.join(" ") }</code></p> })
}

fn attacks(attacks: &[&'static Attack]) -> Html {
    if attacks.is_empty() {
        return Html::default();
    }
    let items = attacks.iter().map(|attack| {
        html! {
            <>
                <h4>{ attack.name }</h4>
                <p>{ attack.over_smtp }</p>
                <p class="footer">{ for attack.citations().map(|one| findings::citation(&one)) }</p>
            </>
        }
    });
    explain::section(spoken::ATTACKS, items.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_belongs_to_what_was_asked() {
        let mut ciphers = Ciphers::default();
        ciphers.answer();
        assert!(ciphers.answer.is_none(), "nothing is asked");
        let asked = Asked {
            string: "HIGH:!aNULL".into(),
            level: 2,
            ..Asked::default()
        };
        ciphers.ask(asked.clone(), 0, &Callback::noop());
        ciphers.answer();
        let (about, meaning) = ciphers.answer.as_ref().expect("something is asked");
        let meaning = meaning.as_ref().expect("the string is right");
        assert_eq!((about, meaning.release, meaning.level), (&asked, "3.5", Some(2)));
    }

    #[test]
    fn levels_are_as_the_core_counts_them() {
        for level in LEVELS {
            let meaning = Library::ALL[0].read("ALL", level).expect("a word");
            assert_eq!(meaning.level, Some(level));
        }
    }
}
