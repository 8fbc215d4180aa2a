//! XML as a tree of elements, written by a library: whatever stands in a text comes out as text.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// An element with what stands in it.
#[derive(Debug, Clone)]
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    Elements(Vec<Element>),
}

impl Element {
    /// An element that holds a text.
    pub(super) fn text(name: &'static str, text: impl Into<String>) -> Element {
        Element {
            name,
            attributes: Vec::new(),
            content: Content::Text(text.into()),
        }
    }

    /// An element that holds others; without any it is an empty one.
    pub(super) fn of(name: &'static str, elements: Vec<Element>) -> Element {
        Element {
            name,
            attributes: Vec::new(),
            content: Content::Elements(elements),
        }
    }

    /// The element with an attribute more.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Element {
        self.attributes.push((name, value.into()));
        self
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let attributes = self.attributes.iter().map(|(name, value)| (*name, value.as_str()));
        let start = BytesStart::new(self.name).with_attributes(attributes);
        match &self.content {
            Content::Elements(elements) if elements.is_empty() => writer.write_event(Event::Empty(start)),
            Content::Elements(elements) => {
                writer.write_event(Event::Start(start))?;
                elements.iter().try_for_each(|element| element.write(writer))?;
                writer.write_event(Event::End(BytesEnd::new(self.name)))
            }
            Content::Text(text) => {
                writer.write_event(Event::Start(start))?;
                writer.write_event(Event::Text(BytesText::new(text)))?;
                writer.write_event(Event::End(BytesEnd::new(self.name)))
            }
        }
    }
}

/// A whole document in UTF-8 with a line end behind it; `kind` is what stands in its document type declaration, if it has one.
///
/// # Errors
/// What the writer says: it writes to memory, so nothing is known that it could say.
pub(super) fn document(kind: Option<&'static str>, root: &Element) -> io::Result<String> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    if let Some(kind) = kind {
        writer.write_event(Event::DocType(BytesText::from_escaped(kind)))?;
    }
    root.write(&mut writer)?;
    let mut text = String::from_utf8(writer.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_markup_is_text() {
        let root = Element::of(
            "a",
            vec![
                Element::text("b", "<c>&amp;]]>").with("d", "\"<&'"),
                Element::of("true", Vec::new()),
            ],
        );
        assert_eq!(
            document(Some("a SYSTEM \"x\""), &root).expect("it is written"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE a SYSTEM \"x\">\n<a>\n  \
             <b d=\"&quot;&lt;&amp;&apos;\">&lt;c&gt;&amp;amp;]]&gt;</b>\n  <true/>\n</a>\n"
        );
    }
}
