//! The form of answers and parameters as data, so that tests, pages and the command line can read it.

use crate::SecretText;

/// The form of a value in an answer's JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// JSON string.
    String,
    /// JSON number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// JSON array; in XML the element is repeated.
    Array(&'static Shape),
    /// JSON object with these fields.
    Object(&'static [Field]),
}

/// One field of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name on the wire.
    pub name: &'static str,
    /// Form of the value.
    pub shape: Shape,
    /// What it means.
    pub doc: &'static str,
}

/// A Rust type that has a [`Shape`].
pub trait Shaped {
    /// The form on the wire.
    const SHAPE: Shape;

    /// Whether the value is left out of an answer.
    fn absent(&self) -> bool {
        false
    }
}

impl Shaped for String {
    const SHAPE: Shape = Shape::String;
}

impl Shaped for SecretText {
    const SHAPE: Shape = Shape::String;
}

impl Shaped for i64 {
    const SHAPE: Shape = Shape::Integer;
}

impl Shaped for bool {
    const SHAPE: Shape = Shape::Boolean;
}

impl<T: Shaped> Shaped for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    fn absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Shaped + 'static> Shaped for Vec<T> {
    const SHAPE: Shape = Shape::Array(&T::SHAPE);
}

/// How a parameter's value is laid out on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamShape {
    /// Text under the parameter's own name.
    String,
    /// Decimal integer.
    Integer,
    /// `true` or `false`, in any case.
    Boolean,
    /// One JSON object as text.
    JsonMap,
    /// One JSON array of objects as text.
    JsonList(&'static [&'static str]),
    /// `Name.1`, `Name.2`, ….
    List,
    /// `Name.1.Field`, ….
    ObjectList(&'static [&'static str]),
    /// `Name.Field.<key>`, with a map inside.
    FlatObject(&'static [&'static str]),
}
