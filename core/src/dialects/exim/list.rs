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
            // The separator may be a blank itself; whoever stands behind it begins anew.
            is_begun = signs.clone().any(|sign| sign == separator || !sign.is_whitespace());
        }
    }
    if is_begun {
        items.push(item.trim().to_owned());
    }
    items
}

/// Whether a list holds what is looked for, of which `is_it` tells for one item whether it is meant by it: the first item that
/// fits decides, and behind one that may fit only those that say the same.
pub(super) fn holds(items: &[String], is_it: &mut dyn FnMut(&str) -> Option<bool>) -> Option<bool> {
    holds_signed(items, &mut |item, _| is_it(item))
}

/// The same, where it matters whether the item is an exclusion.
pub(super) fn holds_signed(items: &[String], is_it: &mut dyn FnMut(&str, bool) -> Option<bool>) -> Option<bool> {
    // A list that ends with an exclusion holds everybody else.
    let otherwise = items.last().is_some_and(|item| item.starts_with('!'));
    let (mut maybe_in, mut maybe_out) = (false, false);
    for item in items {
        let (negated, item) = match item.strip_prefix('!') {
            Some(item) => (true, item.trim_start()),
            None => (false, item.as_str()),
        };
        match is_it(item, negated) {
            Some(true) if negated => return if maybe_in { None } else { Some(false) },
            Some(true) => return if maybe_out { None } else { Some(true) },
            Some(false) => {}
            None if negated => maybe_out = true,
            None => maybe_in = true,
        }
    }
    match (otherwise, maybe_in, maybe_out) {
        (true, _, false) => Some(true),
        (false, false, _) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{holds, items};

    #[test]
    fn the_first_item_that_fits_decides() {
        for (text, expected) in [
            ("", Some(false)),
            ("no : yes", Some(true)),
            ("!yes : *", Some(false)),
            ("!no", Some(true)),
            ("! no : no", Some(false)),
            ("open : yes", Some(true)),
            ("open : !yes", None),
            ("!open : yes", None),
            ("!open : no", Some(false)),
            ("open : !no", Some(true)),
            ("!open", None),
            ("open", None),
        ] {
            let found = holds(&items(text), &mut |item| match item {
                "yes" | "*" => Some(true),
                "open" => None,
                _ => Some(false),
            });
            assert_eq!(found, expected, "{text}");
        }
    }

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
