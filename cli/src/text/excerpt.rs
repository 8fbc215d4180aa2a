//! Lines too long for a terminal, shortened around what is marked in them.

use std::ops::Range;

/// Characters kept at the beginning of a long line: the setting's or the service's name stands there.
const HEAD: usize = 34;
/// Characters kept before and behind what is marked.
const AROUND: usize = 6;
/// Characters kept at both ends of a long marked text.
const ENDS: usize = 28;
/// Stands for what is left out.
const GAP: &str = " ... ";

/// A text with its long lines shortened; every line keeps its number.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shortened {
    pub(crate) text: String,
    /// The marked ranges, in the shortened text.
    pub(crate) marked: Vec<Range<usize>>,
}

/// Shortens lines of more than `width` characters; `marked` are ranges of bytes in `text`.
pub(crate) fn shortened(text: &str, marked: &[Range<usize>], width: usize) -> Shortened {
    // A line has no more characters than bytes.
    let is_short = |line: &str| line.len() <= width || line.trim_end_matches('\r').chars().count() <= width;
    if text.split('\n').all(is_short) {
        return Shortened {
            text: text.to_owned(),
            marked: marked.to_vec(),
        };
    }
    let mut result = Shortened {
        text: String::with_capacity(text.len()),
        marked: marked.to_vec(),
    };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if content.chars().count() <= width {
            result.add(
                text,
                start..start + line.len(),
                marked,
                start + line.len() >= text.len(),
            );
        } else {
            let end = start + content.len();
            let kept = kept(text, start..end, marked, width);
            let mut from = start;
            for (index, piece) in kept.iter().enumerate() {
                if piece.start > from {
                    result.text.push_str(GAP);
                }
                from = piece.end;
                // An end that falls on the line end belongs to the last piece.
                result.add(text, piece.clone(), marked, index + 1 == kept.len());
            }
            if from < end {
                result.text.push_str(GAP.trim_end());
            }
            result.text.push_str(line.get(content.len()..).unwrap_or(""));
        }
        start += line.len();
    }
    result
}

impl Shortened {
    /// Takes over a piece of the text, and the ends of the marked ranges that lie in it.
    fn add(&mut self, text: &str, piece: Range<usize>, marked: &[Range<usize>], last: bool) {
        let base = self.text.len();
        for (mine, given) in self.marked.iter_mut().zip(marked) {
            if piece.contains(&given.start) {
                mine.start = base + given.start - piece.start;
            }
            if given.end > piece.start && (given.end <= piece.end || (last && given.end == piece.end)) {
                mine.end = base + given.end - piece.start;
            }
        }
        self.text.push_str(text.get(piece).unwrap_or(""));
    }
}

