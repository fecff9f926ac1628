/// What one request, or one piece of the service's own work, leaves behind for the audit log. It is handed from the edge to
/// wherever something is decided or written.
pub struct Trail {
    id: String,
}

impl Trail {
    /// The trail of a request.
    pub fn new(request_id: &str) -> Self {
        Self { id: request_id.to_owned() }
    }

    /// The trail of work that nobody asked for just now.
    pub(crate) fn of_service() -> Self {
        Self { id: String::new() }
    }

    /// The id of the request.
    pub fn request_id(&self) -> &str {
        &self.id
    }
}
