/// Tells processes and threads apart by their numbers, which only WASIX has.
#[no_mangle]
pub extern "C" fn whoami() -> u32 {
    unsafe { wasix::proc_id().unwrap_or(0) ^ wasix::thread_id().unwrap_or(0) }
}
