//! The paths in a source file, read as tokens: a path counts wherever it stands, in a `use`, in an
//! expression or in a macro. Comments and strings are not tokens.

use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

/// A path in a module. Those that begin with `super` are resolved.
pub struct Path {
    /// The module that contains it, for example `["http", "pages"]`.
    pub module: Vec<String>,
    pub segments: Vec<String>,
}

/// All paths in the text of a module.
pub fn paths(text: &str, module: &[String]) -> Vec<Path> {
    let mut paths = Vec::new();
    collect(TokenStream::from_str(text).unwrap(), module, &mut paths);
    paths
}

fn collect(tokens: TokenStream, module: &[String], paths: &mut Vec<Path>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut module = module.to_vec();
    let mut index = 0;
    while index < tokens.len() {
        match &tokens[index] {
            TokenTree::Group(group) => {
                // `mod name { … }` is a module of its own.
                let named = index >= 2 && is_ident(&tokens[index - 2], "mod");
                if named {
                    module.push(tokens[index - 1].to_string());
                }
                collect(group.stream(), &module, paths);
                if named {
                    module.pop();
                }
                index += 1;
            }
            TokenTree::Ident(_) => {
                let before = index.checked_sub(1).map(|before| &tokens[before]);
                let declares = before.is_some_and(|token| {
                    ["mod", "fn", "struct", "enum", "trait"]
                        .iter()
                        .any(|word| is_ident(token, word))
                });
                let end = path(&tokens, index, Vec::new(), &module, paths, declares);
                index = end.max(index + 1);
            }
            _ => index += 1,
        }
    }
}

/// Follows a path from `index`, after the given segments; returns the index after it.
fn path(
    tokens: &[TokenTree],
    mut index: usize,
    mut segments: Vec<String>,
    module: &[String],
    paths: &mut Vec<Path>,
    declares: bool,
) -> usize {
    loop {
        match tokens.get(index) {
            Some(TokenTree::Ident(ident)) => {
                segments.push(ident.to_string().trim_start_matches("r#").to_owned());
                index += 1;
            }
            Some(TokenTree::Group(group)) if !segments.is_empty() => {
                // A group of a use: each item continues the path.
                let items: Vec<TokenTree> = group.stream().into_iter().collect();
                let mut start = 0;
                while start < items.len() {
                    start =
                        path(&items, start, segments.clone(), module, paths, false).max(start + 1);
                    while start < items.len() && !is_punct(&items[start], ',') {
                        start += 1;
                    }
                    start += 1;
                }
                return index + 1;
            }
            // A glob names the module before it.
            Some(TokenTree::Punct(star)) if star.as_char() == '*' && !segments.is_empty() => {
                paths.push(Path { module: module.to_vec(), segments: resolve(segments, module) });
                return index + 1;
            }
            _ => break,
        }
        let colons = tokens.get(index).is_some_and(|token| is_punct(token, ':'))
            && tokens.get(index + 1).is_some_and(|token| is_punct(token, ':'));
        if !colons {
            break;
        }
        index += 2;
    }
    let used_alone = segments.len() == 1 && {
        let words = ["use", "crate", "as"];
        let start = index - 1;
        let before = start.checked_sub(1).map(|before| &tokens[before]);
        before.is_some_and(|token| words.iter().any(|word| is_ident(token, word)))
    };
    if !declares && (segments.len() > 1 || used_alone) {
        paths.push(Path { module: module.to_vec(), segments: resolve(segments, module) });
    }
    index
}

/// `super::super::http` in `use_cases::filter` is `crate::http`.
fn resolve(mut segments: Vec<String>, module: &[String]) -> Vec<String> {
    if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
        segments.pop();
    }
    let supers = segments.iter().take_while(|segment| *segment == "super").count();
    if supers == 0 {
        return segments;
    }
    let mut path = vec!["crate".to_owned()];
    path.extend(module.iter().take(module.len().saturating_sub(supers)).cloned());
    path.extend(segments.into_iter().skip(supers));
    path
}

fn is_ident(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}
