use std::collections::BTreeMap;
use suborbital::plugin::{Plugin, RunErr};
use suborbital::{http, plugin};

/// Fetches the address it is called with.
struct Fetch;

impl Plugin for Fetch {
    fn run(&self, input: Vec<u8>) -> Result<Vec<u8>, RunErr> {
        let address = String::from_utf8_lossy(&input);
        http::get(&address, Some(BTreeMap::new())).map_err(|error| RunErr::new(502, &error.message))
    }
}

static PLUGIN: &Fetch = &Fetch;

#[no_mangle]
pub extern "C" fn init() {
    plugin::use_plugin(PLUGIN);
}
