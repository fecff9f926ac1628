//! What a message is, and the macro that writes one.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::OperationDef;

/// A message of the instance API.
pub trait InstanceMessage: prost::Message + fmt::Debug + Default + Clone + 'static {
    /// Its fields, in the order of the published descriptors.
    const FIELDS: &'static [MessageField];

    /// Overwrites what must not stay in memory.
    fn wipe(&mut self);

    /// Its texts, numbers and switches that may be shown and are there, by the names of the descriptors; for logs.
    fn shown(&self) -> Vec<(Cow<'static, str>, Cow<'_, str>)>;

    /// Whether the field of this name is there: protobuf 3 sends no empty one and no zero.
    fn has(&self, name: &str) -> bool;

    /// Reads one off the wire. Unknown fields are passed over.
    ///
    /// # Errors
    /// When the bytes are no such message; what was read by then is wiped.
    fn read(bytes: &[u8]) -> Result<Guarded<Self>, prost::DecodeError> {
        let mut message = Guarded::<Self>::default();
        message.merge(bytes)?;
        Ok(message)
    }

    /// Its form on the wire, in memory that did not grow while it was written: no part of it is left elsewhere.
    fn write(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

/// An answer; each carries the request's id.
pub trait InstanceResponse: InstanceMessage {
    /// Puts the request's id into the answer.
    fn set_request_id(&mut self, id: &str);

    /// The request's id.
    fn request_id(&self) -> &str;
}

/// An operation of the instance API: its definition and its two messages.
pub trait InstanceOperation: Send + Sync + 'static {
    /// Everything about it as data.
    const DEF: &'static OperationDef;
    /// What a caller sends.
    type Request: InstanceMessage;
    /// What a caller gets.
    type Response: InstanceResponse;
}

/// One field of a message as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageField {
    /// Name in the published descriptors.
    pub name: &'static str,
    /// Number on the wire.
    pub number: u32,
    /// Type in protobuf: `string`, `bytes`, `int32`, `bool` or `repeated string`.
    pub kind: &'static str,
    /// Whether its value must not be shown.
    pub secret: bool,
    /// What it means.
    pub doc: &'static str,
}

/// A message whose secrets are overwritten when it is dropped.
#[derive(Default)]
pub struct Guarded<M: InstanceMessage>(M);

impl<M: InstanceMessage> Guarded<M> {
    /// Takes a message into care.
    pub fn new(message: M) -> Self {
        Self(message)
    }
}

impl<M: InstanceMessage> Deref for Guarded<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.0
    }
}

impl<M: InstanceMessage> DerefMut for Guarded<M> {
    fn deref_mut(&mut self) -> &mut M {
        &mut self.0
    }
}

impl<M: InstanceMessage> Drop for Guarded<M> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

impl<M: InstanceMessage> fmt::Debug for Guarded<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Whether a field would be sent.
pub(crate) fn is_there<T: Default + PartialEq>(field: &T) -> bool {
    *field != T::default()
}

/// Defines messages. Kinds of fields: `string`, `strings` (repeated), `bytes`, `int32`, `bool`; `secret` and
/// `secret_string` are bytes and text that `Debug` does not show and [`InstanceMessage::wipe`] overwrites.
macro_rules! messages {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident {
            $( $(#[doc = $field_doc:literal])* $kind:ident $field:ident = $number:tt as $wire:literal, )*
        }
    )*) => {
        $(
            $crate::instance::message::message! {
                @fields { $(#[doc = $doc])* $name } {}
                $( $(#[doc = $field_doc])* $kind $field = $number, )*
            }

            impl $crate::instance::InstanceMessage for $name {
                const FIELDS: &'static [$crate::instance::MessageField] = &[$($crate::instance::MessageField {
                    name: $wire,
                    number: $number,
                    kind: $crate::instance::message::message!(@kind $kind),
                    secret: $crate::instance::message::message!(@is_secret $kind),
                    doc: concat!($($field_doc, "\n"),*),
                }),*];

                fn wipe(&mut self) {
                    $($crate::instance::message::message!(@wipe $kind self.$field);)*
                }

                fn shown(&self) -> Vec<(::std::borrow::Cow<'static, str>, ::std::borrow::Cow<'_, str>)> {
                    #[allow(unused_mut)]
                    let mut all = Vec::new();
                    $($crate::instance::message::message!(@shown $kind all self.$field $wire);)*
                    all
                }

                fn has(&self, name: &str) -> bool {
                    match name {
                        $($wire => $crate::instance::message::is_there(&self.$field),)*
                        _ => false,
                    }
                }
            }

            impl ::std::fmt::Debug for $name {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    let mut shown = f.debug_struct(stringify!($name));
                    $($crate::instance::message::message!(@debug $kind shown self.$field $wire);)*
                    shown.finish()
                }
            }
        )*
    };
}
pub(crate) use messages;

