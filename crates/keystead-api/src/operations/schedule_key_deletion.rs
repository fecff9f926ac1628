use crate::operation;

operation! {
    /// Puts a key into state `PendingDeletion`; it is deleted for good after 7 to 366 days. Until then
    /// `CancelKeyDeletion` brings it back.
    ScheduleKeyDeletion ("schedule_key_deletion"), ScheduleKeyDeletionRequest -> ScheduleKeyDeletionResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:ScheduleKeyDeletion" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedAlias, ForbiddenKeyNotFound, RejectedStateModifiedFailed,
        RejectedUnsupportedOperation,
    ];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
        /// Days until the key is deleted, 7 to 366.
        "PendingWindowInDays" pending_window_in_days: i64,
    }
    optional {
    }
    response {
    }
}
