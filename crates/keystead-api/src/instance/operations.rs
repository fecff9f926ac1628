//! The operations of the instance API, defined once.

use super::*;
use crate::{
    AccessRule, Auth, Field, Gateways, Method, OperationDef, OperationId, ParamShape, ParameterDef,
    Placement, Product, Repeat, Shape,
};

/// The parameters that the fields of a message are.
const fn parameters<const N: usize>(
    fields: &'static [MessageField],
    required: &'static [&'static str],
) -> [ParameterDef; N] {
    let mut all = [EMPTY; N];
    let mut index = 0;
    while index < N {
        let field = fields[index];
        all[index] = ParameterDef {
            name: field.name,
            field: field.name,
            shape: if is(field.kind, "int32") {
                ParamShape::Integer
            } else if is(field.kind, "bool") {
                ParamShape::Boolean
            } else {
                ParamShape::String
            },
            placement: Placement::Form,
            required: contains(required, field.name),
            // Bytes are no text that could be shown.
            secret: field.secret || is(field.kind, "bytes"),
            doc: field.doc,
        };
        index += 1;
    }
    all
}

const EMPTY: ParameterDef = ParameterDef {
    name: "",
    field: "",
    shape: ParamShape::String,
    placement: Placement::Form,
    required: false,
    secret: false,
    doc: "",
};

/// The fields of an answer.
const fn fields<const N: usize>(message: &'static [MessageField]) -> [Field; N] {
    let mut all = [Field { name: "", shape: Shape::String, doc: "" }; N];
    let mut index = 0;
    while index < N {
        let field = message[index];
        let shape = if is(field.kind, "int32") {
            Shape::Integer
        } else if is(field.kind, "bool") {
            Shape::Boolean
        } else if is(field.kind, "repeated string") {
            Shape::Array(&Shape::String)
        } else {
            Shape::String
        };
        all[index] = Field { name: field.name, shape, doc: field.doc };
        index += 1;
    }
    all
}

const fn is(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn contains(list: &[&str], name: &str) -> bool {
    let mut index = 0;
    while index < list.len() {
        if is(list[index], name) {
            return true;
        }
        index += 1;
    }
    false
}

macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident as $id:ident ($snake:literal), $request:ident -> $response:ident;
        access: [$($action:literal on $rule:expr),* $(,)?];
        required: [$($required:literal),*];
        errors: $errors:ident;
    )*) => {
        $(
            $(#[doc = $doc])*
            ///
            #[doc = group_section!($errors [$($required)*])]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl InstanceOperation for $name {
                const DEF: &'static OperationDef = &OperationDef {
                    id: OperationId::$id,
                    product: Product::Instance,
                    name: stringify!($name),
                    snake_name: $snake,
                    method: Method::Post,
                    gateways: Gateways::Dedicated,
                    auth: Auth::Signed,
                    repeat: Repeat::Safe,
                    access: &[$(AccessRule { action: $action, resource: {
                        #[allow(unused_imports)]
                        use crate::ResourceRule::*;
                        $rule
                    } }),*],
                    errors: $errors,
                    parameters: {
                        const FIELDS: &[MessageField] = <$request as InstanceMessage>::FIELDS;
                        const ALL: [ParameterDef; FIELDS.len()] = parameters(FIELDS, &[$($required),*]);
                        &ALL
                    },
                    response: {
                        const FIELDS: &[MessageField] = <$response as InstanceMessage>::FIELDS;
                        const ALL: [Field; FIELDS.len()] = fields(FIELDS);
                        &ALL
                    },
                    doc: concat!($($doc, "\n"),*),
                };
                type Request = $request;
                type Response = $response;
            }

            impl InstanceResponse for $response {
                fn set_request_id(&mut self, id: &str) {
                    id.clone_into(&mut self.request_id);
                }

                fn request_id(&self) -> &str {
                    &self.request_id
                }
            }
        )*

        /// Every operation of the instance API, sorted by name.
        pub static INSTANCE_OPERATIONS: &[&OperationDef] = &[$(<$name as InstanceOperation>::DEF),*];
    };
}

macro_rules! groups {
    ($($group:ident = [$($error:ident),* $(,)?];)*) => {
        /// What each group of operations may answer beside authentication's errors and those that every operation has.
        mod errors {
            use crate::ErrorCode;

            $(pub(super) const $group: &[ErrorCode] = &[$(ErrorCode::$error),*];)*
        }

        /// A group's codes, for the documentation of an operation.
        macro_rules! group_section {
            $(($group $required:tt) => { crate::definition::errors_section!($required [$($error)*]) };)*
        }
    };
}

