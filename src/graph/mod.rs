//! Filter graphs: put together from filters and printed in FFmpeg's notation, or read as far as their pads.
//!
//! ```
//! use afmpeg::graph::{Chain, Filter, Graph};
//! use afmpeg::{Input, Job, Output};
//!
//! let title = Filter::new("drawtext").set("text", "it's 12:30, [live]").set("x", 10);
//! let graph = Graph::new()
//!     .chain(Chain::from_pad("0:v").filter(Filter::new("scale").arg(640).arg(-2)).to("small"))
//!     .chain(Chain::from_pad("small").filter(title).to("v"));
//! let job = Job::new()
//!     .input(Input::file("/in.mp4"))
//!     .filter(graph)
//!     .output(Output::file("/out.mp4").map("[v]"));
//! assert!(job.filter.as_deref().is_some_and(|text| text.starts_with("[0:v]scale=640:-2[small];")));
//! ```

mod quote;
mod scan;

use std::fmt;

pub use scan::Scan;
pub(crate) use scan::{Labels, filters};

/// A filter graph: chains of filters, joined by the pads that they have in common.
///
/// It prints as FFmpeg's notation, in which every value stands for itself whatever is in it. Names of filters
/// and options, and labels of pads, are printed as they are given; [`Job::build`](crate::Job::build) and the
/// engine judge them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    chains: Vec<Chain>,
}

impl Graph {
    /// A graph with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a chain.
    #[must_use]
    pub fn chain(mut self, chain: Chain) -> Self {
        self.chains.push(chain);
        self
    }
}

/// Filters in a row: the first one takes from the chain's inputs, each next one from the one before it, and the
/// chain's outputs are those of the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    inputs: Vec<String>,
    filters: Vec<Filter>,
    outputs: Vec<String>,
}

impl Chain {
    /// A chain that begins with a source, such as `color` or `sine`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A chain that takes from a stream of an input such as `0:v`, or from a pad that another chain has as an
    /// output.
    #[must_use]
    pub fn from_pad(label: impl Into<String>) -> Self {
        Self::new().and_from(label)
    }

    /// A chain whose first filter has several inputs, such as `overlay` and `amix`.
    #[must_use]
    pub fn from_pads(labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        labels.into_iter().fold(Self::new(), Self::and_from)
    }

    /// Adds an input of the first filter.
    #[must_use]
    pub fn and_from(mut self, label: impl Into<String>) -> Self {
        self.inputs.push(label.into());
        self
    }

    /// Adds a filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Names an output of the last filter, for another chain or for [`Output::map`](crate::Output::map), which
    /// has the label in brackets.
    #[must_use]
    pub fn to(mut self, label: impl Into<String>) -> Self {
        self.outputs.push(label.into());
        self
    }
}

/// One filter and its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    name: String,
    options: Vec<(Option<String>, String)>,
}

impl Filter {
    /// A filter by its name, with its own defaults; `name@label` names the instance for its log.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            options: Vec::new(),
        }
    }

    /// Adds a value by its place. Those by name come after these, as FFmpeg wants it.
    #[must_use]
    pub fn arg(mut self, value: impl ToString) -> Self {
        let named = self.options.iter().position(|(key, _)| key.is_some());
        let place = named.unwrap_or(self.options.len());
        self.options.insert(place, (None, value.to_string()));
        self
    }

    /// Sets an option by its name. The value stands for itself: nothing in it has to be quoted. A filter may
    /// have a notation of its own inside a value, such as the `%{…}` of `drawtext`.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl ToString) -> Self {
        self.options.push((Some(key.into()), value.to_string()));
        self
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(f, &self.chains, ";")
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = |f: &mut fmt::Formatter<'_>, labels: &[String]| {
            labels.iter().try_for_each(|label| write!(f, "[{label}]"))
        };
        labels(f, &self.inputs)?;
        joined(f, &self.filters, ",")?;
        labels(f, &self.outputs)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (i, (key, value)) in self.options.iter().enumerate() {
            f.write_str(if i == 0 { "=" } else { ":" })?;
            match key {
                Some(key) => write!(f, "{key}={}", quote::value(value))?,
                None => f.write_str(&quote::positional(value))?,
            }
        }
        Ok(())
    }
}

/// A job takes a graph as text.
impl From<Graph> for String {
    fn from(graph: Graph) -> Self {
        graph.to_string()
    }
}

/// A job with one chain takes it as its graph.
impl From<Chain> for String {
    fn from(chain: Chain) -> Self {
        chain.to_string()
    }
}

/// A job with one filter takes it as its graph.
impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.to_string()
    }
}

impl From<Chain> for Graph {
    fn from(chain: Chain) -> Self {
        Self::new().chain(chain)
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[impl fmt::Display], by: &str) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(by)?;
        }
        part.fmt(f)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_printed_with_their_pads() {
        let graph = Graph::new()
            .chain(
                Chain::from_pad("0:v")
                    .filter(Filter::new("split"))
                    .to("a")
                    .to("b"),
            )
            .chain(
                Chain::from_pads(["a", "b"])
                    .filter(Filter::new("hstack").set("inputs", 2))
                    .filter(Filter::new("format").arg("yuv420p"))
                    .to("v"),
            )
            .chain(
                Chain::new()
                    .filter(Filter::new("sine").set("frequency", 440).arg(1))
                    .to("s"),
            );
        assert_eq!(
            graph.to_string(),
            "[0:v]split[a][b];[a][b]hstack=inputs=2,format=yuv420p[v];sine=1:frequency=440[s]"
        );
        let scan = Scan::of(&graph.to_string());
        assert_eq!(scan.inputs, ["0:v"]);
        assert_eq!(scan.open, ["v", "s"]);
        assert_eq!(scan.filters, ["split", "hstack", "format", "sine"]);
    }

    #[test]
    fn what_has_a_meaning_is_escaped_on_both_levels() {
        let filter = Filter::new("drawtext").set("text", r"it's 5:30, [a];\n");
        assert_eq!(
            filter.to_string(),
            r"drawtext=text=it\\\'s 5\\:30\, \[a\]\;\\\\n"
        );
        let spaces = Filter::new("f").set("a", " x ").arg("k=v").arg("");
        assert_eq!(spaces.to_string(), r"f=\\k=v:\'\':a=\\ x\\\ ");
    }
}
