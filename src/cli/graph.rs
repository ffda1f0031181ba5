//! Reads just enough of a filtergraph to know its pads: what it takes, and what it leaves open.

/// The pads of a filtergraph.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Pads {
    /// Labels of input streams, `0:v` and the like, in order of appearance.
    pub(crate) inputs: Vec<String>,
    /// Labels that a filter produces and none consumes, in order of appearance.
    pub(crate) open: Vec<String>,
}

impl Pads {
    /// Finds the labels of `graph`, outside quotes and escapes.
    ///
    /// A label right after a filter is one that it produces; one before a filter is one that it
    /// consumes. FFmpeg itself judges whether the graph is well formed.
    pub(crate) fn of(graph: &str) -> Self {
        let mut consumed = Vec::new();
        let mut produced = Vec::new();
        let mut after_filter = false;
        let mut chars = graph.chars();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            match c {
                '\\' if !quoted => {
                    chars.next();
                    after_filter = true;
                }
                '\'' => {
                    quoted = !quoted;
                    after_filter = true;
                }
                _ if quoted => {}
                '[' => {
                    let label: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    if after_filter {
                        produced.push(label)
                    } else {
                        consumed.push(label)
                    }
                }
                ';' | ',' => after_filter = false,
                c if c.is_whitespace() => {}
                _ => after_filter = true,
            }
        }
        let open = produced
            .iter()
            .filter(|label| !consumed.contains(label))
            .cloned()
            .collect();
        let inputs = consumed
            .into_iter()
            .filter(|label| !produced.contains(label))
            .collect();
        Self { inputs, open }
    }

    /// Whether a stream of this kind (`v` or `a`) of the first input enters the graph.
    pub(crate) fn takes(&self, kind: char) -> bool {
        self.inputs.iter().any(|label| {
            label
                .strip_prefix("0:")
                .is_some_and(|stream| stream.starts_with(kind))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pads(graph: &str) -> (Vec<String>, Vec<String>) {
        let pads = Pads::of(graph);
        (pads.inputs, pads.open)
    }

    #[test]
    fn a_chain_has_no_pads() {
        assert_eq!(pads("scale=640:-2,fps=25"), (vec![], vec![]));
    }

    #[test]
    fn inner_labels_are_neither_input_nor_open() {
        let graph = "[0:v]split[a][b]; [a]hflip [c];[b][c]hstack[v];[0:a:1]volume=0.5[sound]";
        let expected = (
            vec!["0:v".into(), "0:a:1".into()],
            vec!["v".into(), "sound".into()],
        );
        assert_eq!(pads(graph), expected);
        assert!(Pads::of(graph).takes('v') && Pads::of(graph).takes('a'));
    }

    #[test]
    fn quotes_and_escapes_hide_brackets() {
        let (inputs, open) = pads("[0:v]drawtext=text='[x];[y]':fontfile=\\[z\\][v]");
        assert_eq!(
            (inputs, open),
            (vec!["0:v".to_owned()], vec!["v".to_owned()])
        );
    }
}
