//! Asks apt for a file of a source package: with lists of its own, of the mirror that the machine already uses, and
//! without root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::debian::Tarball;
use crate::digest;
use crate::failure::{Failure, Result};
use crate::step::Step;

/// A private apt in a directory.
pub(super) struct Apt {
    directory: PathBuf,
}

impl Apt {
    /// Fetches the list of a suite's source packages.
    pub(super) fn start(step: &Step, directory: PathBuf, suite: &str) -> Result<Self> {
        for inner in ["lists/partial", "cache/archives/partial", "found"] {
            let path = directory.join(inner);
            fs::create_dir_all(&path).map_err(Failure::io("create", &path))?;
        }
        let mirror = mirror(step)?.ok_or_else(|| {
            step.failed("apt", "none of this machine's package sources is Debian's")
        })?;
        let list = directory.join(LIST);
        fs::write(&list, mirror.entry(suite)).map_err(Failure::io("write", &list))?;
        let apt = Self { directory };
        step.run(apt.command("apt-get").arg("update"), |_| ())?;
        Ok(apt)
    }

    /// Puts a file into a directory. Of all versions of its package, those with the pinned digest will do.
    pub(super) fn fetch(&self, step: &Step, wanted: &Tarball, to: &Path) -> Result<PathBuf> {
        let mut records = String::new();
        let mut list = self.command("apt-cache");
        step.run(list.arg("showsrc").arg(&wanted.package), |line| {
            records.push_str(line);
            records.push('\n');
        })?;
        let found = self.directory.join("found");
        let file = found.join(&wanted.file);
        for version in versions(&records, &wanted.sha256) {
            let mut get = self.command("apt-get");
            get.current_dir(&found)
                .args(["source", "--download-only", "--tar-only"])
                .arg(format!("{}={version}", wanted.package));
            // A mirror may list a version that it no longer has.
            if step.run(&mut get, |_| ()).is_ok() && is_right(&file, wanted) {
                let whole = to.join(&wanted.file);
                fs::rename(&file, &whole).map_err(Failure::io("create", &whole))?;
                return Ok(whole);
            }
        }
        let reason = format!("it has no {} with the pinned digest", wanted.file);
        Err(step.failed("apt-get source", &reason))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("LC_ALL", "C");
        for (name, value) in [
            ("Dir::Etc::sourcelist", self.directory.join(LIST)),
            ("Dir::Etc::sourceparts", "/dev/null".into()),
            ("Dir::State::lists", self.directory.join("lists")),
            ("Dir::Cache", self.directory.join("cache")),
        ] {
            let mut option = std::ffi::OsString::from(format!("{name}="));
            option.push(value);
            command.arg("-o").arg(option);
        }
        command
    }
}

const LIST: &str = "list.sources";

fn is_right(file: &Path, wanted: &Tarball) -> bool {
    digest::file(file).is_ok_and(|found| found == wanted.sha256)
}

/// The versions in records of source packages that list a digest.
fn versions<'a>(records: &'a str, sha256: &str) -> Vec<&'a str> {
    let with = records.split("\n\n").filter(|text| text.contains(sha256));
    with.filter_map(|record| {
        let mut lines = record.lines();
        lines.find_map(|line| line.strip_prefix("Version: "))
    })
    .collect()
}

/// Where the machine has Debian's packages from, and what it knows their signatures by.
#[derive(Debug, PartialEq, Eq)]
struct Mirror {
    uri: String,
    /// As apt writes it; continued lines begin with a space.
    signed_by: Option<String>,
}

impl Mirror {
    fn entry(&self, suite: &str) -> String {
        let mut entry = format!(
            "Types: deb-src\nURIs: {}\nSuites: {suite}\nComponents: main\n",
            self.uri
        );
        if let Some(signed_by) = &self.signed_by {
            entry.push_str(&format!("Signed-By: {signed_by}\n"));
        }
        entry
    }
}

