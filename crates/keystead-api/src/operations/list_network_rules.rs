use crate::{object, operation, types::NetworkRuleType};

operation! {
    /// Lists the network rules of the account in the region, page by page.
    ListNetworkRules ("list_network_rules"), ListNetworkRulesRequest -> ListNetworkRulesResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListNetworkRules" on Any];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 20 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Rules on this page.
        "NetworkRules" network_rules: Option<ListNetworkRulesNetworkRules>,
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
    }
}

object! {
    /// Rules on a page of `ListNetworkRules`.
    ListNetworkRulesNetworkRules {
        /// One entry per rule.
        "NetworkRule" network_rule: Vec<ListNetworkRulesNetworkRulesItem>,
    }
}

object! {
    /// One rule in the answer of `ListNetworkRules`.
    ListNetworkRulesNetworkRulesItem {
        /// Name of the rule.
        "Name" name: Option<String>,
        /// Type of the addresses, `Private`.
        "Type" kind: Option<NetworkRuleType>,
    }
}
