//! Whether a text is Postfix's.

use crate::dialect::Likelihood;

/// Looks at the path first, then at what stands in the text.
pub(super) fn recognise(path: &str, text: &str) -> Likelihood {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    if matches!(file, "main.cf" | "master.cf" | "main.cf.proto" | "master.cf.proto") {
        return Likelihood::Certain;
    }
    let mut assignments = 0_usize;
    let mut services = 0_usize;
    let mut lines = 0_usize;
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')).take(400) {
        lines += 1;
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let mut words = line.split_whitespace();
        let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        if matches!(second, "inet" | "unix" | "pass" | "fifo" | "unix-dgram") {
            services += 1;
        } else if let Some((name, _)) = line.split_once('=')
            && is_own_name(name.trim())
        {
            assignments += 1;
        } else if first.contains("/inet/") || first.contains("/unix/") || first.contains("/pass/") {
            assignments += 1;
        }
    }
    match assignments + services {
        0 => Likelihood::No,
        known if known * 4 >= lines => Likelihood::Likely,
        _ => Likelihood::Possible,
    }
}

/// A parameter that some release of Postfix has.
fn is_own_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && super::parameters::exists(name)
}
