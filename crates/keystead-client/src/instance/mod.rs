//! The client of a KMS instance: its own API, signed by the client key of an application access point.
//!
//! [`InstanceClient`] has a method for every operation of that API; [`TransferClient`] takes the calls of the OpenAPI and
//! serves them from the instance.
//!
//! ```no_run
//! use keystead_client::instance::{ClientKey, ClientKeyPassword, InstanceClient, messages::AdvanceEncryptRequest};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let password = ClientKeyPassword::from_env("CLIENT_KEY_PASSWORD")?;
//! let client = InstanceClient::builder()
//!     .endpoint("kst-hzz00000000aaaaaaaaaa.cryptoservice.kms.aliyuncs.com")
//!     .client_key(ClientKey::from_file("clientkey.json", &password)?)
//!     .ca_file("ca.pem")
//!     .build()?;
//! let request = AdvanceEncryptRequest {
//!     key_id: "alias/app".into(),
//!     plaintext: b"hello".to_vec(),
//!     ..Default::default()
//! };
//! let answer = client.advance_encrypt(request).await?;
//! println!("{} bytes under version {}", answer.ciphertext_blob.len(), answer.key_version_id);
//! # Ok(())
//! # }
//! ```
//!
//! # What a call does
//!
//! Each attempt has a date and a signature of its own. Attempts are repeated as the official SDKs do it, see
//! [`InstanceRetry`]. Requests and answers are wiped when they are dropped, and `Debug` shows nothing secret of them.
//! Fields that were not sent come out empty, as protobuf has it.

mod answer;
mod builder;
mod call;
mod client;
mod client_key;
mod options;
mod retry;
mod transfer;

pub use answer::Answer;
pub use builder::InstanceClientBuilder;
pub use client::InstanceClient;
pub use client_key::{ClientKey, ClientKeyError, ClientKeyPassword};
pub use options::CallOptions;
pub use retry::InstanceRetry;
pub use transfer::TransferClient;

pub use keystead_api::instance::{Guarded, InstanceMessage, InstanceOperation, InstanceResponse, operations};

/// The requests and answers, field by field as on the wire.
pub mod messages {
    pub use keystead_api::instance::{
        AdvanceDecryptRequest, AdvanceDecryptResponse, AdvanceEncryptRequest, AdvanceEncryptResponse,
        AdvanceGenerateDataKeyPairRequest, AdvanceGenerateDataKeyPairResponse,
        AdvanceGenerateDataKeyPairWithoutPlaintextRequest,
        AdvanceGenerateDataKeyPairWithoutPlaintextResponse, AdvanceGenerateDataKeyRequest,
        AdvanceGenerateDataKeyResponse, DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse,
        GenerateDataKeyPairRequest, GenerateDataKeyPairResponse, GenerateDataKeyPairWithoutPlaintextRequest,
        GenerateDataKeyPairWithoutPlaintextResponse, GenerateDataKeyRequest, GenerateDataKeyResponse,
        GenerateRandomRequest, GenerateRandomResponse, GetPublicKeyRequest, GetPublicKeyResponse,
        GetSecretValueRequest, GetSecretValueResponse, HashRequest, HashResponse, HmacRequest, HmacResponse,
        KmsDecryptRequest, KmsDecryptResponse, KmsEncryptRequest, KmsEncryptResponse, SignRequest,
        SignResponse, VerifyRequest, VerifyResponse,
    };
}
