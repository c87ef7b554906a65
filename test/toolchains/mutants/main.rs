//! Writes mutants of a module that keep its semantics: `mutants <module> <folder> <count>`. Mutant n is one step from mutant n - 1,
//! so the last ones are far from the module. Seeds come from the size of the module and the number of the step: every run writes the
//! same mutants, and modules are changed in different ways.

use std::{env, fs, path::Path};
use wasm_mutate::WasmMutate;

fn main() {
    let mut arguments = env::args().skip(1);
    let (Some(module), Some(folder), Some(count)) = (arguments.next(), arguments.next(), arguments.next()) else {
        panic!("Usage: mutants <module> <folder> <count>");
    };
    let count: u64 = count.parse().expect("a number of mutants");
    let mut bytes = fs::read(&module).expect("a module");
    let first = bytes.len() as u64 * 1_000;
    let mut written = 0;
    // Some mutations do not apply to some modules: a seed that yields nothing is passed over.
    for step in 0..20 * count {
        if written == count {
            break;
        }
        let mut mutate = WasmMutate::default();
        mutate.seed(first + step).preserve_semantics(true).fuel(1_000);
        let Some(Ok(mutant)) = mutate.run(&bytes).ok().and_then(|mut all| all.next()) else {
            continue;
        };
        fs::write(Path::new(&folder).join(format!("{written}.wasm")), &mutant).expect("a folder to write to");
        bytes = mutant;
        written += 1;
    }
}
