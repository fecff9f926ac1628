//! What an operation's definition holds, and the macro that writes one.

use serde::{Serialize, de::DeserializeOwned};

use crate::{ApiError, ErrorCode, Field, OperationId, ParamShape, Params, WireParams};

/// An operation: its definition and its two types.
pub trait Operation: Send + Sync + 'static {
    /// Everything about it as data.
    const DEF: &'static OperationDef;
    /// What a caller sends.
    type Request: WireRequest;
    /// What a caller gets.
    type Response: WireResponse;
}

/// A request that can be read from and written to the wire.
pub trait WireRequest: Sized + Send {
    /// Reads the parameters.
    ///
    /// # Errors
    /// 400 `Missing<Parameter>` or `InvalidParameter`, for the first parameter that is wrong.
    fn read(params: Params<'_>) -> Result<Self, ApiError>;

    /// Writes the parameters that are set.
    fn write(&self, out: &mut WireParams);
}

/// An answer as JSON; `RequestId` is part of each.
pub trait WireResponse: Serialize + DeserializeOwned + Send {
    /// The answer's fields, `RequestId` included.
    const FIELDS: &'static [Field];

    /// Puts the request's id into the answer.
    fn set_request_id(&mut self, id: &str);

    /// The request's id, for support and logs.
    fn request_id(&self) -> &str;
}

/// An operation's definition as data.
#[derive(Debug)]
pub struct OperationDef {
    /// Which one it is.
    pub id: OperationId,
    /// Product and version tell operations of one name apart.
    pub product: Product,
    /// Action name, such as `CreateKey`.
    pub name: &'static str,
    /// The same in snake case, as the Rust client calls it.
    pub snake_name: &'static str,
    /// The HTTP method that SDKs use. The service takes GET and POST for every operation.
    pub method: Method,
    /// Where it is offered.
    pub gateways: Gateways,
    /// How a caller proves who it is.
    pub auth: Auth,
    /// Whether sending it twice does the same as sending it once.
    pub repeat: Repeat,
    /// What the caller must be allowed to do.
    pub access: &'static [AccessRule],
    /// Codes of its own that it may answer with, beside the authentication errors.
    pub errors: &'static [ErrorCode],
    /// The parameters, required ones first.
    pub parameters: &'static [ParameterDef],
    /// The answer's fields.
    pub response: &'static [Field],
    /// What it does.
    pub doc: &'static str,
}

/// A product of the cloud: each has an API of its own, told apart on the wire by the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Product {
    /// Key Management Service.
    Kms,
    /// Resource Access Management: users, groups, roles, policies.
    Ram,
    /// Identity Management Service: OIDC providers.
    Ims,
    /// Security Token Service: sessions of roles.
    Sts,
    /// The API of a KMS instance, which has a protocol of its own.
    Instance,
}

impl Product {
    /// Those of the OpenAPI.
    pub const ALL: [Self; 4] = [Self::Kms, Self::Ram, Self::Ims, Self::Sts];

    /// Its API version.
    pub fn version(self) -> &'static str {
        match self {
            Self::Kms => "2016-01-20",
            Self::Ram => "2015-05-01",
            Self::Ims => "2019-08-15",
            Self::Sts => "2015-04-01",
            Self::Instance => crate::instance::API_VERSION,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kms => "Kms",
            Self::Ram => "Ram",
            Self::Ims => "Ims",
            Self::Sts => "Sts",
            Self::Instance => "Instance",
        }
    }

    /// The product of the OpenAPI with this version.
    pub fn of_version(version: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.version() == version)
    }

    /// The service in the ARNs of its resources; identities are RAM's, whichever product manages them.
    pub fn arn_service(self) -> &'static str {
        match self {
            Self::Kms | Self::Instance => "kms",
            Self::Ram | Self::Ims | Self::Sts => "ram",
        }
    }
}

/// HTTP method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl OperationDef {
    /// The name with the product's in front where it is not KMS: both KMS and RAM have a `CreatePolicy`.
    pub fn label(&self) -> String {
        match self.product {
            Product::Kms => self.name.to_owned(),
            product => format!("{}.{}", product.name(), self.name),
        }
    }

    /// API version, `2016-01-20` for KMS.
    pub fn version(&self) -> &'static str {
        self.product.version()
    }
}

impl Method {
    /// The method's name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// The gateways that offer an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateways {
    /// `kms.<region>…` only.
    Shared,
    /// Also `<instance id>.cryptoservice.kms…`.
    Both,
    /// `<instance id>.cryptoservice.kms…` only.
    Dedicated,
}

/// How the caller of an operation proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// By a signature.
    Signed,
    /// By something among the parameters; official clients do not sign such a call.
    Anonymous,
}

/// Whether a client may send a request again when it does not know what became of the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Twice does the same as once.
    Safe,
    /// Only when the request surely was not processed.
    Unsafe,
}

