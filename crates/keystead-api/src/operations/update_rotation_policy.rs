use crate::operation;

operation! {
    /// Switches automatic rotation of a symmetric key on or off and sets its interval. When the next
    /// rotation would already be past, it starts at once.
    UpdateRotationPolicy ("update_rotation_policy"), UpdateRotationPolicyRequest -> UpdateRotationPolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdateRotationPolicy" on Key("KeyId")];
    errors: [
        InvalidParameter, RejectedUnsupportedOperation, MissingParameter, UnsupportedAlias,
        ForbiddenKeyNotFound, RejectedDisabled, RejectedPendingDeletion,
    ];
    required {
        /// `true` switches automatic rotation on, `false` off.
        "EnableAutomaticRotation" enable_automatic_rotation: bool,
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
        /// Interval, a whole number with unit `d`, `h`, `m` or `s`; 7 to 730 days. Needed when rotation is
        /// switched on.
        "RotationInterval" rotation_interval: String,
    }
    response {
    }
}
