use keystead_api::ApiError;

/// One page of a list: `PageNumber` counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which page.
    pub number: i64,
    /// Entries on a page.
    pub size: i64,
}

impl Page {
    /// Reads the two parameters. The default is page 1 of `default_size`; a page has at most 100 entries.
    ///
    /// # Errors
    /// 400 `InvalidParameter` when one is out of range.
    pub fn new(number: Option<i64>, size: Option<i64>, default_size: i64) -> Result<Self, ApiError> {
        let page = Self { number: number.unwrap_or(1), size: size.unwrap_or(default_size) };
        if page.number < 1 || page.number > i64::from(i32::MAX) {
            return Err(ApiError::invalid_parameter("PageNumber"));
        }
        if !(1..=100).contains(&page.size) {
            return Err(ApiError::invalid_parameter("PageSize"));
        }
        Ok(page)
    }

    /// The positions in the whole list that are on this page.
    pub fn positions(self) -> std::ops::Range<u64> {
        // Both fit: the number is below 2^31 and the size at most 100.
        let start = (self.number - 1).unsigned_abs() * self.size.unsigned_abs();
        start..start + self.size.unsigned_abs()
    }
}
