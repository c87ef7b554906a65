use http_wasm_guest::host::{Request, Response};
use http_wasm_guest::{register, Guest};

/// Adds one header to every request.
struct AddHeader;

impl Guest for AddHeader {
    fn handle_request(&self, request: &Request, _response: &Response) -> (bool, i32) {
        request.header.add(b"x-seen", b"yes");
        (true, 0)
    }
}

#[no_mangle]
pub extern "C" fn _initialize() {
    register(AddHeader);
}
