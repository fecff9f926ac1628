use crate::{object, operation};

operation! {
    /// Lists the tags of one key.
    ListResourceTags ("list_resource_tags"), ListResourceTagsRequest -> ListResourceTagsResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListResourceTags" on Key("KeyId")];
    errors: [InvalidParameter, UnsupportedAlias, ForbiddenKeyNotFound];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
        /// Tags of the key.
        "Tags" tags: Option<ListResourceTagsTags>,
    }
}

object! {
    /// Tags of a key.
    ListResourceTagsTags {
        /// One entry per tag.
        "Tag" tag: Vec<ListResourceTagsTagsItem>,
    }
}

object! {
    /// One tag in the answer of `ListResourceTags`.
    ListResourceTagsTagsItem {
        /// Id of the key.
        "KeyId" key_id: Option<String>,
        /// Key of the tag, at most 128 characters.
        "TagKey" tag_key: Option<String>,
        /// Value of the tag, at most 128 characters.
        "TagValue" tag_value: Option<String>,
    }
}
