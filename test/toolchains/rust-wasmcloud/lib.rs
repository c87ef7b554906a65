use wasmcloud_component::http;

/// The shape of the platform's own HTTP template.
struct Hello;

http::export!(Hello);

impl http::Server for Hello {
    fn handle(_request: http::IncomingRequest) -> http::Result<http::Response<impl http::OutgoingBody>> {
        Ok(http::Response::new("hello\n"))
    }
}
