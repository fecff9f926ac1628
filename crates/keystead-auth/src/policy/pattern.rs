//! Patterns with `*` and `?`, made ready when a document is read.

/// A text in which `*` stands for any run of characters, none included, and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written.
    text: Box<str>,
    shape: Shape,
}

/// What a pattern costs to compare; most are one of the first three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Nothing but `*`.
    Any,
    /// No wildcard.
    Exact,
    /// A text and then `*`.
    Prefix,
    /// Anything else. No text with fewer bytes than this can match.
    General(usize),
}

impl Pattern {
    /// Makes a pattern ready.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), shape: Shape::of(text) }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches all of the text, byte by byte.
    pub fn matches(&self, text: &str) -> bool {
        self.compare::<false>(text)
    }

    /// The same, with `A` to `Z` equal to `a` to `z`.
    pub fn matches_ignoring_case(&self, text: &str) -> bool {
        self.compare::<true>(text)
    }

    /// Whether it matches a container of resources: `…:key` is matched by what matches it, and by `…:key/*`.
    pub(super) fn matches_container<const FOLD: bool>(&self, text: &str) -> bool {
        let inside = || self.text.strip_suffix("/*").is_some_and(|pattern| wildcard::<FOLD>(pattern, text));
        self.compare::<FOLD>(text) || inside()
    }

    pub(super) fn compare<const FOLD: bool>(&self, text: &str) -> bool {
        match self.shape {
            Shape::Any => true,
            Shape::Exact => same::<FOLD>(self.text.as_bytes(), text.as_bytes()),
            Shape::Prefix => {
                let prefix = &self.text.as_bytes()[..self.text.len() - 1];
                text.as_bytes().get(..prefix.len()).is_some_and(|start| same::<FOLD>(prefix, start))
            }
            Shape::General(shortest) => text.len() >= shortest && wildcard::<FOLD>(&self.text, text),
        }
    }
}

impl Shape {
    fn of(text: &str) -> Self {
        let body = text.strip_suffix('*');
        match body {
            Some(body) if body.bytes().all(|byte| byte == b'*') => Self::Any,
            Some(body) if !body.contains(['*', '?']) => Self::Prefix,
            None if !text.contains('?') && !text.contains('*') => Self::Exact,
            _ => Self::General(text.bytes().filter(|byte| *byte != b'*').count()),
        }
    }
}

fn same<const FOLD: bool>(a: &[u8], b: &[u8]) -> bool {
    if FOLD { a.eq_ignore_ascii_case(b) } else { a == b }
}

/// Two pointers: a mismatch goes back to the last `*` and lets it take one character more. The `*` before it are settled,
/// so the time is at most the product of both lengths.
fn wildcard<const FOLD: bool>(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                back = Some((p, t));
                continue;
            }
            Some(b'?') => {
                p += 1;
                t += width(text[t]);
                continue;
            }
            Some(&byte) if same::<FOLD>(&[byte], &text[t..=t]) => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, taken)) = back else { return false };
        // By whole characters, so that `?` never begins inside of one.
        let next = taken + width(text[taken]);
        back = Some((after_star, next));
        (p, t) = (after_star, next);
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Bytes of the character that begins with this one in UTF-8.
fn width(first: u8) -> usize {
    match first {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
    }
}
