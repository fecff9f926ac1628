use crate::{flat_item, object, operation, types::TaggedType};

operation! {
    /// Lists the tags of keys or secrets, found by id, by tag, or both; 200 rows at a time.
    ListTagResources ("list_tag_resources"), ListTagResourcesRequest -> ListTagResourcesResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListTagResources" on EachTagged("ResourceId")];
    errors: [InvalidParameter, InvalidParameterTagKey, InvalidParameterTagValue, InvalidResourceIdNotFound];
    required {
        /// Region of the resources, such as `cn-hangzhou`.
        "RegionId" region_id: String,
        /// Type of the resources: `key` or `secret`.
        "ResourceType" resource_type: TaggedType,
    }
    optional {
        /// Where to go on: `NextToken` of the answer before; from the start by default.
        "NextToken" next_token: String,
        /// Ids of the keys or names of the secrets, at most 50; all of that type by default.
        "ResourceId" resource_id: Vec<String>,
        /// Tags that a resource must have, at most 20; any by default.
        "Tag" tag: Vec<ListedTag>,
    }
    response {
        /// Where to go on; empty at the end.
        "NextToken" next_token: Option<String>,
        /// Rows of this answer.
        "TagResources" tag_resources: Option<ListTagResourcesTagResources>,
    }
}

object! {
    /// Rows of `ListTagResources`.
    ListTagResourcesTagResources {
        /// One row per resource and tag.
        "TagResource" tag_resource: Vec<ListTagResourcesTagResourcesItem>,
    }
}

object! {
    /// One tag of one resource in the answer of `ListTagResources`.
    ListTagResourcesTagResourcesItem {
        /// Id of the key or name of the secret.
        "ResourceId" resource_id: Option<String>,
        /// `key` or `secret`.
        "ResourceType" resource_type: Option<TaggedType>,
        /// Key of the tag, at most 128 characters.
        "TagKey" tag_key: Option<String>,
        /// Value of the tag, at most 128 characters.
        "TagValue" tag_value: Option<String>,
    }
}

flat_item! {
    /// A tag that `ListTagResources` looks for.
    ListedTag {
        /// Key of the tag, at most 128 characters.
        "Key" key,
        /// Value of the tag, at most 128 characters; any by default.
        "Value" value,
    }
}
