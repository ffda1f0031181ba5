//! Outputs that leave as they are made: the containers that are written from their first byte to their last.

use super::output::Output;

/// A container that is written in order, so that an output can go to a socket, a pipe or a
/// [`WriterFile`](crate::vfs::WriterFile) while its job runs.
///
/// Others go back to finish their headers. A few of those, raw streams such as ADTS among them, do so only where they
/// can; the rest fail the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Container {
    /// MP4 in fragments, one for each group of pictures, or for each second where there is only sound.
    FragmentedMp4,
    /// An MPEG transport stream.
    MpegTs,
    /// Matroska in clusters of a second at most, without an index.
    Matroska,
    /// WebM, as [`Matroska`](Self::Matroska).
    WebM,
}

impl Container {
    /// The muxer.
    #[must_use]
    pub fn muxer(self) -> &'static str {
        match self {
            Self::FragmentedMp4 => "mp4",
            Self::MpegTs => "mpegts",
            Self::Matroska => "matroska",
            Self::WebM => "webm",
        }
    }

    /// The options by which it is written in order, and packet by packet.
    #[must_use]
    pub fn options(self) -> &'static [(&'static str, &'static str)] {
        // A second, in the unit of each muxer. An output that is buffered comes in pieces of 256 KiB.
        match self {
            Self::FragmentedMp4 => &[
                ("movflags", "frag_keyframe+empty_moov+default_base_moof"),
                ("min_frag_duration", "1000000"),
                ("flush_packets", "1"),
            ],
            Self::MpegTs => &[("flush_packets", "1")],
            Self::Matroska | Self::WebM => &[
                ("live", "1"),
                ("cluster_time_limit", "1000"),
                ("flush_packets", "1"),
            ],
        }
    }
}

impl Output {
    /// Makes it a stream that leaves as it is made: sets the muxer, and its options.
    ///
    /// ```
    /// use afmpeg::{Container, Input, Job, Output};
    ///
    /// let job = Job::new()
    ///     .input(Input::file("/in.mkv"))
    ///     .output(Output::file("/live.mp4").streamed(Container::FragmentedMp4).map("0:v"));
    /// # job.to_spec()?;
    /// # Ok::<(), afmpeg::SpecError>(())
    /// ```
    ///
    /// [`Runtime::process_to`](crate::Runtime::process_to) writes it to anything that takes bytes.
    #[must_use]
    pub fn streamed(mut self, container: Container) -> Self {
        self.format = Some(container.muxer().to_owned());
        for (key, value) in container.options() {
            self = self.format_option(*key, value);
        }
        self
    }
}