/// The pieces of a long line to keep, in order and apart from each other.
fn kept(text: &str, line: Range<usize>, marked: &[Range<usize>], width: usize) -> Vec<Range<usize>> {
    let ahead = |from: usize, characters: usize| {
        let rest = text.get(from..line.end).unwrap_or("");
        from + rest
            .char_indices()
            .nth(characters)
            .map_or(rest.len(), |(offset, _)| offset)
    };
    let back = |from: usize, characters: usize| {
        let before = text.get(line.start..from).unwrap_or("");
        match characters
            .checked_sub(1)
            .map(|last| before.char_indices().nth_back(last))
        {
            Some(Some((offset, _))) => line.start + offset,
            Some(None) => line.start,
            None => from,
        }
    };
    // Words are cut between, where there is a blank to cut at.
    let up_to_blank = |range: Range<usize>| {
        let part = text.get(range.clone()).unwrap_or("");
        part.trim_end().rfind(' ').map_or(range.end, |at| range.start + at)
    };
    let from_blank = |range: Range<usize>| {
        let part = text.get(range.clone()).unwrap_or("");
        part.find(' ').map_or(range.start, |at| range.start + at + 1)
    };
    let here: Vec<Range<usize>> = marked
        .iter()
        .map(|one| one.start.max(line.start)..one.end.min(line.end))
        .filter(|one| one.start < one.end)
        .collect();
    if here.is_empty() {
        let head = line.start..ahead(line.start, width.saturating_sub(GAP.len()));
        return Vec::from([head]);
    }
    let head = line.start..up_to_blank(line.start..ahead(line.start, HEAD));
    let mut pieces = Vec::from([head]);
    for one in here {
        let from = from_blank(back(one.start, AROUND)..one.start);
        let to = match ahead(one.end, AROUND) {
            end if end == line.end => end,
            end => up_to_blank(one.end..end),
        };
        let (head, tail) = (ahead(one.start, ENDS), back(one.end, ENDS));
        if head < tail {
            pieces.extend([from..up_to_blank(one.start..head), from_blank(tail..one.end)..to]);
        } else {
            pieces.push(from..to);
        }
    }
    pieces.sort_by_key(|piece| piece.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for piece in pieces {
        match apart.last_mut() {
            // A gap that saves nothing is none.
            Some(last) if piece.start <= last.end + GAP.len() => last.end = last.end.max(piece.end),
            _ => apart.push(piece),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shortened text and what is marked in it.
    fn look(text: &str, words: &[&str]) -> (String, Vec<String>) {
        let marked: Vec<Range<usize>> = words
            .iter()
            .map(|word| {
                let at = text.find(word).expect("the word is there");
                at..at + word.len()
            })
            .collect();
        let result = shortened(text, &marked, 60);
        let shown = result
            .marked
            .iter()
            .map(|range| result.text[range.clone()].to_owned())
            .collect();
        (result.text, shown)
    }

    #[test]
    fn short_lines_stay_as_they_are() {
        let (text, shown) = look("a = 1\r\nb = 2", &["a = 1", "b = 2"]);
        assert_eq!(text, "a = 1\r\nb = 2");
        assert_eq!(shown, ["a = 1", "b = 2"]);
    }

    #[test]
    fn what_is_marked_far_out_comes_near() {
        let long = format!(
            "submission inet n - n - - smtpd {}-o here=yes {}\nnext = 1\n",
            "-o x=y ".repeat(60),
            "-o z=y ".repeat(60)
        );
        let (text, shown) = look(&long, &["submission", "here=yes", "next"]);
        assert_eq!(shown, ["submission", "here=yes", "next"]);
        assert_eq!(text.lines().count(), 2);
        let first = text.lines().next().unwrap_or_default();
        assert!(first.chars().count() < 80, "{first}");
        assert!(
            first.starts_with("submission inet") && first.ends_with("..."),
            "{first}"
        );
    }

    #[test]
    fn a_long_marked_text_keeps_its_ends() {
        let value = format!("mynetworks = 10.0.0.0/8{} 0.0.0.0/0", ", 192.0.2.0/24".repeat(40));
        let (_, shown) = look(&value, &[&value]);
        assert!(shown[0].starts_with("mynetworks = 10.0.0.0/8,"), "{shown:?}");
        assert!(shown[0].ends_with(" 0.0.0.0/0") && shown[0].contains(GAP), "{shown:?}");
    }

    #[test]
    fn letters_of_many_bytes_are_not_cut() {
        let long = format!("x = {} ü=ja {}", "é".repeat(200), "日本".repeat(90));
        let (text, shown) = look(&long, &["ü=ja"]);
        assert_eq!(shown, ["ü=ja"]);
        assert!(text.chars().count() < 70, "{text}");
    }

    #[test]
    fn a_mark_over_several_lines_keeps_both_ends() {
        let long = format!("list = a,\n   {}\n   last\nnext", "bbbb, ".repeat(60));
        let marked: &str = &long[..long.len() - 5];
        let (text, shown) = look(&long, &[marked]);
        assert!(
            shown[0].starts_with("list = a,") && shown[0].ends_with("last"),
            "{shown:?}"
        );
        assert_eq!(text.lines().count(), 4);
    }

    #[test]
    fn long_lines_without_a_mark_are_cut_off() {
        let (text, _) = look(&format!("a = 1\n# {}", "b".repeat(300)), &["a = 1"]);
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    }
}
