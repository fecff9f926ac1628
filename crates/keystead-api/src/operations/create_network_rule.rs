use crate::{operation, types::{JsonText, NetworkRuleType}};

operation! {
    /// Creates a network rule: a set of addresses that policies of application access points refer to.
    CreateNetworkRule ("create_network_rule"), CreateNetworkRuleRequest -> CreateNetworkRuleResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CreateNetworkRule" on Named("network", "Name")];
    errors: [InvalidParameter, RejectedResourceExist];
    required {
        /// Name of the rule, unique in the account and region; it cannot be changed later.
        "Name" name: String,
        /// Type of the addresses: only `Private`.
        "Type" kind: NetworkRuleType,
    }
    optional {
        /// Description; empty by default.
        "Description" description: String,
        /// Addresses and CIDR ranges that calls may come from, as a JSON array text (`["192.0.2.0/24"]`) or
        /// separated by commas; none by default.
        "SourcePrivateIp" source_private_ip: JsonText<Vec<String>>,
    }
    response {
        /// ARN of the rule.
        "Arn" arn: Option<String>,
        /// Description, as it was given.
        "Description" description: Option<String>,
        /// Name of the rule.
        "Name" name: Option<String>,
        /// Addresses and CIDR ranges as a JSON array text.
        "SourcePrivateIp" source_private_ip: Option<JsonText<Vec<String>>>,
        /// Type of the addresses, `Private`.
        "Type" kind: Option<NetworkRuleType>,
    }
}
