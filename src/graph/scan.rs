//! Reads just enough of a filter graph to know its pads and its filters.

use std::collections::HashMap;

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
        let labels = Labels::of(graph);
        Self {
            inputs: labels.inputs().map(str::to_owned).collect(),
            open: labels.open().map(str::to_owned).collect(),
            filters: labels.filters,
            chains: labels.chains,
        }
    }
}

/// The same with every label, for who has to know what is certain.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// Before filters, as often as they stand there.
    consumed: Vec<String>,
    /// After filters, as often as they stand there.
    produced: Vec<String>,
    /// How often each stands where.
    counts: HashMap<String, Count>,
    filters: Vec<String>,
    chains: Vec<String>,
    /// Whether the last filter of some chain has no label behind it, or may leave a pad without one.
    unnamed: bool,
    /// Whether FFmpeg certainly reads it as it was read here.
    plain: bool,
}

/// Where a label stands.
#[derive(Debug, Default)]
struct Count {
    made: usize,
    used: usize,
    /// The filter that produces it, the first if several do.
    maker: String,
}

/// A filter that is being read.
#[derive(Default)]
struct Reading {
    name: String,
    /// Whether the name is at its end.
    named: bool,
    labelled: bool,
}

impl Labels {
    pub(crate) fn of(graph: &str) -> Self {
        let mut labels = Self {
            plain: true,
            ..Self::default()
        };
        let mut filter: Option<Reading> = None;
        // Settings of the scalers that FFmpeg puts in by itself may stand in front.
        let graph = match graph.trim_start().strip_prefix("sws_flags=") {
            Some(settings) => settings.split_once(';').map_or("", |(_, graph)| graph),
            None => graph,
        };
        let mut begin = 0;
        let mut chars = graph.char_indices();
        let mut quoted = false;
        // Whether the filter before has no label behind it, in the same chain.
        let mut follows = false;
        while let Some((at, c)) = chars.next() {
            if c == ';' && !quoted {
                labels.chains.push(graph[begin..at].trim().to_owned());
                begin = at + 1;
            }
            match c {
                '\'' => quoted = !quoted,
                _ if quoted => {}
                '[' => {
                    let mut closed = false;
                    let label: String = chars
                        .by_ref()
                        .map(|(_, c)| c)
                        .take_while(|c| {
                            closed = *c == ']';
                            !closed
                        })
                        .collect();
                    // FFmpeg takes quotes off a label, and blanks at its ends.
                    let odd = |c: char| c.is_whitespace() || matches!(c, '\'' | '\\' | '[');
                    labels.plain &= closed && !label.is_empty() && !label.contains(odd);
                    match &mut filter {
                        Some(filter) => {
                            (filter.named, filter.labelled) = (true, true);
                            let count = labels.counts.entry(label.clone()).or_default();
                            count.made += 1;
                            if count.made == 1 {
                                count.maker.clone_from(&filter.name);
                            }
                            labels.produced.push(label);
                        }
                        None => {
                            // What is linked by name may leave the filter before it alone.
                            labels.unnamed |= follows;
                            labels.counts.entry(label.clone()).or_default().used += 1;
                            labels.consumed.push(label);
                        }
                    }
                }
                ';' | ',' => {
                    follows = c == ',' && filter.as_ref().is_some_and(|filter| !filter.labelled);
                    labels.end(filter.take(), c == ';');
                }
                c if c.is_whitespace() => {}
                c => {
                    let filter = filter.get_or_insert_default();
                    filter.named |= matches!(c, '=' | '@' | '\\');
                    if !filter.named {
                        filter.name.push(c);
                    }
                }
            }
            if c == '\'' {
                filter.get_or_insert_default().named = true;
            }
            if c == '\\' && !quoted {
                chars.next();
            }
        }
        labels.end(filter, true);
        labels.plain &= !quoted;
        labels.chains.push(graph[begin..].trim().to_owned());
        labels.chains.retain(|chain| !chain.is_empty());
        labels
    }

    fn end(&mut self, filter: Option<Reading>, of_chain: bool) {
        if let Some(filter) = filter {
            self.unnamed |= of_chain && !filter.labelled;
            self.filters.push(filter.name);
        }
    }

    /// Labels that are consumed and not produced.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &str> {
        let labels = self.consumed.iter().map(String::as_str);
        labels.filter(|label| self.made(label) == 0)
    }

    /// Labels that are produced and not consumed.
    pub(crate) fn open(&self) -> impl Iterator<Item = &str> {
        let labels = self.produced.iter().map(String::as_str);
        labels.filter(|label| self.used(label) == 0)
    }

    /// How many filters produce the label.
    pub(crate) fn made(&self, label: &str) -> usize {
        self.counts.get(label).map_or(0, |count| count.made)
    }

    /// How many filters consume the label.
    pub(crate) fn used(&self, label: &str) -> usize {
        self.counts.get(label).map_or(0, |count| count.used)
    }

    /// The filter that produces the label, if it is one.
    pub(crate) fn maker(&self, label: &str) -> Option<&str> {
        let count = self.counts.get(label).filter(|count| count.made == 1)?;
        Some(&count.maker)
    }

    /// The names of the filters.
    pub(crate) fn filters(&self) -> &[String] {
        &self.filters
    }

    /// Whether the last filter of some chain has no label behind it.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.unnamed
    }

    /// Whether FFmpeg certainly reads the graph as it was read here.
    pub(crate) fn is_plain(&self) -> bool {
        self.plain
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
    fn what_is_read_otherwise_by_others_is_not_plain() {
        for graph in [
            "[0:v]scale=64:-2[v];sine[a]",
            "[0:v]drawtext=text='[x];':y=\\[1\\][v]",
            "null",
        ] {
            assert!(Labels::of(graph).is_plain(), "{graph}");
        }
        for graph in [
            "[ 0:v]null[v]",
            "[0:v]null['v']",
            "[0:v]null[]",
            "[0:v]null[v",
            "[0:v]drawtext=text='it[v]",
        ] {
            assert!(!Labels::of(graph).is_plain(), "{graph}");
        }
        assert!(!Labels::of("null,null[v];[x]null[w]").is_unnamed());
        assert!(Labels::of("null[v];null").is_unnamed());
        assert!(Labels::of("[0:v]hflip,[1:v]vflip[x]").is_unnamed());
        assert_eq!(Labels::of("hflip,scale@a=1:1[v]").maker("v"), Some("scale"));
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
