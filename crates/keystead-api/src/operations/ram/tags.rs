use crate::{
    object, operation,
    types::{
        JsonText,
        identities::{Tag, TaggedType},
    },
};

operation! {
    /// Lists the tags of roles or policies: of those that are named, or of all; with `Tag` only of those that have these
    /// tags.
    ListTagResources ("list_tag_resources"), ListTagResourcesRequest -> ListTagResourcesResponse;
    product: Ram as RamListTagResources;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:ListTagResources" on EachTagged("ResourceNames")];
    errors: [InvalidParameter, EntityNotExistRole, EntityNotExistPolicy];
    required {
        /// `role` or `policy`.
        "ResourceType" resource_type: TaggedType,
    }
    optional {
        /// Where the page begins: the `NextToken` of the page before.
        "NextToken" next_token: String,
        /// Tags of a page, 1 to 100; 100 when it is left out.
        "PageSize" page_size: i64,
        /// Names of roles or policies: a JSON array of at most 50.
        "ResourceNames" resource_names: JsonText<Vec<String>>,
        /// Tags that a resource must have: a JSON array of objects with `Key` and `Value`.
        "Tag" tag: JsonText<Vec<Tag>>,
    }
    response {
        /// Where the next page begins; left out on the last one.
        "NextToken" next_token: Option<String>,
        /// The tags, in the order of the resources' names and then of the tags' keys.
        "TagResources" tag_resources: Vec<ListTagResourcesTagResources>,
    }
}

object! {
    /// Part of the answer of `ListTagResources`.
    ListTagResourcesTagResources {
        /// Name of the role or policy.
        "ResourceName" resource_name: String,
        /// `role` or `policy`.
        "ResourceType" resource_type: TaggedType,
        /// The tag's key.
        "TagKey" tag_key: String,
        /// The tag's value.
        "TagValue" tag_value: String,
    }
}

operation! {
    /// Sets tags on roles or policies, on all of them or on none.
    TagResources ("tag_resources"), TagResourcesRequest -> TagResourcesResponse;
    product: Ram as RamTagResources;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:TagResources" on EachTagged("ResourceNames")];
    errors: [
        InvalidParameter, EntityNotExistRole, EntityNotExistPolicy, InvalidParameterTagKey,
        InvalidParameterTagValue, DuplicateTagKey, RejectedLimitExceeded,
    ];
    required {
        /// Names of roles or policies: a JSON array of 1 to 50.
        "ResourceNames" resource_names: JsonText<Vec<String>>,
        /// `role` or `policy`.
        "ResourceType" resource_type: TaggedType,
        /// The tags: a JSON array of 1 to 20 objects with `Key` and `Value`.
        "Tag" tag: JsonText<Vec<Tag>>,
    }
    optional {
    }
    response {
    }
}

operation! {
    /// Takes tags from roles or policies.
    UntagResources ("untag_resources"), UntagResourcesRequest -> UntagResourcesResponse;
    product: Ram as RamUntagResources;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["ram:UntagResources" on EachTagged("ResourceNames")];
    errors: [InvalidParameter, EntityNotExistRole, EntityNotExistPolicy, InvalidParameterTagKey];
    required {
        /// Names of roles or policies: a JSON array of 1 to 50.
        "ResourceNames" resource_names: JsonText<Vec<String>>,
        /// `role` or `policy`.
        "ResourceType" resource_type: TaggedType,
    }
    optional {
        /// Whether all tags go; counts only when `TagKeys` is left out.
        "All" all: bool,
        /// The keys of the tags: a JSON array of 1 to 20.
        "TagKeys" tag_keys: JsonText<Vec<String>>,
    }
    response {
    }
}
