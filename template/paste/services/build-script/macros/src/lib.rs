//! Macros without dependencies.

use proc_macro::TokenStream;

/// An array of the names, as strings: `names!(Monday Tuesday)` is `["Monday", "Tuesday"]`.
#[proc_macro]
pub fn names(input: TokenStream) -> TokenStream {
    let names: Vec<_> = input.into_iter().map(|name| name.to_string()).collect();
    format!("{names:?}").parse().expect("strings are tokens")
}
