use extism_pdk::*;

#[plugin_fn]
pub fn count_vowels(input: String) -> FnResult<String> {
    let vowels = input.chars().filter(|c| "aeiou".contains(*c)).count();
    Ok(vowels.to_string())
}
