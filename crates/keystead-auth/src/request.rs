//! The parts of a request that signatures are about.

use std::fmt;

use http::HeaderMap;

use crate::pairs::Pairs;

/// A request as it was received, borrowed.
///
/// `query` and `form` are the decoded pairs in the order received. `body` is the raw body: for a form body both `form` and
/// `body` are filled, because V1 signs the fields and V3 the bytes.
#[derive(Clone, Copy)]
pub struct RequestView<'a> {
    /// The method as it stood on the request line, for example `POST`.
    pub method: &'a str,
    /// The path as received, undecoded. Empty is taken as `/`.
    pub path: &'a str,
    /// HTTP/2 `:authority`, which stands in for a `host` header that is not there. `None` on HTTP/1.
    pub authority: Option<&'a str>,
    /// The headers as received.
    pub headers: &'a HeaderMap,
    /// The decoded query parameters.
    pub query: &'a Pairs<'a>,
    /// The decoded fields of a form body; empty for any other body.
    pub form: &'a Pairs<'a>,
    /// The body's bytes.
    pub body: &'a [u8],
}

impl RequestView<'_> {
    /// Whether both views show the same request: the same memory, not merely equal contents.
    pub(crate) fn shows_same_as(&self, other: &RequestView<'_>) -> bool {
        std::ptr::eq(self.headers, other.headers)
            && self.method == other.method
            && self.path == other.path
            && self.authority == other.authority
            && same_slice(self.query, other.query)
            && same_slice(self.form, other.form)
            && same_slice(self.body, other.body)
    }
}

/// Only the request line's shape: queries, headers and bodies hold secrets.
impl fmt::Debug for RequestView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestView")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("authority", &self.authority)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Empty slices may have any address, so they are equal to each other.
fn same_slice<T>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && (a.is_empty() || std::ptr::eq(a.as_ptr(), b.as_ptr()))
}
