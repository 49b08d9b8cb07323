//! The arrows between the rings point one way only.
//!
//! The sources are read as tokens, so that a path counts wherever it stands: in a `use`, in the
//! middle of an expression, in a macro. Comments and strings are no tokens.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

/// A module at the top, the modules of this crate that it may name, and the other crates.
const RINGS: &[(&str, &[&str], &[&str])] = &[
    ("entities", &[], &["uuid"]),
    ("use_cases", &["entities"], &[]),
    ("representation", &["entities", "use_cases"], &["csv", "serde", "serde_json", "utoipa"]),
    ("settings", &[], &["config", "log", "serde", "url"]),
    ("logging", &["settings"], &["env_logger", "log", "serde_json"]),
    (
        "repository",
        &["entities", "use_cases", "settings", "logging"],
        &["diesel", "diesel_migrations", "mongodb", "percent_encoding", "tokio", "uuid"],
    ),
    (
        "http",
        &["entities", "use_cases", "representation", "settings", "logging"],
        &[
            "actix_multipart",
            "actix_web",
            "askama",
            "base64",
            "crc32fast",
            "futures_util",
            "log",
            "mime",
            "prometheus_client",
            "quick_cache",
            "serde",
            "serde_json",
            "subtle",
            "tempfile",
            "tokio",
            "url",
            "utoipa",
            "utoipa_swagger_ui",
            "uuid",
        ],
    ),
    (
        "cli",
        &["entities", "use_cases", "representation", "settings", "logging", "repository", "http"],
        &["clap", "clap_complete", "comfy_table", "indicatif", "log", "tempfile", "ureq", "uuid"],
    ),
    ("main", &["cli"], &[]),
    (
        "lib",
        &[
            "entities",
            "use_cases",
            "representation",
            "settings",
            "logging",
            "repository",
            "http",
            "cli",
        ],
        &[],
    ),
];

#[test]
fn every_arrow_points_inwards() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut offences = Vec::new();
    let mut seen = BTreeSet::new();
    for file in rust_files(&source) {
        let module = module_of(file.strip_prefix(&source).unwrap());
        seen.insert(module[0].clone());
        let text = fs::read_to_string(&file).unwrap();
        let found = offences_in(&module, &text);
        offences.extend(found.into_iter().map(|what| format!("{}: {what}", file.display())));
    }
    assert!(offences.is_empty(), "{offences:#?}");
    let rings = RINGS.iter().map(|(ring, ..)| (*ring).to_owned()).collect();
    assert_eq!(seen, rings, "a top-level module without a rule, or a rule without a module");
}

#[test]
fn a_planted_offence_is_caught() {
    for (module, offence) in [
        ("entities", "use serde::Serialize;"),
        ("entities", "pub fn f() { crate::use_cases::room_list; }"),
        ("use_cases", "use diesel::prelude::*;"),
        ("use_cases", "use crate::{entities::Room, http::Server};"),
        ("use_cases", "fn f() { let _ = ::actix_web::HttpResponse::Ok(); }"),
        ("use_cases", "macro_rules! m { () => { $crate::repository::open } }"),
        ("use_cases", "fn f(x: super::repository::Wrong) {}"),
        ("use_cases", "mod inner { fn f() { super::super::cli::run(); } }"),
        ("use_cases", "fn f() { println!(\"{}\", crate::settings::load()); }"),
        ("use_cases", "extern crate diesel;"),
        ("use_cases", "use mongodb::bson::doc;"),
        ("http", "use mongodb::Client;"),
        ("use_cases", "use rentomatic::http::Server;"),
        ("repository", "use actix_web::web;"),
        ("http", "use crate::repository::MemoryRepository;"),
        ("http", "use r#diesel as d;"),
        ("settings", "use crate::http;"),
        ("settings", "use crate::*;"),
        ("settings", "use super::*;"),
        ("settings", "use rentomatic::{*};"),
        ("settings", "use crate as root;"),
        ("settings", "use crate::{self as root};"),
        ("settings", "mod tests { use super::super::*; }"),
    ] {
        let module = vec![module.to_owned()];
        assert_eq!(offences_in(&module, offence).len(), 1, "{offence}");
    }
}

#[test]
fn what_is_allowed_is_not_called_an_offence() {
    for (module, text) in [
        ("use_cases", "use crate::{entities::{Room, RoomCode}, use_cases::Filter};"),
        ("use_cases", "/// See crate::http.\nfn f() -> &'static str { \"crate::http\" }"),
        ("repository", "mod diesel; use crate::repository::diesel::postgres;"),
        ("http", "use actix_web::{web, HttpResponse};"),
        ("http", "pub(crate) mod x { pub(super) fn f() {} use super::*; }"),
    ] {
        assert_eq!(offences_in(&[module.to_owned()], text), Vec::<String>::new(), "{text}");
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// `http/pages.rs` is the module `http::pages`.
fn module_of(path: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        path.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.len() > 1 && module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

/// The crates that Cargo.toml names, as they are written in a path.
fn dependencies() -> BTreeSet<String> {
    let manifest = include_str!("../../Cargo.toml");
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let names = section.lines().filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

fn offences_in(module: &[String], text: &str) -> Vec<String> {
    let (_, inner, crates) =
        RINGS.iter().find(|(ring, ..)| *ring == module[0]).unwrap_or_else(|| {
            panic!("{} is a new top-level module: say here what it may know", module[0])
        });
    let known = dependencies();
    let mut paths = Vec::new();
    collect(TokenStream::from_str(text).unwrap(), module, &mut paths);
    let mut offences = BTreeSet::new();
    for path in paths {
        let first = path[0].as_str();
        let offends = if first == "crate" || first == "rentomatic" {
            // The whole crate, by a glob or another name, could hide any path.
            let Some(target) = path.get(1) else {
                offences.insert(format!("{} names all of the crate", module[0]));
                continue;
            };
            let is_ring = RINGS.iter().any(|(ring, ..)| ring == target);
            is_ring && *target != module[0] && !inner.contains(&target.as_str())
        } else {
            known.contains(first) && !crates.contains(&first)
        };
        if offends {
            offences.insert(format!("{} names {}", module[0], path.join("::")));
        }
    }
    offences.into_iter().collect()
}

/// All paths in the tokens, those of `super` made into those of `crate`.
fn collect(tokens: TokenStream, module: &[String], paths: &mut Vec<Vec<String>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut module = module.to_vec();
    let mut index = 0;
    while index < tokens.len() {
        match &tokens[index] {
            TokenTree::Group(group) => {
                // `mod name { … }` is one module further in.
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

/// Follows a path from `index`, with the segments `before` it; gives where it ends.
fn path(
    tokens: &[TokenTree],
    mut index: usize,
    mut segments: Vec<String>,
    module: &[String],
    paths: &mut Vec<Vec<String>>,
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
            // A glob names what is before it.
            Some(TokenTree::Punct(star)) if star.as_char() == '*' && !segments.is_empty() => {
                paths.push(resolve(segments, module));
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
        paths.push(resolve(segments, module));
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
