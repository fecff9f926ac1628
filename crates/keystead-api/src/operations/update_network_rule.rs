use crate::{operation, types::JsonText};

operation! {
    /// Replaces the addresses or the description of a network rule; it acts at once.
    UpdateNetworkRule ("update_network_rule"), UpdateNetworkRuleRequest -> UpdateNetworkRuleResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdateNetworkRule" on Named("network", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Name of the rule.
        "Name" name: String,
    }
    optional {
        /// New description; unchanged when absent.
        "Description" description: String,
        /// Addresses and CIDR ranges that calls may come from, as a JSON array text (`["192.0.2.0/24"]`) or
        /// separated by commas; unchanged when absent.
        "SourcePrivateIp" source_private_ip: JsonText<Vec<String>>,
    }
    response {
    }
}
