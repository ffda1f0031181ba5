//! The contract with an HTTP client: what is asked of it, and what it answers.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use crate::error::FetchError;

/// An HTTP client, or anything else that has files under addresses.
///
/// The feature `download` has one; an application that has its own gives that:
///
/// ```
/// use afmpeg::{Fetch, FetchError, FetchRequest, FetchResponse};
/// # mod client {
/// #     pub struct Client;
/// #     pub struct Request;
/// #     pub struct Response { pub status: u16, pub body: std::io::Empty }
/// #     impl Client { pub fn get(&self, _: &str) -> Request { Request } }
/// #     impl Request {
/// #         pub fn header(self, _: &str, _: &str) -> Self { self }
/// #         pub fn send(self) -> Result<Response, std::io::Error> { Err(std::io::Error::other("")) }
/// #     }
/// #     impl Response { pub fn header(&self, _: &str) -> Option<String> { None } }
/// # }
///
/// struct MyClient(client::Client);
///
/// impl Fetch for MyClient {
///     fn get(&self, request: &FetchRequest) -> Result<FetchResponse, FetchError> {
///         let mut call = self.0.get(request.url());
///         for (name, value) in request.headers() {
///             call = call.header(name, &value);
///         }
///         let response = call.send().map_err(FetchError::transport)?;
///         let headers = |name: &str| response.header(name);
///         let answer = FetchResponse::from_http(response.status, headers)?;
///         Ok(answer.body(response.body))
///     }
/// }
/// ```
///
/// It is called on a thread of its own, so it may block for as long as it likes: a caller that cancels
/// does not wait for it. It should still have a timeout, or that thread stays until the program ends.
pub trait Fetch: Send + Sync {
    /// Asks for a file, and answers when the body can be read.
    ///
    /// # Errors
    ///
    /// There is no answer, or none that is a file.
    fn get(&self, request: &FetchRequest) -> Result<FetchResponse, FetchError>;
}

impl<T: Fetch + ?Sized> Fetch for Arc<T> {
    fn get(&self, request: &FetchRequest) -> Result<FetchResponse, FetchError> {
        (**self).get(request)
    }
}

/// What a [`Fetch`] is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    url: String,
    range: Option<Range>,
    if_none_match: Option<String>,
}

/// From where to where, and for which version of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) validator: String,
}

impl FetchRequest {
    pub(super) fn new(url: &str, range: Option<Range>, if_none_match: Option<String>) -> Self {
        Self {
            url: url.to_owned(),
            range,
            if_none_match,
        }
    }

    /// The address, as the caller gave it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The first byte that is wanted, for a file that is there up to it. The whole file is an answer, too.
    #[must_use]
    pub fn start(&self) -> Option<u64> {
        self.range.as_ref().map(|range| range.start)
    }

    /// The ETag of the file that is known already: "not modified" is an answer.
    #[must_use]
    pub fn if_none_match(&self) -> Option<&str> {
        self.if_none_match.as_deref()
    }

    /// The headers that say so in HTTP.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        // Lengths and ranges count the bytes of the file, not those of a coding of the transport.
        let mut headers = vec![("Accept-Encoding", "identity".to_owned())];
        if let Some(range) = &self.range {
            headers.push(("Range", format!("bytes={}-", range.start)));
            headers.push(("If-Range", range.validator.clone()));
        }
        if let Some(etag) = &self.if_none_match {
            headers.push(("If-None-Match", etag.clone()));
        }
        headers.into_iter()
    }
}

/// What a [`Fetch`] answers.
pub struct FetchResponse {
    pub(super) head: Head,
    pub(super) body: Box<dyn Read + Send>,
}

/// An answer without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: FetchStatus,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    /// The bytes of this body, which is not the whole file when it is a part.
    pub(super) length: Option<u64>,
}

/// What kind of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchStatus {
    /// The whole file (200).
    Full,
    /// The file from a byte to its end (206).
    Partial {
        /// The first byte.
        start: u64,
        /// The bytes of the whole file.
        total: Option<u64>,
    },
    /// The file is the one that is known already (304).
    NotModified,
    /// The file ends before the first byte that is wanted (416).
    RangeNotSatisfiable,
}

impl FetchResponse {
    /// An answer of this kind, with nothing in its body.
    #[must_use]
    pub fn new(status: FetchStatus) -> Self {
        Self {
            head: Head {
                status,
                etag: None,
                last_modified: None,
                length: None,
            },
            body: Box::new(io::empty()),
        }
    }

    /// The answer that an HTTP status and headers stand for; `header` finds one by its name, whatever
    /// its case. Follow redirects before.
    ///
    /// # Errors
    ///
    /// The status is that of no file, or a part does not say which part it is.
    pub fn from_http(
        status: u16,
        header: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, FetchError> {
        let status = match status {
            200 => FetchStatus::Full,
            206 => header("content-range")
                .and_then(|range| content_range(&range))
                .ok_or(FetchError::Protocol("a part that does not say which"))?,
            304 => FetchStatus::NotModified,
            416 => FetchStatus::RangeNotSatisfiable,
            other => return Err(FetchError::Status(other)),
        };
        let response = Self::new(status);
        let coded = header("content-encoding")
            .is_some_and(|coding| !coding.trim().eq_ignore_ascii_case("identity"));
        if coded {
            // A client may have decoded it: then what is said of the file is not true of the body.
            return Ok(response);
        }
        Ok(Self {
            head: Head {
                etag: header("etag").filter(|text| is_plain(text)),
                last_modified: header("last-modified").filter(|text| is_plain(text)),
                length: header("content-length").and_then(|text| text.trim().parse().ok()),
                ..response.head
            },
            ..response
        })
    }

    /// The bytes of the file.
    #[must_use]
    pub fn body(mut self, body: impl Read + Send + 'static) -> Self {
        self.body = Box::new(body);
        self
    }

    /// How many bytes the body has. A body of another length is not taken for the file.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        self.head.length = Some(bytes);
        self
    }

