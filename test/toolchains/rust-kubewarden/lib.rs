use wapc_guest as guest;

/// A policy that accepts everything, in the form the policy server expects.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    guest::register_function("validate", |_: &[u8]| {
        kubewarden_policy_sdk::accept_request().map_err(|error| error.to_string().into())
    });
    guest::register_function("protocol_version", |_: &[u8]| {
        kubewarden_policy_sdk::protocol_version_guest(&[])
    });
}
