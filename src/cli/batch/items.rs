//! What a batch has to do: the inputs of a directory or a list, and an output for each.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::cli::args::Batch;
use crate::cli::containers;
use crate::cli::names;
use crate::cli::presets;
use crate::cli::status::Failure;

/// An input, and the output that is made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) input: PathBuf,
    pub(super) output: PathBuf,
}

/// All items, in the order of their names or of the list.
///
/// # Errors
///
/// There are none, or what they would write is not clear: two have one output, or an output is an input.
pub(super) fn items(args: &Batch) -> Result<Vec<Item>, Failure> {
    let source = &args.source;
    let mut found = Vec::new();
    if source == Path::new("-") || !source.is_dir() {
        if args.recursive {
            return Err(Failure::usage("--recursive is for a directory"));
        }
        let list = read_list(source)?;
        let base = source.parent().filter(|_| source != Path::new("-"));
        for path in listed(&list) {
            let path = base.map_or_else(|| path.clone(), |base| base.join(&path));
            found.push((path, PathBuf::new()));
        }
        if found.is_empty() {
            return Err(Failure::usage(format!(
                "{} names no file",
                source.display()
            )));
        }
    } else {
        let walk = Walk {
            recursive: args.recursive,
            skip: fs::canonicalize(&args.out_dir).ok(),
            images: common_extension(args).is_none_or(|extension| is_image(&extension)),
        };
        walk.add(source, Path::new(""), &mut found)?;
        if found.is_empty() {
            return Err(Failure::usage(format!(
                "there are no media files in {}",
                source.display()
            )));
        }
    }
    let mut items = Vec::with_capacity(found.len());
    for (input, below) in found {
        let output = output(args, &input, &below)?;
        items.push(Item { input, output });
    }
    check(&items)?;
    Ok(items)
}

/// What is taken of directories.
struct Walk {
    /// What is in the directories in them, too.
    recursive: bool,
    /// The directory of the outputs.
    skip: Option<PathBuf>,
    /// Still images, which nobody means who makes films or sounds.
    images: bool,
}

impl Walk {
    /// Adds the media files of a directory, each with the directory below the first one that it is in.
    fn add(
        &self,
        dir: &Path,
        below: &Path,
        found: &mut Vec<(PathBuf, PathBuf)>,
    ) -> Result<(), Failure> {
        let cannot = |error: std::io::Error| {
            Failure::failed(format!("cannot list {}: {error}", dir.display()))
        };
        let entries: Result<Vec<_>, _> = fs::read_dir(dir).map_err(cannot)?.collect();
        let mut entries = entries.map_err(cannot)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            // Of links to directories, which can lead in circles, this says that they are none.
            if entry.file_type().map_err(cannot)?.is_dir() {
                let is_output = self.skip.is_some() && fs::canonicalize(&path).ok() == self.skip;
                if self.recursive && !is_output {
                    self.add(&path, &below.join(&name), found)?;
                }
            } else if self.takes(&path) && path.is_file() {
                found.push((path, below.to_path_buf()));
            }
        }
        Ok(())
    }

    fn takes(&self, path: &Path) -> bool {
        let Some(extension) = names::extension(path) else {
            return false;
        };
        is_media(&extension) && (self.images || !is_image(&extension))
    }
}

/// Whether files of this extension are images of one picture.
fn is_image(extension: &str) -> bool {
    containers::by_extension(extension).is_some_and(|container| container.image)
}

/// Whether files of this extension are media: what this command writes, or what it only reads. A playlist is none,
/// as it cannot be read without the files that it names.
fn is_media(extension: &str) -> bool {
    READ_ONLY.contains(&extension)
        || (extension != "m3u8" && containers::by_extension(extension).is_some())
}

fn read_list(source: &Path) -> Result<String, Failure> {
    /// Far more than any list; a media file named by mistake is not read to its end.
    const LARGEST: u64 = 64 << 20;
    let mut list = String::new();
    let read = if source == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(LARGEST)
            .read_to_string(&mut list)
    } else {
        fs::File::open(source).and_then(|file| file.take(LARGEST).read_to_string(&mut list))
    };
    read.map_err(|error| {
        Failure::usage(format!(
            "cannot read the list {}: {error}",
            source.display()
        ))
    })?;
    Ok(list)
}

