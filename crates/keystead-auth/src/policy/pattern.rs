//! Patterns with `*` and `?`, made ready when a document is read.

/// A text in which `*` stands for any run of characters, none included, and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// As it was written.
    text: Box<str>,
    shape: Shape,
}

/// How a pattern is compared; most are one of the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// No wildcard.
    Exact,
    /// A text and then `*`.
    Prefix,
    /// Anything else: what stands before the first wildcard, what stands after the last `*`, and between them what must be
    /// searched.
    General { prefix: usize, suffix: usize, shortest: usize },
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
        let inside = || {
            let pattern = self.text.strip_suffix("/*");
            pattern.is_some_and(|pattern| {
                Shape::of(pattern).compare::<FOLD>(pattern.as_bytes(), text.as_bytes())
            })
        };
        self.compare::<FOLD>(text) || inside()
    }

    pub(super) fn compare<const FOLD: bool>(&self, text: &str) -> bool {
        self.shape.compare::<FOLD>(self.text.as_bytes(), text.as_bytes())
    }
}

impl Shape {
    fn of(text: &str) -> Self {
        let Some(prefix) = text.find(['*', '?']) else { return Self::Exact };
        if &text[prefix..] == "*" {
            return Self::Prefix;
        }
        let suffix = text.rfind('*').map_or(0, |star| text.len() - star - 1);
        // A `?` after the last `*` ends at an unknown place, so it is searched.
        let suffix = if text[text.len() - suffix..].contains('?') { 0 } else { suffix };
        Self::General { prefix, suffix, shortest: text.bytes().filter(|byte| *byte != b'*').count() }
    }

    fn compare<const FOLD: bool>(self, pattern: &[u8], text: &[u8]) -> bool {
        match self {
            Self::Exact => same::<FOLD>(pattern, text),
            Self::Prefix => {
                let prefix = &pattern[..pattern.len() - 1];
                text.get(..prefix.len()).is_some_and(|start| same::<FOLD>(prefix, start))
            }
            // Each `?` needs a byte at least, so a text that is long enough has room for both ends.
            Self::General { prefix, suffix, shortest } => {
                text.len() >= shortest
                    && same::<FOLD>(&pattern[..prefix], &text[..prefix])
                    && same::<FOLD>(&pattern[pattern.len() - suffix..], &text[text.len() - suffix..])
                    && search::<FOLD>(
                        &pattern[prefix..pattern.len() - suffix],
                        &text[prefix..text.len() - suffix],
                    )
            }
        }
    }
}

fn same<const FOLD: bool>(a: &[u8], b: &[u8]) -> bool {
    if FOLD { a.eq_ignore_ascii_case(b) } else { a == b }
}

fn same_byte<const FOLD: bool>(a: u8, b: u8) -> bool {
    if FOLD { a.eq_ignore_ascii_case(&b) } else { a == b }
}

/// Two pointers: a mismatch goes back to the last `*` and lets it take more. The `*` before it are settled, so the time is at
/// most the product of both lengths.
fn search<const FOLD: bool>(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where the pattern goes on after the last `*`, and up to where that took the text.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                if p == pattern.len() {
                    return true;
                }
                star = Some((p, t));
            }
            Some(b'?') => {
                p += 1;
                t += width(byte);
            }
            Some(&wanted) if same_byte::<FOLD>(wanted, byte) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, taken)) = star else { return false };
                // By whole characters, so that `?` never begins inside of one.
                let mut next = taken + width(text[taken]);
                match pattern[after] {
                    b'*' | b'?' => {}
                    literal => {
                        let mut rest = text[next..].iter();
                        match rest.position(|byte| same_byte::<FOLD>(literal, *byte)) {
                            Some(skipped) => next += skipped,
                            None => return false,
                        }
                    }
                }
                star = Some((after, next));
                (p, t) = (after, next);
            }
        }
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
