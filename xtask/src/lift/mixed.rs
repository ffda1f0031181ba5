//! `cargo xtask lift --profile`: the options of a mixed pack, and what is said of it.

use std::fs;
use std::path::{Path, PathBuf};

use afmpeg_lift::{Mixed, Weight};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::digest;
use crate::failure::{Failure, Result};

/// The part of the instructions below which a function is not looked at any more.
const SHARE: f64 = 0.97;

/// What makes a pack a mixed one.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Lift only the hot functions of this profile (profile.json of `cargo xtask profile`); the
    /// interpreter runs the rest
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// The part of the profile's instructions whose functions are looked at, hottest first
    #[arg(long, value_name = "PART", default_value_t = SHARE, value_parser = share, requires = "profile")]
    share: f64,
}

fn share(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a number from 0 to 1 is needed".to_owned()),
    }
}

/// What is needed of a profile.
#[derive(Deserialize)]
struct Profile {
    engine_sha256: String,
    job: String,
    functions: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    index: u32,
    name: String,
    #[serde(rename = "self")]
    own: u64,
    total: u64,
    calls: u64,
}

impl Options {
    /// The hot functions of a profile.
    pub(crate) fn hot_in(profile: &Path) -> Self {
        Self {
            profile: Some(profile.to_owned()),
            share: SHARE,
        }
    }

    /// Lifts the hot functions, when a profile is given. The second is what the manifest says.
    pub(crate) fn lift<'a>(
        &self,
        wasm: &'a [u8],
        options: &afmpeg_lift::Options,
    ) -> Result<Option<(Mixed<'a>, Value)>> {
        let Some(file) = &self.profile else {
            return Ok(None);
        };
        let text = fs::read(file).map_err(Failure::io("read", file))?;
        let profile: Profile = serde_json::from_slice(&text).map_err(|error| {
            Failure::new(format!("{} is no profile: {error}", file.display()))
                .mend("give the profile.json that `cargo xtask profile` writes")
        })?;
        if profile.engine_sha256 != digest::bytes(wasm) {
            return Err(
                Failure::new(format!("{} is a profile of another module", file.display()))
                    .mend("profile this one: `cargo xtask profile JOB --engine MODULE`"),
            );
        }
        let weights: Vec<_> = profile.functions.iter().map(Row::weight).collect();
        let mixed = afmpeg_lift::lift_hot(wasm, options, &weights, self.share)
            .map_err(|error| Failure::new(error.to_string()))?;
        let about = profile.describe(&mixed, self.share);
        Ok(Some((mixed, about)))
    }
}

impl Row {
    fn weight(&self) -> Weight {
        Weight {
            function: self.index,
            work: self.own,
            work_with_callees: self.total,
            calls: self.calls,
        }
    }
}

impl Profile {
    /// What a user of the pack wants to know: which part is lifted, and why not all of it.
    fn describe(&self, mixed: &Mixed<'_>, share: f64) -> Value {
        let all: u64 = self.functions.iter().map(|row| row.own).sum();
        let part = |work: u64| work as f64 / all.max(1) as f64;
        let name = |index: u32| {
            let row = self.functions.iter().find(|row| row.index == index);
            row.map_or("", |row| row.name.as_str())
        };
        let entries = mixed.lifted.entries().iter();
        let entries = entries.map(|&index| json!({"index": index, "name": name(index)}));
        let left = mixed.left.iter().map(|left| {
            json!({
                "index": left.function,
                "name": name(left.function),
                "share": part(left.work),
                "reason": left.to_string(),
            })
        });
        json!({
            "profile": self.job,
            "share_asked": share,
            "share_lifted": mixed.share,
            "rest_bytes": mixed.lifted.rest().map_or(0, <[u8]>::len),
            "called_by_the_rest": entries.collect::<Vec<_>>(),
            "left_to_the_interpreter": left.collect::<Vec<_>>(),
        })
    }
}

/// Prints what was left to the interpreter.
pub(crate) fn print(about: &Value) {
    let percent = |value: &Value| value.as_f64().unwrap_or(0.0) * 100.0;
    eprintln!(
        "{:.1} % of the profile is lifted; of the rest, the hottest:",
        percent(&about["share_lifted"])
    );
    for left in about["left_to_the_interpreter"]
        .as_array()
        .into_iter()
        .flatten()
    {
        eprintln!(
            "{:>5.1} %  {} [{}]: it {}",
            percent(&left["share"]),
            left["name"].as_str().unwrap_or_default(),
            left["index"],
            left["reason"].as_str().unwrap_or_default()
        );
    }
}
