use crate::{object, operation};

operation! {
    /// Lists the regions in which the service is offered. Every caller with valid credentials may ask.
    DescribeRegions ("describe_regions"), DescribeRegionsRequest -> DescribeRegionsResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: [];
    errors: [];
    required {
    }
    optional {
    }
    response {
        /// The regions.
        "Regions" regions: DescribeRegionsRegions,
    }
}

object! {
    /// Regions of the service.
    DescribeRegionsRegions {
        /// One entry per region.
        "Region" region: Vec<DescribeRegionsRegionsItem>,
    }
}

object! {
    /// One region in the answer of `DescribeRegions`.
    DescribeRegionsRegionsItem {
        /// Id of the region, such as `cn-hangzhou`.
        "RegionId" region_id: String,
    }
}
