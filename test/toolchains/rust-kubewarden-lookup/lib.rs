use kubewarden_policy_sdk::host_capabilities::net::lookup_host;
use wapc_guest as guest;

/// A policy that has a name looked up before it accepts.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    guest::register_function("validate", |_: &[u8]| {
        lookup_host("registry.example").map_err(|error| error.to_string())?;
        kubewarden_policy_sdk::accept_request().map_err(|error| error.to_string().into())
    });
    guest::register_function("protocol_version", |_: &[u8]| {
        kubewarden_policy_sdk::protocol_version_guest(&[])
    });
}
