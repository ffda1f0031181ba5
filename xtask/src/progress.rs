//! Progress of long steps: a bar on a terminal, a line now and then anywhere else.

use std::io::{IsTerminal, stderr};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far one step is. Safe to advance from several threads.
pub(crate) struct Progress {
    name: String,
    bar: ProgressBar,
    terminal: bool,
    started: Instant,
}

impl Progress {
    /// Starts a step of `total` pieces; with `None` nobody knows how many there are.
    pub(crate) fn start(name: &str, total: Option<u64>) -> Self {
        let terminal = stderr().is_terminal();
        let bar = match total {
            Some(total) => ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()),
            None => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
        };
        let template = match total {
            Some(_) => "{prefix:>12} {bar:36} {pos}/{len} {elapsed}",
            None => "{prefix:>12} {spinner} {msg} {elapsed}",
        };
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.expect("the templates above are well formed"));
        bar.set_prefix(name.to_owned());
        if terminal {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(std::time::Duration::from_millis(200));
        } else {
            eprintln!("{name}: started");
        }
        Self {
            name: name.to_owned(),
            bar,
            terminal,
            started: Instant::now(),
        }
    }

    /// One more piece is done.
    pub(crate) fn advance(&self, pieces: u64) {
        let before = self.bar.position();
        self.bar.inc(pieces);
        let Some(total) = self
            .bar
            .length()
            .filter(|total| !self.terminal && *total > 0)
        else {
            return;
        };
        let after = before + pieces;
        // Without a terminal a line at every quarter, and none at the end, which `done` reports.
        if after < total && before * 4 / total != after * 4 / total {
            eprintln!("{}: {after}/{total}", self.name);
        }
    }

    /// What is being done right now, for steps whose pieces cannot be counted.
    pub(crate) fn say(&self, message: &str) {
        self.bar.set_message(message.to_owned());
    }

    /// The step has ended well.
    pub(crate) fn done(self) {
        let seconds = self.started.elapsed().as_secs_f32();
        self.bar.finish_and_clear();
        eprintln!("{:>12}: done in {seconds:.1} s", self.name);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if !self.bar.is_finished() {
            self.bar.abandon();
        }
    }
}
