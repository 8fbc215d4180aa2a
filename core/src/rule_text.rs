//! The text of a rule: one Markdown file that `explain`, the page and the tests all read.
//!
//! A headline, `## What it means`, `## Why it matters`, perhaps `## Why it matters on an mx`
//! and `## Why it matters in Dovecot`, `## What to do`, then examples in fenced blocks whose first line
//! is the dialect with `bad` or `good`, and for a bad one the flip that would make the rule silent:
//! ` ```postfix,bad,flip=smtpd_tls_security_level=encrypt `. The flip stands last: its value may hold commas, as lists do.
//! The line that decides ends in `# ← here`.

/// The mark of a line that decides, in an example.
pub const HERE: &str = "# ← here";

/// A rule's text, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText<'a> {
    /// The headline: one sentence without a full stop.
    pub headline: &'a str,
    /// Heading and body of each section, in order.
    pub sections: Vec<(&'a str, &'a str)>,
    /// The examples.
    pub examples: Vec<Example<'a>>,
}

/// A configuration that shows the rule at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example<'a> {
    /// The dialect's id.
    pub dialect: &'a str,
    /// True when no rule has anything to say about it.
    pub good: bool,
    /// `name=value`: put in the marked line, it makes the rule silent. `-` stands for taking the line out.
    pub flip: Option<&'a str>,
    /// Other words of the fence, such as `target=postfix=3.5`, `certificate=expired`, or `alone` where the example is not to be taken for a part of
    /// what a careful server has.
    pub words: Vec<&'a str>,
    /// The text, marks included.
    pub text: &'a str,
}

impl Example<'_> {
    /// The text as it would stand in a file: without marks.
    #[must_use]
    pub fn unmarked(&self) -> String {
        self.text
            .lines()
            .map(|line| line.split(HERE).next().unwrap_or(line).trim_end())
            .collect::<Vec<_>>()
            .join("\n")
            + "\n"
    }

    /// Numbers, from 1, of the lines that carry the mark.
    #[must_use]
    pub fn marked_lines(&self) -> Vec<usize> {
        (1..)
            .zip(self.text.lines())
            .filter(|(_, line)| line.contains(HERE))
            .map(|(number, _)| number)
            .collect()
    }
}

