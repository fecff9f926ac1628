use crate::operation;

operation! {
    /// Returns a fresh challenge that an enclave puts into its attestation document.
    GetChallenge ("get_challenge"), GetChallengeRequest -> GetChallengeResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetChallenge" on Any];
    errors: [UnsupportedOperation];
    required {
    }
    optional {
    }
    response {
        /// Token that is handed in again with the attestation document.
        "ChallengeToken" challenge_token: Option<String>,
        /// Random value to put into the document.
        "Nonce" nonce: Option<String>,
    }
}
