use crate::{operation, types::TaggedType};

operation! {
    /// Removes tags from each of up to 50 keys or secrets; a tag that is not there is passed over.
    UntagResources ("untag_resources"), UntagResourcesRequest -> UntagResourcesResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UntagResources" on EachTagged("ResourceId")];
    errors: [InvalidParameter, InvalidParameterTagKey, InvalidResourceIdNotFound, RejectedResourceInDeleteWindow];
    required {
        /// Region of the resources, such as `cn-hangzhou`.
        "RegionId" region_id: String,
        /// Ids of the keys or names of the secrets, 1 to 50.
        "ResourceId" resource_id: Vec<String>,
        /// Type of the resources: `key` or `secret`.
        "ResourceType" resource_type: TaggedType,
    }
    optional {
        /// `true` removes every tag, when no `TagKey` is given; `false` by default.
        "All" all: bool,
        /// Keys of the tags to remove, at most 20.
        "TagKey" tag_key: Vec<String>,
    }
    response {
    }
}
