/// Defines a type for a list of known values that may grow: a constant for each known one, and any other text as well.
///
/// A known value costs no allocation, also when it was read from an answer.
macro_rules! open_enum {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $( $(#[doc = $value_doc:literal])* $constant:ident = $value:literal, )+
        }
    ) => {
        $(#[doc = $doc])*
        ///
        /// The constants are the values that are known now; the service may send others, and a text makes any of them:
        /// compare with `==`, or match on `as_str()` with an arm for the rest.
        #[derive(Clone, Default)]
        pub struct $name(::std::borrow::Cow<'static, str>);

        impl $name {
            $(
                #[doc = concat!("`", $value, "`")]
                ///
                $(#[doc = $value_doc])*
                pub const $constant: Self = Self(::std::borrow::Cow::Borrowed($value));
            )+

            /// The values that are known now.
            pub const KNOWN: &[Self] = &[$(Self::$constant),+];

            /// Whether this is one of the values that are known now.
            pub fn is_known(&self) -> bool {
                Self::KNOWN.contains(self)
            }

            fn read(text: ::std::borrow::Cow<'_, str>) -> Self {
                match &*text {
                    $($value => Self::$constant,)+
                    _ => Self(::std::borrow::Cow::Owned(text.into_owned())),
                }
            }
        }

        $crate::types::text::wire_text!($name);
    };
}

pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use crate::types::KeySpec;

    #[test]
    fn known_values_and_others() {
        let known = KeySpec::from("RSA_2048".to_owned());
        assert_eq!(known, KeySpec::RSA_2048);
        assert!(known.is_known());
        let new = KeySpec::from("RSA_8192");
        assert!(!new.is_known());
        assert_eq!((new.as_str(), format!("{new} {new:?}").as_str()), ("RSA_8192", r#"RSA_8192 "RSA_8192""#));
        assert_eq!(serde_json::to_string(&[known, new]).ok().as_deref(), Some(r#"["RSA_2048","RSA_8192"]"#));
    }
}