/// The first such place of the machine's configuration.
fn mirror(step: &Step) -> Result<Option<Mirror>> {
    let mut places = Vec::new();
    let mut config = Command::new("apt-config");
    config.args(["shell", "list", "Dir::Etc::sourcelist/f", "parts"]);
    config.arg("Dir::Etc::sourceparts/d");
    step.run(&mut config, |line| {
        let value = line.split_once("='").map(|(_, value)| value);
        places.extend(value.map(|value| PathBuf::from(value.trim_end_matches('\''))));
    })?;
    let mut files = Vec::new();
    for place in places {
        match fs::read_dir(&place) {
            Ok(entries) => files.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => files.push(place),
        }
    }
    files.sort();
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let found = match file.extension().and_then(|extension| extension.to_str()) {
            Some("sources") => of_stanzas(&text),
            _ => of_lines(&text),
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// In apt's newer form, stanzas of fields.
fn of_stanzas(text: &str) -> Option<Mirror> {
    text.split("\n\n").find_map(|stanza| {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in stanza.lines().filter(|line| !line.starts_with('#')) {
            match (line.starts_with(' '), line.split_once(':')) {
                (false, Some((name, value))) => {
                    fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                _ => {
                    if let Some((_, value)) = fields.last_mut() {
                        value.push('\n');
                        value.push_str(line);
                    }
                }
            }
        }
        let field = |name: &str| {
            let mut fields = fields.iter();
            fields.find_map(|(own, value)| (own == name).then_some(value.as_str()))
        };
        if field("enabled") == Some("no") {
            return None;
        }
        let uri = field("uris")?
            .split_whitespace()
            .find(|uri| is_debian(uri))?;
        Some(Mirror {
            uri: uri.to_owned(),
            signed_by: field("signed-by").map(str::to_owned),
        })
    })
}

/// In its older form, a line for each.
fn of_lines(text: &str) -> Option<Mirror> {
    text.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("deb")?;
        let rest = rest.strip_prefix("-src").unwrap_or(rest).trim();
        let (options, rest) = match rest.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?,
            None => ("", rest),
        };
        let uri = rest
            .split_whitespace()
            .next()
            .filter(|uri| is_debian(uri))?;
        let mut options = options.split_whitespace();
        let signed_by = options.find_map(|option| option.strip_prefix("signed-by="));
        Some(Mirror {
            uri: uri.to_owned(),
            signed_by: signed_by.map(str::to_owned),
        })
    })
}

/// Whether an address is one of Debian's own archive, and not of its security fixes or of another project's packages.
fn is_debian(uri: &str) -> bool {
    uri.split('/').skip(3).any(|part| part == "debian")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_of_the_machine_is_found_in_both_forms() {
        let stanzas = "Types: deb\nURIs: https://packages.test/node\nSuites: a\n\n\
            Types: deb\n# a comment\nURIs: http://mirror.test/debian-security\n\n\
            Types: deb\nURIs: http://mirror.test/debian/\nSuites: trixie\nSigned-By:\n KEY\n .\n";
        let expected = Mirror {
            uri: "http://mirror.test/debian/".to_owned(),
            signed_by: Some("\n KEY\n .".to_owned()),
        };
        let found = of_stanzas(stanzas).expect("the third is right");
        assert_eq!(found, expected);
        assert_eq!(
            found.entry("bookworm"),
            "Types: deb-src\nURIs: http://mirror.test/debian/\nSuites: bookworm\n\
             Components: main\nSigned-By: \n KEY\n .\n"
        );
        let lines = "# deb http://old.test/debian sid main\ndeb http://mirror.test/ubuntu noble main\n\
            deb [arch=amd64 signed-by=/key.gpg] http://mirror.test/debian trixie main\n";
        let expected = Mirror {
            uri: "http://mirror.test/debian".to_owned(),
            signed_by: Some("/key.gpg".to_owned()),
        };
        assert_eq!(of_lines(lines), Some(expected));
        assert_eq!(of_lines("deb http://mirror.test/ubuntu noble main\n"), None);
    }

    #[test]
    fn versions_are_chosen_by_digest() {
        let records = "Package: libass\nVersion: 1:0.17.1-1\n aaaa 3 libass.tar.gz\n\n\
            Package: libass\nVersion: 1:0.17.3-1\n bbbb 3 libass.tar.gz\n\n\
            Package: libass\nVersion: 1:0.17.1-1+deb12u1\n aaaa 3 libass.tar.gz\n";
        assert_eq!(
            versions(records, "aaaa"),
            ["1:0.17.1-1", "1:0.17.1-1+deb12u1"]
        );
    }
}
