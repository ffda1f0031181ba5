//! How a value is written so that it comes out of FFmpeg's parsers as it went in.
//!
//! A filter's options are taken out of a graph by one parser and apart by another. Both drop white space at the
//! ends of what they read, take a backslash for "the next character as it is" and an apostrophe for the start of a
//! quotation; the first ends at brackets, commas and semicolons, the second at colons.

/// The value of an option that is named.
pub(super) fn value(text: &str) -> String {
    escaped(&escaped(text, ":"), "[],;")
}

/// The value of an option that goes by its place. Up to an equals sign it would be taken for a name, which no
/// escaped character can begin.
pub(super) fn positional(text: &str) -> String {
    if text.is_empty() {
        // Nothing at all would be no value where it is the last.
        return escaped("''", "");
    }
    let inner = escaped(text, ":");
    let named = text.contains('=') && !inner.starts_with('\\');
    let inner = if named { format!("\\{inner}") } else { inner };
    escaped(&inner, "[],;")
}

/// Escapes what ends a text, what escapes, and white space where it would be dropped.
fn escaped(text: &str, ends: &str) -> String {
    let first = text.len() - text.trim_start_matches(is_space).len();
    let last = text.trim_end_matches(is_space).len();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let dropped = is_space(c) && (at < first || at >= last);
        if dropped || matches!(c, '\\' | '\'') || ends.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What FFmpeg's parsers take for white space.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\t' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What FFmpeg's `av_get_token` makes of a text up to one of the characters that end it, and the rest.
    fn token<'a>(text: &'a str, ends: &str) -> (String, &'a str) {
        let text = text.trim_start_matches(is_space);
        let (mut out, mut kept) = (String::new(), 0);
        let mut chars = text.char_indices();
        let mut rest = "";
        while let Some((at, c)) = chars.next() {
            match c {
                _ if ends.contains(c) => {
                    rest = &text[at..];
                    break;
                }
                '\\' => {
                    out.push(chars.next().map_or(c, |(_, next)| next));
                    kept = out.len();
                }
                '\'' => {
                    let quoted = chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '\'');
                    out.extend(quoted);
                    kept = out.len();
                }
                c => out.push(c),
            }
        }
        while out.len() > kept && out.ends_with(is_space) {
            out.pop();
        }
        (out, rest)
    }

    #[test]
    fn values_come_out_as_they_went_in() {
        let hard: Vec<char> = r"a \':=,;[]%{}é".chars().chain("\n\t".chars()).collect();
        // Every text of up to four of these characters.
        for count in 0..=4_u32 {
            for number in 0..hard.len().pow(count) {
                let digit = |place| number / hard.len().pow(place) % hard.len();
                let text: String = (0..count).map(|place| hard[digit(place)]).collect();
                for written in [value(&text), positional(&text)] {
                    let (options, rest) = token(&written, "[],;");
                    assert_eq!(rest, "", "{text:?} as {written}");
                    assert_eq!(token(&options, ":"), (text.clone(), ""), "as {written}");
                }
                let (options, _) = token(&positional(&text), "[],;");
                let key = options.trim_start_matches(is_space);
                let key = key
                    .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_/.".contains(c));
                let key = key.trim_start_matches(is_space);
                assert!(!key.starts_with('='), "{text:?} is taken for a name");
            }
        }
    }
}
