use crate::{flat_item, operation, types::TaggedType};

operation! {
    /// Sets up to 20 tags on each of up to 50 keys or secrets; a tag that is there already gets the new
    /// value.
    TagResources ("tag_resources"), TagResourcesRequest -> TagResourcesResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:TagResources" on EachTagged("ResourceId")];
    errors: [
        InvalidParameter, RejectedLimitExceeded, DuplicateTagKey, InvalidParameterTagKey,
        InvalidParameterTagValue, InvalidResourceIdNotFound, RejectedResourceInDeleteWindow,
    ];
    required {
        /// Region of the resources, such as `cn-hangzhou`.
        "RegionId" region_id: String,
        /// Ids of the keys or names of the secrets, 1 to 50.
        "ResourceId" resource_id: Vec<String>,
        /// Type of the resources: `key` or `secret`.
        "ResourceType" resource_type: TaggedType,
        /// Tags to set, 1 to 20.
        "Tag" tag: Vec<ResourceTag>,
    }
    optional {
    }
    response {
    }
}

flat_item! {
    /// A tag that `TagResources` sets.
    ResourceTag {
        /// Key of the tag, at most 128 characters; not starting with `aliyun` or `acs:`.
        "Key" key,
        /// Value of the tag, at most 128 characters.
        "Value" value,
    }
}

impl ResourceTag {
    /// A tag.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: Some(key.into()), value: Some(value.into()) }
    }
}
