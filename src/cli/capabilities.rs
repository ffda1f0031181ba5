//! `afmpeg capabilities`: what the engine can do.

use std::fmt::Write as _;

use afmpeg::{Component, ComponentKind, OptionInfo};
use serde_json::Value;

use super::args::{Capabilities, Global};
use super::report;
use super::session::{Session, job_failure};
use super::status::Failure;
use super::text::one_line;

/// Runs the verb.
pub(crate) fn capabilities(global: &Global, args: &Capabilities) -> Result<(), Failure> {
    let asked = args
        .component
        .as_ref()
        .map(|pair| Ok((kind(&pair.key)?, &pair.value)));
    let asked = asked.transpose()?;
    let session = Session::open(global)?;
    if let Some((kind, name)) = asked {
        let component = session
            .runtime
            .component(kind, name)
            .map_err(|error| job_failure(&error))?;
        if global.json {
            return report::json(&component);
        }
        return report::print(&page(kind, &component));
    }
    let all = session
        .runtime
        .capabilities()
        .map_err(|error| job_failure(&error))?;
    if global.json {
        return report::json(&all);
    }
    let mut text = String::new();
    if let Some(info) = session.runtime.engine_info() {
        let _ = writeln!(text, "{}\n", super::version::describe(info));
    }
    let lists = ComponentKind::ALL.map(|kind| {
        (
            format!("{}s", kind.as_str().replace('_', " ")),
            all.names(kind),
        )
    });
    let further = [
        ("parsers".to_owned(), &all.parsers[..]),
        ("protocols".into(), &all.protocols[..]),
    ];
    for (title, names) in lists.iter().chain(&further) {
        let _ = writeln!(text, "{title} ({}):\n{}", names.len(), columns(names));
    }
    report::print(&text)
}

fn kind(word: &str) -> Result<ComponentKind, Failure> {
    ComponentKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| {
            let known = ComponentKind::ALL.map(ComponentKind::as_str).join(", ");
            Failure::usage(format!(
                "unknown kind of component '{word}': use one of {known}"
            ))
        })
}

/// One component with its options.
fn page(kind: ComponentKind, component: &Component) -> String {
    let mut text = format!("{kind} {}", one_line(&component.name));
    if let Some(description) = &component.description {
        let _ = write!(text, ": {}", one_line(description));
    }
    text.push('\n');
    let rates: Vec<String> = component
        .sample_rates
        .iter()
        .map(ToString::to_string)
        .collect();
    for (title, values) in [
        ("pixel formats", &component.pix_fmts),
        ("sample formats", &component.sample_fmts),
        ("sample rates", &rates),
        ("channel layouts", &component.channel_layouts),
        ("extensions", &component.extensions),
    ] {
        if !values.is_empty() {
            let _ = writeln!(text, "{title}: {}", one_line(&values.join(" ")));
        }
    }
    for (title, options) in [
        ("options", &component.options),
        ("shared options", &component.generic_options),
    ] {
        if !options.is_empty() {
            let _ = writeln!(text, "\n{title}:\n{}", option_table(options));
        }
    }
    text
}

fn option_table(options: &[OptionInfo]) -> String {
    let mut table = report::table(&["name", "type", "default", "range", "help"]);
    for option in options {
        let default = match &option.default {
            Some(Value::String(text)) => one_line(text).into_owned(),
            Some(value) => one_line(&value.to_string()).into_owned(),
            None => String::new(),
        };
        let end = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let mut help = one_line(option.help.as_deref().unwrap_or_default()).into_owned();
        if !option.constants.is_empty() {
            let words: Vec<&str> = option.constants.iter().map(|c| c.name.as_str()).collect();
            let _ = write!(help, " [{}]", one_line(&words.join(" ")));
        }
        table.add_row([
            one_line(&option.name).into_owned(),
            one_line(&option.kind).into_owned(),
            default,
            option
                .range
                .map(|(low, high)| format!("{}..{}", end(low), end(high)))
                .unwrap_or_default(),
            help,
        ]);
    }
    table.trim_fmt()
}

/// Names in lines of at most 76 columns, indented by two.
fn columns(names: &[String]) -> String {
    let mut text = String::new();
    let mut width = 0;
    for name in names {
        let name = one_line(name);
        if width > 0 && width + name.len() + 1 > 76 {
            text.push('\n');
            width = 0;
        }
        text.push_str(if width == 0 { "  " } else { " " });
        text.push_str(&name);
        width += name.len() + 1;
    }
    text.push('\n');
    text
}