/// The paths of a list: a line each; empty lines and those that begin with `#` are none.
fn listed(list: &str) -> impl Iterator<Item = PathBuf> {
    let lines = list.strip_prefix('\u{feff}').unwrap_or(list).lines();
    lines
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(PathBuf::from)
}

/// The extension of all outputs, where it is not that of each input.
fn common_extension(args: &Batch) -> Option<String> {
    let preset = || args.settings.preset.map(presets::extension);
    let to = args.to.as_deref().map(|to| to.trim_start_matches('.'));
    to.or_else(preset).map(str::to_owned)
}

fn output(args: &Batch, input: &Path, below: &Path) -> Result<PathBuf, Failure> {
    let extension = common_extension(args).or_else(|| names::extension(input));
    let (Some(stem), Some(extension)) = (input.file_stem(), extension) else {
        return Err(Failure::usage(format!(
            "{} has no extension: say with --to what to write",
            input.display()
        )));
    };
    presets::check(&args.settings, &extension)?;
    let mut name = OsString::from(stem);
    name.push(".");
    name.push(extension);
    Ok(args.out_dir.join(below).join(name))
}

/// Finds what would destroy something, before anything runs.
fn check(items: &[Item]) -> Result<(), Failure> {
    let inputs: HashMap<PathBuf, &Item> =
        items.iter().map(|item| (real(&item.input), item)).collect();
    let mut outputs: HashMap<PathBuf, &Item> = HashMap::new();
    for item in items {
        let output = real(&item.output);
        if let Some(input) = inputs.get(&output) {
            return Err(Failure::usage(format!(
                "the output of {} would replace the input {}: name another --out-dir or --to",
                item.input.display(),
                input.input.display()
            )));
        }
        if let Some(other) = outputs.insert(output, item) {
            return Err(Failure::usage(format!(
                "{} and {} would both be written to {}",
                other.input.display(),
                item.input.display(),
                item.output.display()
            )));
        }
    }
    check_segments(&outputs)
}

/// The segments of a playlist have its name with a number behind it, so that those of `a` can have the names of those
/// of `a1`.
fn check_segments(outputs: &HashMap<PathBuf, &Item>) -> Result<(), Failure> {
    let playlist = |path: &&PathBuf| {
        path.extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("m3u8") || it.eq_ignore_ascii_case("mpd"))
    };
    let refused = |one: &Item, other: &Item| {
        Failure::usage(format!(
            "segments of {} and of {} could have the same names: convert one of them by itself",
            other.input.display(),
            one.input.display()
        ))
    };
    let mut stems: HashMap<PathBuf, &Item> = HashMap::new();
    for (path, item) in outputs.iter().filter(|(path, _)| playlist(path)) {
        // Segments are called after the playlist as the guest knows it.
        let stem = path.with_file_name(names::output(path, false));
        if let Some(other) = stems.insert(stem.with_extension(""), item) {
            return Err(refused(item, other));
        }
    }
    for (stem, item) in &stems {
        let mut shorter = stem.to_string_lossy().into_owned();
        while shorter.ends_with(|last: char| last.is_ascii_digit()) {
            shorter.pop();
            if let Some(other) = stems.get(Path::new(&shorter)) {
                return Err(refused(item, other));
            }
        }
    }
    Ok(())
}

/// A path by which two names of one file are alike, also of one that is not there yet.
fn real(path: &Path) -> PathBuf {
    let whole = fs::canonicalize(path).or_else(|_| {
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let parent = fs::canonicalize(parent.unwrap_or(Path::new(".")))?;
        Ok::<_, std::io::Error>(parent.join(path.file_name().unwrap_or_default()))
    });
    let path = whole
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_path_buf());
    // Their usual filesystems do not tell the cases apart.
    if cfg!(any(windows, target_vendor = "apple")) {
        return PathBuf::from(path.to_string_lossy().to_lowercase());
    }
    path
}

