//! Reads just enough of a filter graph to know its pads and its filters.

/// What a filter graph in FFmpeg's notation takes, has in it, and leaves open.
///
/// FFmpeg itself judges whether a graph is well formed; of one that is not, this is a guess.
///
/// ```
/// use afmpeg::graph::Scan;
///
/// let scan = Scan::of("[0:v]scale=640:-2,hflip[v];sine=440[a]");
/// assert_eq!(scan.inputs, ["0:v"]);
/// assert_eq!(scan.filters, ["scale", "hflip", "sine"]);
/// assert_eq!(scan.open, ["v", "a"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scan {
    /// Labels that a filter consumes and none produces, `0:v` and the like, in order of appearance.
    pub inputs: Vec<String>,
    /// Names of the filters, in order of appearance.
    pub filters: Vec<String>,
    /// Labels that a filter produces and none consumes, in order of appearance.
    pub open: Vec<String>,
    /// The chains, as they stand in the graph.
    pub chains: Vec<String>,
}

impl Scan {
    /// Reads a graph. A label right after a filter is one that it produces; one before a filter is one that it
    /// consumes.
    #[must_use]
    pub fn of(graph: &str) -> Self {
        let (mut consumed, mut produced, mut filters) = (Vec::new(), Vec::new(), Vec::new());
        // The filter that is being read, if one is: its name, and whether that is at its end.
        let mut filter: Option<(String, bool)> = None;
        // Settings of the scalers that FFmpeg puts in by itself may stand in front.
        let graph = match graph.trim_start().strip_prefix("sws_flags=") {
            Some(settings) => settings.split_once(';').map_or("", |(_, graph)| graph),
            None => graph,
        };
        let (mut chains, mut begin) = (Vec::new(), 0);
        let mut chars = graph.char_indices();
        let mut quoted = false;
        while let Some((at, c)) = chars.next() {
            if c == ';' && !quoted {
                chains.push(graph[begin..at].trim().to_owned());
                begin = at + 1;
            }
            match c {
                '\'' => quoted = !quoted,
                _ if quoted => {}
                '[' => {
                    let label: String = chars
                        .by_ref()
                        .map(|(_, c)| c)
                        .take_while(|c| *c != ']')
                        .collect();
                    match &mut filter {
                        Some((_, named)) => {
                            *named = true;
                            produced.push(label);
                        }
                        None => consumed.push(label),
                    }
                }
                ';' | ',' => filters.extend(filter.take().map(|(name, _)| name)),
                c if c.is_whitespace() => {}
                c => {
                    let (name, named) = filter.get_or_insert_default();
                    *named |= matches!(c, '=' | '@' | '\\');
                    if !*named {
                        name.push(c);
                    }
                }
            }
            if c == '\'' {
                filter.get_or_insert_default().1 = true;
            }
            if c == '\\' && !quoted {
                chars.next();
            }
        }
        filters.extend(filter.map(|(name, _)| name));
        chains.push(graph[begin..].trim().to_owned());
        chains.retain(|chain| !chain.is_empty());
        let without = |labels: &[String], others: &[String]| -> Vec<String> {
            let rest = labels.iter().filter(|label| !others.contains(label));
            rest.cloned().collect()
        };
        Self {
            inputs: without(&consumed, &produced),
            open: without(&produced, &consumed),
            filters,
            chains,
        }
    }
}

/// The filters of one chain in their order, each with its arguments as they stand there.
pub(crate) fn filters(chain: &str) -> Vec<(String, String)> {
    let (mut filters, mut text) = (Vec::new(), String::new());
    let (mut quoted, mut labelled) = (false, false);
    let mut chars = chain.chars();
    while let Some(c) = chars.next() {
        match c {
            _ if labelled => labelled = c != ']',
            '\'' => {
                quoted = !quoted;
                text.push(c);
            }
            '\\' if !quoted => {
                text.push(c);
                text.extend(chars.next());
            }
            '[' if !quoted => labelled = true,
            ',' if !quoted => filters.push(std::mem::take(&mut text)),
            c => text.push(c),
        }
    }
    filters.push(text);
    let parts = |filter: String| {
        let (name, arguments) = filter.split_once('=').unwrap_or((&filter, ""));
        let name = name.split_once('@').map_or(name, |(name, _)| name);
        (name.trim().to_owned(), arguments.trim().to_owned())
    };
    let filters = filters.into_iter().map(parts);
    filters.filter(|(name, _)| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_have_their_arguments() {
        let pair = |name: &str, arguments: &str| (name.to_owned(), arguments.to_owned());
        assert_eq!(
            filters("[0:v] scale@a=640:-2, crop='iw,2':3\\,4 ,null[v]"),
            [
                pair("scale", "640:-2"),
                pair("crop", "'iw,2':3\\,4"),
                pair("null", "")
            ]
        );
        assert_eq!(filters(" "), []);
    }

    #[test]
    fn a_chain_has_no_pads() {
        let scan = Scan::of("scale=640:-2, fps = 25");
        assert_eq!((scan.inputs, scan.open), (vec![], vec![]));
        assert_eq!(scan.filters, ["scale", "fps"]);
        assert_eq!(Scan::of(" "), Scan::default());
        assert_eq!(Scan::of("sws_flags=bicubic;null").filters, ["null"]);
    }

    #[test]
    fn inner_labels_are_neither_input_nor_open() {
        let graph =
            "[0:v]split[a][b]; [a]hflip@mirror [c];[b][c]hstack[v];[0:a:1]volume=0.5[sound]";
        let scan = Scan::of(graph);
        assert_eq!(scan.inputs, ["0:v", "0:a:1"]);
        assert_eq!(scan.open, ["v", "sound"]);
        assert_eq!(scan.filters, ["split", "hflip", "hstack", "volume"]);
        assert_eq!(scan.chains.len(), 4);
        assert_eq!(scan.chains[1], "[a]hflip@mirror [c]");
    }

    #[test]
    fn quotes_and_escapes_hide_brackets_and_commas() {
        let scan = Scan::of("[0:v]drawtext=text='[x];[y],\\':fontfile=\\[z\\]\\,[v]");
        assert_eq!(scan.inputs, ["0:v"]);
        assert_eq!(scan.open, ["v"]);
        assert_eq!(scan.filters, ["drawtext"]);
        assert_eq!(scan.chains.len(), 1);
    }
}
