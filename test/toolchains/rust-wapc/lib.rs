use wapc_guest as guest;

#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    guest::register_function("echo", |message: &[u8]| Ok(message.to_vec()));
}