/// Extensions of media that no default encoders are known for.
const READ_ONLY: [&str; 24] = [
    "3g2", "3gp", "amr", "ape", "asf", "dts", "dv", "eac3", "f4v", "h265", "hevc", "ivf", "m1v",
    "m2v", "mp2", "mpeg", "mpg", "mxf", "nut", "ogv", "rm", "vob", "wma", "wmv",
];

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};

    fn found(dir: &Path, line: &[&str]) -> Result<Vec<(String, String)>, Failure> {
        let place = |word: &&str| match word.strip_prefix("@") {
            Some(path) => dir.join(path).into_os_string(),
            None => OsString::from(word),
        };
        let words = ["afmpeg", "batch"].into_iter().map(OsString::from);
        let cli = Cli::try_parse_from(words.chain(line.iter().map(place))).expect("valid");
        let Some(Command::Batch(args)) = cli.command else {
            panic!("not batch")
        };
        let short = |path: PathBuf| {
            let path = path.strip_prefix(dir).expect("it is in the directory");
            path.display().to_string().replace('\\', "/")
        };
        let items = items(&args)?.into_iter();
        Ok(items
            .map(|item| (short(item.input), short(item.output)))
            .collect())
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary directory");
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().expect("in a directory")).expect("made");
            fs::write(path, "").expect("written");
        }
        dir
    }

    fn pairs<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(a, b)| ((*a).into(), (*b).into()))
            .collect()
    }

    #[test]
    fn a_directory_gives_its_media_and_with_leave_those_below() {
        let dir = folder(&[
            "in/b.MOV",
            "in/a.x.mp4",
            "in/notes.txt",
            "in/.c.mp4",
            "in/d/e.wav",
        ]);
        let flat = found(dir.path(), &["@in", "--out-dir", "@out", "--to", ".mkv"]);
        let expected = pairs(&[("in/a.x.mp4", "out/a.x.mkv"), ("in/b.MOV", "out/b.mkv")]);
        assert_eq!(flat.expect("clear"), expected);
        fs::create_dir_all(dir.path().join("in/out")).expect("made");
        fs::write(dir.path().join("in/out/a.x.m4a"), "").expect("written");
        let line = ["@in", "-r", "--out-dir", "@in/out", "--preset", "podcast"];
        let expected = pairs(&[
            ("in/a.x.mp4", "in/out/a.x.m4a"),
            ("in/b.MOV", "in/out/b.m4a"),
            ("in/d/e.wav", "in/out/d/e.m4a"),
        ]);
        assert_eq!(found(dir.path(), &line).expect("clear"), expected);
    }

    #[test]
    fn still_images_are_for_those_who_make_such() {
        let dir = folder(&["in/a.mp4", "in/b.JPG"]);
        let of = |more: &[&str]| {
            let line = [&["@in", "--out-dir", "@out"], more].concat();
            let items = found(dir.path(), &line).expect("clear").into_iter();
            items.map(|(_, output)| output).collect::<Vec<_>>()
        };
        assert_eq!(of(&["--preset", "web"]), ["out/a.mp4"]);
        assert_eq!(of(&["--to", "png"]), ["out/a.png", "out/b.png"]);
        assert_eq!(of(&[]), ["out/a.mp4", "out/b.jpg"]);
    }

    #[test]
    fn a_list_names_files_from_where_it_lies() {
        let dir = folder(&["lists/a.mp4"]);
        let list = dir.path().join("lists/films.txt");
        fs::write(&list, "\u{feff}# mine\r\na.mp4\r\n\r\nmore/b b.avi\n").expect("written");
        let line = ["@lists/films.txt", "--out-dir", "@out"];
        let expected = pairs(&[
            ("lists/a.mp4", "out/a.mp4"),
            ("lists/more/b b.avi", "out/b b.avi"),
        ]);
        assert_eq!(found(dir.path(), &line).expect("clear"), expected);
    }

    #[test]
    fn what_would_destroy_something_is_refused() {
        let dir = folder(&["in/a.mp4", "in/a.mov", "same/c.mp4", "none/c.txt"]);
        for (line, words) in [
            (
                vec!["@in", "--out-dir", "@out", "--to", "mkv"],
                "a.mov and ",
            ),
            (
                vec!["@same", "--out-dir", "@in/../same"],
                "would replace the input",
            ),
            (vec!["@none", "--out-dir", "@out"], "no media files"),
            (
                vec![
                    "@same",
                    "--out-dir",
                    "@out",
                    "--to",
                    "avi",
                    "--preset",
                    "web",
                ],
                "the preset web writes .mp4",
            ),
            (
                vec!["@nowhere", "--out-dir", "@out"],
                "cannot read the list",
            ),
        ] {
            let failure = found(dir.path(), &line).expect_err(words);
            assert!(failure.message.contains(words), "{}", failure.message);
            assert_eq!(failure.status, crate::cli::status::Status::Usage);
        }
    }
}
