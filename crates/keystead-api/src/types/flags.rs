use std::borrow::Cow;

use super::text::wire_text;

/// `true` or `false` in a parameter that the service defines as text.
#[derive(Clone, Default)]
pub struct BoolText(Cow<'static, str>);

impl BoolText {
    fn read(text: Cow<'_, str>) -> Self {
        match &*text {
            "true" => true.into(),
            "false" => false.into(),
            _ => Self(Cow::Owned(text.into_owned())),
        }
    }
}

impl From<bool> for BoolText {
    fn from(value: bool) -> Self {
        Self(Cow::Borrowed(if value { "true" } else { "false" }))
    }
}

wire_text!(BoolText);

/// A whole number in a parameter that the service defines as text.
#[derive(Clone, Default)]
pub struct IntText(Cow<'static, str>);

impl IntText {
    fn read(text: Cow<'_, str>) -> Self {
        Self(Cow::Owned(text.into_owned()))
    }
}

/// Any integer type would leave the type of a literal open, so there is one.
impl From<u32> for IntText {
    fn from(value: u32) -> Self {
        Self(Cow::Owned(value.to_string()))
    }
}

wire_text!(IntText);

/// Several values with commas between, such as zones. The values have none.
#[derive(Clone, Default)]
pub struct CommaList(Cow<'static, str>);

impl CommaList {
    /// The values.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        self.split(',').filter(|item| !item.is_empty())
    }

    fn read(text: Cow<'_, str>) -> Self {
        Self(Cow::Owned(text.into_owned()))
    }
}

impl From<&[&str]> for CommaList {
    fn from(items: &[&str]) -> Self {
        Self(Cow::Owned(items.join(",")))
    }
}

impl<const N: usize> From<[&str; N]> for CommaList {
    fn from(items: [&str; N]) -> Self {
        Self(Cow::Owned(items.join(",")))
    }
}

impl From<Vec<String>> for CommaList {
    fn from(items: Vec<String>) -> Self {
        Self(Cow::Owned(items.join(",")))
    }
}

wire_text!(CommaList);

#[cfg(test)]
mod tests {
    use super::{BoolText, CommaList, IntText};

    #[test]
    fn as_they_travel() {
        assert_eq!(BoolText::from(true), "true");
        assert_eq!(BoolText::from("TRUE"), "TRUE");
        assert_eq!(IntText::from(30), "30");
        let list = CommaList::from(["a", "b"]);
        assert_eq!(list, "a,b");
        assert_eq!(list.items().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(CommaList::from("").items().count(), 0);
    }
}
