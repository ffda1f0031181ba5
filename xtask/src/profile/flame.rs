//! The calling-context tree as folded stacks and as a flame graph.

use std::io::Write;

use inferno::flamegraph::{self, Options};

use super::context::{Node, What};
use super::names::Names;
use crate::failure::{Failure, Result};

/// One line for each context that executed something: the functions from the outermost in,
/// separated by `;`, and its own instructions. Sorted, as readers of the format expect.
pub(super) fn folded(tree: &[Node], names: &Names) -> Vec<String> {
    let mut stacks: Vec<String> = Vec::with_capacity(tree.len());
    let mut lines = Vec::new();
    for node in tree {
        let caller = node.parent.map_or("", |parent| stacks[parent].as_str());
        let name = match node.what {
            What::Host => String::new(),
            What::Elsewhere => "(contexts beyond the limit)".to_owned(),
            What::Function(index) => names.get(index).replace(';', ","),
        };
        let stack = match caller {
            "" => name,
            _ => format!("{caller};{name}"),
        };
        if node.instructions > 0 {
            lines.push(format!("{stack} {}", node.instructions));
        }
        stacks.push(stack);
    }
    lines.sort();
    lines
}

/// Draws folded stacks as an SVG in which a browser can search and zoom.
pub(super) fn draw(lines: &[String], title: &str, out: &mut dyn Write) -> Result<()> {
    let mut options = Options::default();
    options.title = title.to_owned();
    options.subtitle = Some(
        "executed wasm instructions; a recursive call is drawn in its first caller".to_owned(),
    );
    options.count_name = "instructions".to_owned();
    // Equal profiles give equal files.
    options.hash = true;
    options.deterministic = true;
    flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), out)
        .map_err(|error| Failure::new(format!("cannot draw the flame graph: {error}")))
}
