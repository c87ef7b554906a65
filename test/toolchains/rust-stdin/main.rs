use std::io::{self, BufRead, Write};

/// Reads lines from standard input and writes them upper-cased: the smallest useful WASI command.
fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", line?.to_uppercase())?;
    }
    Ok(())
}
