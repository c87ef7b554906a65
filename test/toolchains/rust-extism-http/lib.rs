use extism_pdk::*;

/// Fetches the address it is called with.
#[plugin_fn]
pub fn fetch(address: String) -> FnResult<Vec<u8>> {
    let answer = http::request::<()>(&HttpRequest::new(address), None)?;
    Ok(answer.body())
}
