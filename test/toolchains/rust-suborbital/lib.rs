use suborbital::plugin::{Plugin, RunErr};
use suborbital::{log, plugin, req};

/// Greets the name in the address.
struct Greet;

impl Plugin for Greet {
    fn run(&self, _: Vec<u8>) -> Result<Vec<u8>, RunErr> {
        log::info("greeting");
        Ok(format!("hello {}", req::url_param("name")).into_bytes())
    }
}

static PLUGIN: &Greet = &Greet;

#[no_mangle]
pub extern "C" fn init() {
    plugin::use_plugin(PLUGIN);
}
