use crate::{operation, types::{JsonText, NetworkRuleType}};

operation! {
    /// Returns a network rule.
    DescribeNetworkRule ("describe_network_rule"), DescribeNetworkRuleRequest -> DescribeNetworkRuleResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DescribeNetworkRule" on Named("network", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Name of the rule.
        "Name" name: String,
    }
    optional {
    }
    response {
        /// ARN of the rule.
        "Arn" arn: Option<String>,
        /// Description, as it was given.
        "Description" description: Option<String>,
        /// Addresses and CIDR ranges as a JSON array text.
        "SourcePrivateIp" source_private_ip: Option<JsonText<Vec<String>>>,
        /// Type of the addresses, `Private`.
        "Type" kind: Option<NetworkRuleType>,
    }
}