macro_rules! message {
    (@fields { $(#[doc = $doc:literal])* $name:ident } { $($done:tt)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, PartialEq, ::prost::Message)]
        #[prost(skip_debug)]
        pub struct $name { $($done)* }
    };
    (@fields $head:tt { $($done:tt)* } $(#[doc = $d:literal])* string $field:ident = $n:tt, $($rest:tt)*) => {
        $crate::instance::message::message! {
            @fields $head { $($done)* $(#[doc = $d])* #[prost(string, tag = $n)] pub $field: String, } $($rest)*
        }
    };
    (@fields $head:tt { $($done:tt)* } $(#[doc = $d:literal])* secret_string $field:ident = $n:tt, $($rest:tt)*) => {
        $crate::instance::message::message! {
            @fields $head { $($done)* $(#[doc = $d])* #[prost(string, tag = $n)] pub $field: String, } $($rest)*
        }
    };
    (@fields $head:tt { $($done:tt)* } $(#[doc = $d:literal])* strings $field:ident = $n:tt, $($rest:tt)*) => {
        $crate::instance::message::message! {
            @fields $head { $($done)* $(#[doc = $d])* #[prost(string, repeated, tag = $n)] pub $field: Vec<String>, }
            $($rest)*
        }
    };
    (@fields $head:tt { $($done:tt)* } $(#[doc = $d:literal])* bytes $field:ident = $n:tt, $($rest:tt)*) => {
        $crate::instance::message::message! {
            @fields $head { $($done)* $(#[doc = $d])* #[prost(bytes = "vec", tag = $n)] pub $field: Vec<u8>, } $($rest)*
        }
    };
    (@fields $head:tt { $($done:tt)* } $(#[doc = $d:literal])* secret $field:ident = $n:tt, $($rest:tt)*) => {
        $crate::instance::message::message! {
            @fields $head { $($done)* $(#[doc = $d])* #[prost(bytes = "vec", tag = $n)] pub $field: Vec<u8>, } $($rest)*
        }
    };
    (@fields $head:tt { $($done:tt)* } $(#[doc = $d:literal])* int32 $field:ident = $n:tt, $($rest:tt)*) => {
        $crate::instance::message::message! {
            @fields $head { $($done)* $(#[doc = $d])* #[prost(int32, tag = $n)] pub $field: i32, } $($rest)*
        }
    };
    (@fields $head:tt { $($done:tt)* } $(#[doc = $d:literal])* bool $field:ident = $n:tt, $($rest:tt)*) => {
        $crate::instance::message::message! {
            @fields $head { $($done)* $(#[doc = $d])* #[prost(bool, tag = $n)] pub $field: bool, } $($rest)*
        }
    };
    (@kind strings) => { "repeated string" };
    (@kind secret) => { "bytes" };
    (@kind secret_string) => { "string" };
    (@kind $kind:ident) => { stringify!($kind) };
    (@is_secret secret) => { true };
    (@is_secret secret_string) => { true };
    (@is_secret $kind:ident) => { false };
    (@wipe secret $self:ident.$field:ident) => { ::zeroize::Zeroize::zeroize(&mut $self.$field) };
    (@wipe secret_string $self:ident.$field:ident) => { ::zeroize::Zeroize::zeroize(&mut $self.$field) };
    (@wipe $kind:ident $self:ident.$field:ident) => {};
    (@shown string $all:ident $self:ident.$field:ident $wire:literal) => {
        if !$self.$field.is_empty() {
            $all.push(($wire.into(), $self.$field.as_str().into()));
        }
    };
    (@shown int32 $all:ident $self:ident.$field:ident $wire:literal) => {
        if $self.$field != 0 {
            $all.push(($wire.into(), $self.$field.to_string().into()));
        }
    };
    (@shown bool $all:ident $self:ident.$field:ident $wire:literal) => {
        if $self.$field {
            $all.push(($wire.into(), "true".into()));
        }
    };
    (@shown $kind:ident $all:ident $self:ident.$field:ident $wire:literal) => {};
    (@debug secret $shown:ident $self:ident.$field:ident $wire:literal) => {
        $shown.field($wire, &format_args!("({} bytes, redacted)", $self.$field.len()))
    };
    (@debug secret_string $shown:ident $self:ident.$field:ident $wire:literal) => {
        $shown.field($wire, &format_args!("({} bytes, redacted)", $self.$field.len()))
    };
    (@debug $kind:ident $shown:ident $self:ident.$field:ident $wire:literal) => {
        $shown.field($wire, &$self.$field)
    };
}
pub(crate) use message;