impl<'a> RuleText<'a> {
    /// Takes a text apart. What does not fit the form is left out; a test holds every text to the form.
    #[must_use]
    pub fn parse(text: &'a str) -> RuleText<'a> {
        let mut parsed = RuleText {
            headline: "",
            sections: Vec::new(),
            examples: Vec::new(),
        };
        let mut offset = 0;
        let mut section: Option<(&'a str, usize)> = None;
        let mut fence: Option<(&'a str, usize)> = None;
        for line in text.split_inclusive('\n') {
            let start = offset;
            offset += line.len();
            let content = line.trim_end();
            if let Some((info, from)) = fence {
                if content == "```" {
                    parsed
                        .examples
                        .extend(example(info, text.get(from..start).unwrap_or("")));
                    fence = None;
                }
                continue;
            }
            let heading = content.strip_prefix("## ");
            let opens = content.strip_prefix("```").filter(|info| !info.is_empty());
            if (heading.is_some() || opens.is_some())
                && let Some((title, from)) = section.take()
            {
                parsed
                    .sections
                    .push((title, text.get(from..start).unwrap_or("").trim()));
            }
            if let Some(title) = heading {
                section = Some((title, offset));
            } else if let Some(info) = opens {
                fence = Some((info, offset));
            } else if let Some(headline) = content.strip_prefix("# ") {
                parsed.headline = headline;
            }
        }
        if let Some((title, from)) = section {
            parsed.sections.push((title, text.get(from..).unwrap_or("").trim()));
        }
        parsed
    }

    /// What a finding tells of a text, in the form of a text: the headline, and the first paragraphs of why it matters.
    #[cfg(feature = "embedded")]
    pub(crate) fn brief(text: &str) -> String {
        let parsed = RuleText::parse(text);
        let mut brief = format!("# {}\n", parsed.headline);
        for (title, body) in parsed.sections {
            if title.starts_with("Why it matters") {
                let first = body.split("\n\n").next().unwrap_or("");
                brief.push_str(&format!("\n## {title}\n\n{first}\n"));
            }
        }
        brief
    }

    /// The body of a section; empty when it is not there.
    #[must_use]
    pub fn section(&self, title: &str) -> &'a str {
        self.sections
            .iter()
            .find(|(known, _)| *known == title)
            .map_or("", |(_, body)| body)
    }

    /// [`RuleText::why`] of a text of which nothing else is asked: it is not taken apart for that. What is configured in a dialect
    /// may have a story of its own.
    #[must_use]
    pub fn why_of(text: &'a str, on_mx: bool, dialect: &str) -> &'a str {
        let behind = |heading: &str| text.split_once(heading).map(|(_, behind)| behind.trim_start());
        let own = match dialect {
            "dovecot" => behind("\n## Why it matters in Dovecot\n"),
            "exim" => behind("\n## Why it matters in Exim\n"),
            _ => None,
        };
        // Dovecot is no mx.
        let of_mx = || {
            if on_mx && dialect != "dovecot" {
                behind("\n## Why it matters on an mx\n")
            } else {
                None
            }
        };
        let section = own
            .or_else(of_mx)
            .or_else(|| behind("\n## Why it matters\n"))
            .unwrap_or("");
        section.split("\n\n").next().unwrap_or("").trim_end()
    }

    /// What a stranger can do: the first paragraph of `Why it matters`, or of `Why it matters on an mx` where it is about
    /// such listeners alone and the text has that section.
    #[must_use]
    pub fn why(&self, on_mx: bool) -> &'a str {
        let own = self.section("Why it matters on an mx");
        let section = if on_mx && !own.is_empty() {
            own
        } else {
            self.section("Why it matters")
        };
        section.split("\n\n").next().unwrap_or("")
    }
}

fn example<'a>(info: &'a str, text: &'a str) -> Option<Example<'a>> {
    // The value of a flip may be a list: nothing follows it, so it reaches to the end.
    let (info, flip) = match info.split_once(",flip=") {
        Some((before, flip)) => (before, Some(flip)),
        None => (info, None),
    };
    let mut words = info.split(',');
    let dialect = words.next()?;
    let mut found = Example {
        dialect,
        good: false,
        flip,
        words: Vec::new(),
        text,
    };
    let mut is_example = false;
    for word in words {
        match word {
            "good" => (found.good, is_example) = (true, true),
            "bad" => is_example = true,
            word => found.words.push(word),
        }
    }
    is_example.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart() {
        let text = "# Head\n\n## What it means\nA.\n\n## Why it matters\nB\nb.\n\nC.\n\n```postfix,bad,flip=a=b\nx = y  # ← here\n```\n";
        let parsed = RuleText::parse(text);
        assert_eq!(parsed.headline, "Head");
        assert_eq!(parsed.section("What it means"), "A.");
        assert_eq!(parsed.why(false), "B\nb.");
        assert_eq!(parsed.why(true), "B\nb.");
        let example = &parsed.examples[0];
        assert_eq!(
            (example.dialect, example.good, example.flip),
            ("postfix", false, Some("a=b"))
        );
        assert_eq!(example.unmarked(), "x = y\n");
        assert_eq!(example.marked_lines(), [1]);
    }

    #[test]
    fn why_is_the_same_without_the_rest() {
        for (_, rule) in crate::rules::RULES {
            for on_mx in [false, true] {
                let why = RuleText::parse(rule.text()).why(on_mx);
                assert!(
                    !why.is_empty() && RuleText::why_of(rule.text(), on_mx, "postfix") == why,
                    "{}",
                    rule.id
                );
            }
        }
    }

    #[test]
    fn a_brief_text_tells_what_a_finding_tells() {
        for (_, rule) in crate::rules::RULES {
            let (whole, brief) = (rule.text(), RuleText::brief(rule.text()));
            assert_eq!(RuleText::parse(whole).headline, RuleText::parse(&brief).headline);
            for (on_mx, dialect) in [
                (false, "postfix"),
                (true, "postfix"),
                (false, "dovecot"),
                (true, "dovecot"),
            ] {
                let why = |text| RuleText::why_of(text, on_mx, dialect).to_owned();
                assert_eq!(why(whole), why(&brief), "{}", rule.id);
            }
        }
    }

    #[test]
    fn a_flip_may_hold_a_list() {
        let parsed = RuleText::parse("```postfix,bad,target=postfix=3.5,flip=a=!b, !c\na = 1  # ← here\n```\n");
        let example = &parsed.examples[0];
        assert_eq!(example.flip, Some("a=!b, !c"));
        assert_eq!(example.words, ["target=postfix=3.5"]);
    }
}
