//! Lists, as Exim takes them apart (`string_nextinlist`; the specification, "Lists" and "Host lists").

/// The items of a list. `<;` at its beginning makes `;` part them, and a separator that stands twice is one of the item's signs.
pub(super) fn items(text: &str) -> Vec<String> {
    let mut rest = text.trim_start();
    let mut separator = ':';
    if let Some(behind) = rest.strip_prefix('<') {
        let mut signs = behind.chars();
        if let Some(sign) = signs.next().filter(|sign| sign.is_ascii_punctuation() || sign.is_ascii_control()) {
            separator = sign;
            rest = signs.as_str().trim_start();
        }
    }
    let mut items = Vec::new();
    let mut signs = rest.chars().peekable();
    let mut item = String::new();
    let mut is_begun = false;
    while let Some(sign) = signs.next() {
        is_begun = true;
        if sign != separator {
            item.push(sign);
        } else if signs.peek() == Some(&separator) && !separator.is_ascii_control() {
            signs.next();
            item.push(separator);
        } else {
            items.push(std::mem::take(&mut item).trim().to_owned());
            is_begun = signs.clone().any(|sign| !sign.is_whitespace());
        }
    }
    if is_begun {
        items.push(item.trim().to_owned());
    }
    items
}

#[cfg(test)]
mod tests {
    use super::items;

    #[test]
    fn items_are_parted_as_exim_parts_them() {
        for (text, expected) in [
            ("25 : 465 : 587", vec!["25", "465", "587"]),
            ("<; ::0 ; 0.0.0.0", vec!["::0", "0.0.0.0"]),
            ("127.0.0.1 : ::::1", vec!["127.0.0.1", "::1"]),
            ("", vec![]),
            (":", vec![""]),
            (" : a", vec!["", "a"]),
            ("a :", vec!["a"]),
        ] {
            assert_eq!(items(text), expected, "{text}");
        }
    }
}
