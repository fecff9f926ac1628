/// What all types have that are a text on the wire and no secret. The type has a field `0: Cow<'static, str>`, and a function
/// `read` that makes one of a text.
macro_rules! wire_text {
    ($name:ident $(<$param:ident>)?) => {
        impl $(<$param>)? $name $(<$param>)? {
            /// The text as it travels.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $(<$param>)? ::std::ops::Deref for $name $(<$param>)? {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl $(<$param>)? AsRef<str> for $name $(<$param>)? {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl $(<$param>)? ::std::fmt::Display for $name $(<$param>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&*self.0, f)
            }
        }

        impl $(<$param>)? ::std::fmt::Debug for $name $(<$param>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl $(<$param>)? PartialEq for $name $(<$param>)? {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl $(<$param>)? Eq for $name $(<$param>)? {}

        impl $(<$param>)? ::std::hash::Hash for $name $(<$param>)? {
            fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl $(<$param>)? PartialEq<str> for $name $(<$param>)? {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl $(<$param>)? PartialEq<&str> for $name $(<$param>)? {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl $(<$param>)? From<&str> for $name $(<$param>)? {
            /// Takes the text as it travels.
            fn from(text: &str) -> Self {
                Self::read(::std::borrow::Cow::Borrowed(text))
            }
        }

        impl $(<$param>)? From<String> for $name $(<$param>)? {
            /// Takes the text as it travels.
            fn from(text: String) -> Self {
                Self::read(::std::borrow::Cow::Owned(text))
            }
        }

        impl $(<$param>)? From<$name $(<$param>)?> for String {
            fn from(value: $name $(<$param>)?) -> Self {
                value.0.into_owned()
            }
        }

        impl $(<$param>)? ::serde::Serialize for $name $(<$param>)? {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de $(, $param)?> ::serde::Deserialize<'de> for $name $(<$param>)? {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as ::serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }

        impl $(<$param>)? $crate::Shaped for $name $(<$param>)? {
            const SHAPE: $crate::Shape = $crate::Shape::String;
        }

        impl $(<$param>)? $crate::ParamType for $name $(<$param>)? {
            const SHAPE: $crate::ParamShape = $crate::ParamShape::String;

            fn read(
                params: $crate::Params<'_>,
                name: &'static str,
            ) -> Result<Option<Self>, $crate::ApiError> {
                Ok(params.get(name).map(Self::from))
            }

            fn write(&self, name: &'static str, place: $crate::Placement, out: &mut $crate::WireParams) {
                out.push(place, name, self.as_str());
            }
        }
    };
}

pub(crate) use wire_text;
