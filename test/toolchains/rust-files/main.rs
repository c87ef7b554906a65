use std::fs;

/// Copies one file and removes the first: reads, writes and deletes.
fn main() -> std::io::Result<()> {
    let text = fs::read_to_string("in.txt")?;
    fs::write("out.txt", text)?;
    fs::remove_file("in.txt")
}