    /// The name of this version of the file, with its quotes: a fetch that is cut is taken up only
    /// where there is one that is strong, or a date of modification.
    #[must_use]
    pub fn etag(mut self, etag: impl Into<String>) -> Self {
        self.head.etag = Some(etag.into()).filter(|text| is_plain(text));
        self
    }

    /// When the file was last modified, in the form of HTTP.
    #[must_use]
    pub fn last_modified(mut self, date: impl Into<String>) -> Self {
        self.head.last_modified = Some(date.into()).filter(|text| is_plain(text));
        self
    }
}

impl fmt::Debug for FetchResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head.fmt(f)
    }
}

impl Head {
    /// What names this version of the file byte for byte, as `If-Range` takes it: RFC 9110, 13.1.5.
    pub(super) fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|etag| etag.starts_with('"'));
        strong.or(self.last_modified.as_deref())
    }

    /// The bytes of the whole file.
    pub(super) fn total(&self) -> Option<u64> {
        match self.status {
            FetchStatus::Partial { start, total: None } => start.checked_add(self.length?),
            FetchStatus::Partial { total, .. } => total,
            _ => self.length,
        }
    }
}

/// `bytes FIRST-LAST/TOTAL`, where the total may be `*`: RFC 9110, 14.4.
fn content_range(text: &str) -> Option<FetchStatus> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let start: u64 = first.parse().ok()?;
    let last: u64 = last.parse().ok()?;
    let total = match total {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    // A part that stops before the end of the file is no continuation.
    let to_the_end = total.is_none_or(|total: u64| last.checked_add(1) == Some(total));
    (start <= last && to_the_end).then_some(FetchStatus::Partial { start, total })
}

/// Whether a text can go into a header and a record as it is.
fn is_plain(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn http(status: u16, headers: &[(&str, &str)]) -> Result<FetchResponse, FetchError> {
        FetchResponse::from_http(status, |wanted| {
            let found = headers.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn http_answers_are_read() {
        let full = http(200, &[("content-length", "12"), ("etag", "\"a\"")]).expect("a file");
        assert_eq!(full.head.total(), Some(12));
        assert_eq!(full.head.validator(), Some("\"a\""));
        let part = http(
            206,
            &[("content-range", "bytes 5-11/12"), ("content-length", "7")],
        )
        .expect("a part");
        let status = FetchStatus::Partial {
            start: 5,
            total: Some(12),
        };
        assert_eq!(part.head.status, status);
        assert_eq!(part.head.total(), Some(12));
        let open = http(
            206,
            &[("content-range", "bytes 5-11/*"), ("content-length", "7")],
        )
        .expect("a part of a file of unknown length");
        assert_eq!(open.head.total(), Some(12));
        assert!(matches!(http(404, &[]), Err(FetchError::Status(404))));
        assert!(matches!(http(206, &[]), Err(FetchError::Protocol(_))));
        for range in [
            "bytes 5-4/12",
            "bytes 5-10/12",
            "bytes */12",
            "bytes 5-18446744073709551615/12",
            "5-11/12",
        ] {
            let answer = http(206, &[("content-range", range)]);
            assert!(matches!(answer, Err(FetchError::Protocol(_))), "{range}");
        }
    }

    #[test]
    fn only_a_strong_validator_continues_a_file() {
        let weak = http(200, &[("etag", "W/\"a\"")]).expect("a file");
        assert_eq!(weak.head.validator(), None);
        let date = "Sat, 21 Nov 2026 10:00:00 GMT";
        let dated = http(200, &[("etag", "W/\"a\""), ("last-modified", date)]).expect("a file");
        assert_eq!(dated.head.validator(), Some(date));
        let broken = http(200, &[("etag", "\"a\r\nX: y\"")]).expect("a file");
        assert_eq!(broken.head.validator(), None);
    }

    /// Of a body that the client decodes, the headers tell the length before that.
    #[test]
    fn a_coded_body_has_no_length() {
        let headers = [
            ("content-encoding", "gzip"),
            ("content-length", "12"),
            ("etag", "\"a\""),
        ];
        let coded = http(200, &headers).expect("a file");
        assert_eq!(coded.head.length, None);
        assert_eq!(coded.head.validator(), None);
    }

    #[test]
    fn a_request_is_its_headers() {
        let range = Range {
            start: 7,
            validator: "\"a\"".to_owned(),
        };
        let request = FetchRequest::new("http://h/x", Some(range), None);
        let headers: Vec<_> = request.headers().collect();
        assert!(headers.contains(&("Range", "bytes=7-".to_owned())));
        assert!(headers.contains(&("If-Range", "\"a\"".to_owned())));
        assert!(headers.iter().all(|(name, _)| *name != "If-None-Match"));
    }
}