/// One permission that a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessRule {
    /// RAM action, such as `kms:Encrypt`.
    pub action: &'static str,
    /// On which resource.
    pub resource: ResourceRule,
}

/// How the resource of a permission follows from a request. Names in here are parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceRule {
    /// `*`
    Any,
    /// The account's container of such resources: `key`, `alias`, `secret`, ….
    Container(&'static str),
    /// The key that the parameter names by id, alias or ARN.
    Key(&'static str),
    /// As [`ResourceRule::Key`], when the parameter is given.
    KeyIfGiven(&'static str),
    /// The key that made the ciphertext in the parameter.
    KeyOfCiphertext(&'static str),
    /// The key to which the alias in the parameter points now.
    KeyOfAlias(&'static str),
    /// The alias that the parameter names.
    Alias(&'static str),
    /// The secret that the parameter names by name or ARN.
    Secret(&'static str),
    /// As [`ResourceRule::Secret`], when the parameter is given.
    SecretIfGiven(&'static str),
    /// The key that protects that secret, when its owner chose one.
    KeyOfSecret(&'static str),
    /// Every secret in the list.
    EachSecret(&'static str),
    /// The resources that a tag operation names: its `ResourceType` with each of the parameter's ids.
    EachTagged(&'static str),
    /// Any other resource, `<type>/<value of the parameter>`.
    Named(&'static str, &'static str),
    /// The same; without the parameter the caller, who may do this with itself only when it is a RAM user or the account.
    NamedOrSelf(&'static str, &'static str),
    /// The role that the parameter names by its ARN, which may be another account's.
    RoleOfArn(&'static str),
}

/// One parameter as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParameterDef {
    /// Name on the wire.
    pub name: &'static str,
    /// Name in Rust.
    pub field: &'static str,
    /// Layout of the value.
    pub shape: ParamShape,
    /// Where SDKs put it. The service reads both places.
    pub placement: Placement,
    /// Whether a request without it is refused.
    pub required: bool,
    /// Whether the value is a [`SecretText`](crate::SecretText).
    pub secret: bool,
    /// What it means.
    pub doc: &'static str,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// In the URL's query, also with POST.
    #[default]
    Query,
    /// In the form body.
    Form,
}

/// Defines an operation: its request, its response and its [`OperationDef`].
#[macro_export]
#[doc(hidden)]
macro_rules! operation {
    (
        $(#[doc = $doc:literal])*
        $name:ident ($snake:literal), $request:ident -> $response:ident;
        $(product: $product:ident as $id:ident;)?
        method: $method:ident;
        gateways: $gateways:ident;
        $(auth: $auth:ident;)?
        repeat: $repeat:ident;
        access: [$($action:literal on $rule:expr),* $(,)?];
        errors: [$($error:ident),* $(,)?];
        required {
            $( $(#[doc = $req_doc:literal])* $req_wire:literal $(@ $req_place:ident)? $req:ident : $req_ty:ty, )*
        }
        optional {
            $( $(#[doc = $opt_doc:literal])* $opt_wire:literal $(@ $opt_place:ident)? $opt:ident : $opt_ty:ty, )*
        }
        response {
            $( $(#[doc = $res_doc:literal])* $res_wire:literal $res:ident : $res_ty:ty, )*
        }
    ) => {
        $(#[doc = $doc])*
        ///
        #[doc = $crate::definition::errors_section!([$($req_wire)*] [$($error)*])]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::Operation for $name {
            const DEF: &'static $crate::OperationDef = &$crate::OperationDef {
                id: $crate::operation!(@id $name $($id)?),
                product: $crate::operation!(@product $($product)?),
                name: stringify!($name),
                snake_name: $snake,
                method: $crate::Method::$method,
                gateways: $crate::Gateways::$gateways,
                auth: $crate::operation!(@auth $($auth)?),
                repeat: $crate::Repeat::$repeat,
                access: &[$($crate::AccessRule { action: $action, resource: { use $crate::ResourceRule::*; $rule } }),*],
                errors: &[$($crate::ErrorCode::$error),*],
                parameters: &[
                    $($crate::ParameterDef {
                        name: $req_wire,
                        field: stringify!($req),
                        shape: <$req_ty as $crate::ParamType>::SHAPE,
                        placement: $crate::operation!(@place $($req_place)?),
                        required: true,
                        secret: <$req_ty as $crate::ParamType>::SECRET,
                        doc: concat!($($req_doc, "\n"),*),
                    },)*
                    $($crate::ParameterDef {
                        name: $opt_wire,
                        field: stringify!($opt),
                        shape: <$opt_ty as $crate::ParamType>::SHAPE,
                        placement: $crate::operation!(@place $($opt_place)?),
                        required: false,
                        secret: <$opt_ty as $crate::ParamType>::SECRET,
                        doc: concat!($($opt_doc, "\n"),*),
                    },)*
                ],
                response: <$response as $crate::WireResponse>::FIELDS,
                doc: concat!($($doc, "\n"),*),
            };
            type Request = $request;
            type Response = $response;
        }

        #[doc = concat!("What a caller of `", stringify!($name), "` sends.")]
        #[derive(Clone, Debug)]
        #[cfg_attr(test, allow(dead_code))]
        pub struct $request {
            $( $(#[doc = $req_doc])* pub $req: $req_ty, )*
            $( $(#[doc = $opt_doc])* pub $opt: Option<$opt_ty>, )*
        }

        impl $request {
            /// A request with everything that must be given.
            #[allow(clippy::new_without_default, clippy::too_many_arguments)]
            pub fn new($($req: impl Into<$req_ty>),*) -> Self {
                Self { $($req: $req.into(),)* $($opt: None,)* }
            }

            $(
                $(#[doc = $opt_doc])*
                #[must_use]
                pub fn $opt(mut self, value: impl Into<$opt_ty>) -> Self {
                    self.$opt = Some(value.into());
                    self
                }
            )*
        }

        impl $crate::WireRequest for $request {
            #[allow(unused_variables)]
            fn read(params: $crate::Params<'_>) -> Result<Self, $crate::ApiError> {
                Ok(Self {
                    $($req: $crate::operations::required::<$req_ty>(params, $req_wire)?,)*
                    $($opt: <$opt_ty as $crate::ParamType>::read(params, $opt_wire)?,)*
                })
            }

            #[allow(unused_variables)]
            fn write(&self, out: &mut $crate::WireParams) {
                $($crate::ParamType::write(&self.$req, $req_wire, $crate::operation!(@place $($req_place)?), out);)*
                $(if let Some(value) = &self.$opt {
                    $crate::ParamType::write(value, $opt_wire, $crate::operation!(@place $($opt_place)?), out);
                })*
            }
        }

        #[doc = concat!("What a caller of `", stringify!($name), "` gets.")]
        #[derive(Clone, Debug, Default, ::serde::Serialize, ::serde::Deserialize)]
        pub struct $response {
            $(
                $(#[doc = $res_doc])*
                #[serde(rename = $res_wire, default, skip_serializing_if = "crate::Shaped::absent")]
                pub $res: $res_ty,
            )*
            /// The request's id, for support and logs.
            #[serde(rename = "RequestId", default)]
            pub request_id: String,
        }

        impl $crate::WireResponse for $response {
            const FIELDS: &'static [$crate::Field] = &[
                $($crate::Field {
                    name: $res_wire,
                    shape: <$res_ty as $crate::Shaped>::SHAPE,
                    doc: concat!($($res_doc, "\n"),*),
                },)*
                $crate::Field {
                    name: "RequestId",
                    shape: $crate::Shape::String,
                    doc: " The request's id, for support and logs.\n",
                },
            ];

            fn set_request_id(&mut self, id: &str) {
                self.request_id.clear();
                self.request_id.push_str(id);
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }
        }
    };
    (@id $name:ident) => { $crate::OperationId::$name };
    (@id $name:ident $id:ident) => { $crate::OperationId::$id };
    (@product) => { $crate::Product::Kms };
    (@product $product:ident) => { $crate::Product::$product };
    (@auth) => { $crate::Auth::Signed };
    (@auth $auth:ident) => { $crate::Auth::$auth };
    (@place) => { $crate::Placement::Query };
    (@place form) => { $crate::Placement::Form };
}

/// The section of an operation's documentation with what the service may answer: the parameters that must be given, and the codes
/// of the definition.
macro_rules! errors_section {
    ([$($required:literal)*] [$($error:ident)*]) => {
        concat!(
            " # Errors\n",
            " What the service answers when it refuses, as `code()` of the client's error has it:\n\n",
            $(" - 400 `Missing", $required, "`: ", $required, " is mandatory for this action.\n",)*
            $($crate::error::error_item!($error),)*
            " - what [every operation](crate::reference::COMMON_ERRORS) may answer\n",
        )
    };
}
pub(crate) use errors_section;

/// Defines an object inside an answer.
#[macro_export]
#[doc(hidden)]
macro_rules! object {
    (
        $(#[doc = $doc:literal])*
        $name:ident {
            $( $(#[doc = $field_doc:literal])* $wire:literal $field:ident : $ty:ty, )*
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, ::serde::Serialize, ::serde::Deserialize)]
        pub struct $name {
            $(
                $(#[doc = $field_doc])*
                #[serde(rename = $wire, default, skip_serializing_if = "crate::Shaped::absent")]
                pub $field: $ty,
            )*
        }

        impl $crate::Shaped for $name {
            const SHAPE: $crate::Shape = $crate::Shape::Object(&[
                $($crate::Field {
                    name: $wire,
                    shape: <$ty as $crate::Shaped>::SHAPE,
                    doc: concat!($($field_doc, "\n"),*),
                },)*
            ]);
        }
    };
}