groups! {
    NO_KEY = [
        InvalidParameter, MissingParameter,
    ];
    OF_KEY = [
        InvalidParameter, MissingParameter, UnsupportedOperation, ForbiddenKeyNotFound, RejectedDisabled,
        RejectedPendingDeletion, RejectedPendingImport,
    ];
    OF_SYMMETRIC_KEY = [
        InvalidParameter, MissingParameter, UnsupportedOperation, ForbiddenKeyNotFound,
        ForbiddenOnlySymmetricKeySupported, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
    ];
    OF_DATA_KEY_PAIR = [
        InvalidParameter, MissingParameter, UnsupportedOperation, ForbiddenKeyNotFound,
        ForbiddenOnlySymmetricKeySupported, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedThrottling,
    ];
    OF_SECRET = [
        InvalidParameter, MissingParameter, ForbiddenKeyNotFound, ForbiddenResourceNotFound,
        RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport, RejectedResourceInDeleteWindow,
    ];
}
use errors::*;

operations! {
    /// Decrypts what `AdvanceEncrypt` made, which names its key version itself; and what `Encrypt` made, when `KeyId` and `Iv` are given.
    AdvanceDecrypt as InstanceAdvanceDecrypt ("advance_decrypt"), AdvanceDecryptRequest -> AdvanceDecryptResponse;
    access: ["kms:Decrypt" on KeyIfGiven("KeyId"), "kms:Decrypt" on KeyOfCiphertext("CiphertextBlob")];
    required: ["CiphertextBlob"];
    errors: OF_SYMMETRIC_KEY;

    /// Encrypts under the primary version of a symmetric key. The ciphertext names its key version itself.
    AdvanceEncrypt as InstanceAdvanceEncrypt ("advance_encrypt"), AdvanceEncryptRequest -> AdvanceEncryptResponse;
    access: ["kms:Encrypt" on Key("KeyId")];
    required: ["KeyId", "Plaintext"];
    errors: OF_SYMMETRIC_KEY;

    /// Makes a data key under the primary version of a symmetric key.
    AdvanceGenerateDataKey as InstanceAdvanceGenerateDataKey ("advance_generate_data_key"), AdvanceGenerateDataKeyRequest -> AdvanceGenerateDataKeyResponse;
    access: ["kms:GenerateDataKey" on Key("KeyId")];
    required: ["KeyId", "NumberOfBytes"];
    errors: OF_SYMMETRIC_KEY;

    /// Makes a key pair whose private key is encrypted under the primary version of a symmetric key.
    AdvanceGenerateDataKeyPair as InstanceAdvanceGenerateDataKeyPair ("advance_generate_data_key_pair"), AdvanceGenerateDataKeyPairRequest -> AdvanceGenerateDataKeyPairResponse;
    access: ["kms:GenerateDataKey" on Key("KeyId")];
    required: ["KeyId", "KeyPairSpec"];
    errors: OF_DATA_KEY_PAIR;

    /// The same without the private key in the clear.
    AdvanceGenerateDataKeyPairWithoutPlaintext as InstanceAdvanceGenerateDataKeyPairWithoutPlaintext ("advance_generate_data_key_pair_without_plaintext"), AdvanceGenerateDataKeyPairWithoutPlaintextRequest -> AdvanceGenerateDataKeyPairWithoutPlaintextResponse;
    access: ["kms:GenerateDataKeyWithoutPlaintext" on Key("KeyId")];
    required: ["KeyId", "KeyPairSpec"];
    errors: OF_DATA_KEY_PAIR;

    /// Decrypts what `Encrypt` made, with the key and IV that it gave back. Header `x-kms-migrationkeyversionid` names the key version; without it, it is the initial one.
    Decrypt as InstanceDecrypt ("decrypt"), DecryptRequest -> DecryptResponse;
    access: ["kms:Decrypt" on KeyIfGiven("KeyId"), "kms:Decrypt" on KeyOfCiphertext("CiphertextBlob")];
    required: ["CiphertextBlob"];
    errors: OF_KEY;

    /// Encrypts under the initial version of a key; symmetric keys and key pairs.
    Encrypt as InstanceEncrypt ("encrypt"), EncryptRequest -> EncryptResponse;
    access: ["kms:Encrypt" on Key("KeyId")];
    required: ["KeyId", "Plaintext"];
    errors: OF_KEY;

    /// Makes a data key under the initial version of a symmetric key.
    GenerateDataKey as InstanceGenerateDataKey ("generate_data_key"), GenerateDataKeyRequest -> GenerateDataKeyResponse;
    access: ["kms:GenerateDataKey" on Key("KeyId")];
    required: ["KeyId", "NumberOfBytes"];
    errors: OF_SYMMETRIC_KEY;

    /// Makes a key pair whose private key is encrypted under the initial version of a symmetric key.
    GenerateDataKeyPair as InstanceGenerateDataKeyPair ("generate_data_key_pair"), GenerateDataKeyPairRequest -> GenerateDataKeyPairResponse;
    access: ["kms:GenerateDataKey" on Key("KeyId")];
    required: ["KeyId", "KeyPairSpec"];
    errors: OF_DATA_KEY_PAIR;

    /// The same without the private key in the clear.
    GenerateDataKeyPairWithoutPlaintext as InstanceGenerateDataKeyPairWithoutPlaintext ("generate_data_key_pair_without_plaintext"), GenerateDataKeyPairWithoutPlaintextRequest -> GenerateDataKeyPairWithoutPlaintextResponse;
    access: ["kms:GenerateDataKeyWithoutPlaintext" on Key("KeyId")];
    required: ["KeyId", "KeyPairSpec"];
    errors: OF_DATA_KEY_PAIR;

    /// Draws random bytes.
    GenerateRandom as InstanceGenerateRandom ("generate_random"), GenerateRandomRequest -> GenerateRandomResponse;
    access: ["kms:GenerateRandom" on Any];
    required: ["Length"];
    errors: NO_KEY;

    /// Returns the public half of a key pair.
    GetPublicKey as InstanceGetPublicKey ("get_public_key"), GetPublicKeyRequest -> GetPublicKeyResponse;
    access: ["kms:GetPublicKey" on Key("KeyId")];
    required: ["KeyId"];
    errors: OF_KEY;

    /// Returns a version of a secret.
    GetSecretValue as InstanceGetSecretValue ("get_secret_value"), GetSecretValueRequest -> GetSecretValueResponse;
    access: ["kms:GetSecretValue" on Secret("SecretName"), "kms:Decrypt" on KeyOfSecret("SecretName")];
    required: ["SecretName"];
    errors: OF_SECRET;

    /// Hashes a message.
    Hash as InstanceHash ("hash"), HashRequest -> HashResponse;
    access: ["kms:Hash" on Any];
    required: ["Message"];
    errors: NO_KEY;

    /// Computes a message authentication code under the initial version of an HMAC key.
    Hmac as InstanceHmac ("hmac"), HmacRequest -> HmacResponse;
    access: ["kms:GenerateMac" on Key("KeyId")];
    required: ["KeyId", "Message"];
    errors: OF_KEY;

    /// Decrypts what `KmsEncrypt` made.
    KmsDecrypt as InstanceKmsDecrypt ("kms_decrypt"), KmsDecryptRequest -> KmsDecryptResponse;
    access: ["kms:Decrypt" on KeyOfCiphertext("CiphertextBlob")];
    required: ["CiphertextBlob"];
    errors: OF_SYMMETRIC_KEY;

    /// Encrypts under the primary version of a symmetric key; the ciphertext is that of the OpenAPI's `Encrypt`, raw.
    KmsEncrypt as InstanceKmsEncrypt ("kms_encrypt"), KmsEncryptRequest -> KmsEncryptResponse;
    access: ["kms:Encrypt" on Key("KeyId")];
    required: ["KeyId", "Plaintext"];
    errors: OF_SYMMETRIC_KEY;

    /// Signs a message or a digest under the initial version of a key pair.
    Sign as InstanceSign ("sign"), SignRequest -> SignResponse;
    access: ["kms:AsymmetricSign" on Key("KeyId")];
    required: ["KeyId", "Message"];
    errors: OF_KEY;

    /// Says whether a signature is right.
    Verify as InstanceVerify ("verify"), VerifyRequest -> VerifyResponse;
    access: ["kms:AsymmetricVerify" on Key("KeyId")];
    required: ["KeyId", "Message", "Signature"];
    errors: OF_KEY;
}
