//! Dependencies point one way only: between rings, between the folders of a ring, and between files.

mod files;
mod paths;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::files::{Edge, Files, cycle};
use self::paths::paths;

/// A top-level module, the modules of this crate that it may name, and the other crates.
const RINGS: &[(&str, &[&str], &[&str])] = &[
    ("entities", &[], &["uuid"]),
    ("use_cases", &["entities"], &[]),
    (
        "formats",
        &["entities", "use_cases"],
        &["csv", "csv_core", "serde", "serde_json", "tempfile", "utoipa"],
    ),
    ("places", &["entities"], &["csv", "deunicode", "fst"]),
    ("settings", &[], &["config", "ipnet", "log", "percent_encoding", "secrecy", "serde", "url"]),
    ("logging", &["settings"], &["env_logger", "log", "serde_json"]),
    (
        "repository",
        &["entities", "use_cases", "settings", "logging"],
        &[
            "diesel",
            "diesel_migrations",
            "log",
            "mongodb",
            "parking_lot",
            "percent_encoding",
            "secrecy",
            "twox_hash",
            "tokio",
            "uuid",
        ],
    ),
    (
        "http",
        &["entities", "use_cases", "formats", "places", "settings", "logging"],
        &[
            "actix_multipart",
            "actix_http",
            "actix_web",
            "askama",
            "base64",
            "crc32fast",
            "futures_util",
            "getrandom",
            "log",
            "mime",
            "prometheus_client",
            "quick_cache",
            "secrecy",
            "serde",
            "serde_json",
            "sha2",
            "twox_hash",
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
        &[
            "entities",
            "use_cases",
            "formats",
            "places",
            "settings",
            "logging",
            "repository",
            "http",
        ],
        &[
            "clap",
            "clap_complete",
            "comfy_table",
            "indicatif",
            "log",
            "rustix",
            "secrecy",
            "tempfile",
            "ureq",
            "uuid",
        ],
    ),
    ("main", &["cli"], &[]),
    (
        "lib",
        &[
            "entities",
            "use_cases",
            "formats",
            "places",
            "settings",
            "logging",
            "repository",
            "http",
            "cli",
        ],
        &[],
    ),
];

/// The folders and files of a ring. Each may use only those after it.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "places",
        &["search", "own", "gazetteer", "similar", "location", "record", "named_place", "fold"],
    ),
    ("entities", &["room", "value", "place", "text", "measures", "code", "folded"]),
    ("use_cases", &["rooms", "sessions", "failure", "repository", "request", "listed_room"]),
    (
        "settings",
        &[
            "layers",
            "sections",
            "log",
            "map",
            "site",
            "network",
            "places",
            "writes",
            "secret_file",
            "error",
        ],
    ),
    (
        "repository",
        &["diesel", "mongo", "memory", "storage", "url", "segments", "spellings", "distinct"],
    ),
    (
        "cli",
        &[
            "backup",
            "doctor",
            "healthcheck",
            "migrate",
            "print_config",
            "rooms",
            "serve",
            "version",
            "storage",
            "token",
            "output",
        ],
    ),
    ("formats", &["reading", "geojson", "ndjson", "json", "csv", "format", "schema"]),
    (
        "http",
        &[
            "server",
            "routes",
            "middleware",
            "rooms",
            "places",
            "ops",
            "pages",
            "openapi",
            "response",
            "auth",
            "state",
            "request",
            "access",
            "limits",
            "problem",
        ],
    ),
];

#[test]
fn every_ring_names_only_the_rings_inside_it() {
    let mut offences = Vec::new();
    let mut seen = BTreeSet::new();
    for (module, text) in sources() {
        seen.insert(module[0].clone());
        let found = offences_in(&module, &text);
        offences.extend(found.into_iter().map(|what| format!("{}: {what}", module.join("::"))));
    }
    assert!(offences.is_empty(), "{offences:#?}");
    let rings = RINGS.iter().map(|(ring, ..)| (*ring).to_owned()).collect();
    assert_eq!(seen, rings, "a top-level module without a rule, or a rule without a module");
}

#[test]
fn a_planted_violation_between_rings_is_caught() {
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
fn an_allowed_path_is_not_reported() {
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

#[test]
fn every_folder_uses_only_the_folders_below_it() {
    let edges = Files::new(sources()).edges();
    let offences: Vec<_> = edges.iter().filter(|edge| points_up(edge)).collect();
    assert!(offences.is_empty(), "{offences:#?}");
    let known = LAYERS
        .iter()
        .flat_map(|(ring, layers)| layers.iter().map(move |layer| format!("{ring}::{layer}")));
    let known: BTreeSet<String> = known.collect();
    let layered = |module: &[String]| LAYERS.iter().any(|(ring, _)| *ring == module[0]);
    let folders: BTreeSet<String> = sources()
        .into_iter()
        .filter(|(module, _)| module.len() > 1 && layered(module))
        .map(|(module, _)| module[..2].join("::"))
        .collect();
    assert_eq!(folders, known, "a folder without a place in LAYERS, or a place without a folder");
}

#[test]
fn no_files_use_each_other() {
    let cycle = cycle(&Files::new(sources()).edges());
    assert!(
        cycle.is_none(),
        "each of these files uses the next, and the last the first: {cycle:?}"
    );
}

#[test]
fn a_planted_use_of_a_higher_folder_is_caught() {
    for (module, text) in [
        ("http::problem", "use super::pages::respond;"),
        ("http::problem", "fn f() { crate::http::pages::respond(); }"),
        ("http::state", "use super::Server;"),
        ("http::access::gate", "use crate::http::{problem::Problem, request::RequestId};"),
        ("http::request::code", "use super::super::auth; fn f() -> auth::Owner {}"),
        ("use_cases::request::sort", "use crate::use_cases::RoomPage;"),
    ] {
        let edges = planted(module, text).edges();
        assert!(edges.iter().any(points_up), "{module}: {text}");
    }
}

#[test]
fn a_planted_cycle_of_files_is_caught() {
    for (module, text) in [
        ("http::server", "use super::routes::configure;"),
        ("http::problem", "fn f() { super::server::run(); }"),
        ("http::state", "use crate::http::Server;"),
        ("http::state", "macro_rules! m { () => { $crate::http::server::Server } }"),
        ("http::access::gate", "use super::run::Access;"),
        ("use_cases::request", "use super::RoomPage;"),
    ] {
        let found = cycle(&planted(module, text).edges());
        let expected = module == "http::server";
        assert_eq!(found.is_none(), expected, "{module}: {text}: {found:?}");
    }
}

/// A few files, one of which has this text.
fn planted(module: &str, text: &str) -> Files {
    let files = [
        ("lib", ""),
        ("http", "mod server; pub use server::Server;"),
        ("http::server", "use super::{routes, state::State}; use super::problem::Problem;"),
        ("http::routes", "pub fn configure() {}"),
        ("http::state", "use super::access::Access; pub struct State;"),
        ("http::access", "mod gate; mod run; pub use run::Access;"),
        ("http::access::gate", "pub struct Gate;"),
        ("http::access::run", "use super::gate::Gate; pub struct Access;"),
        ("http::auth", "pub struct Owner;"),
        ("http::pages", "pub fn respond() {}"),
        ("http::request", "mod code; pub struct RequestId;"),
        ("http::request::code", ""),
        ("http::problem", "pub struct Problem;"),
        ("use_cases", "pub mod rooms; pub mod request; pub use rooms::list::RoomPage;"),
        ("use_cases::rooms", "pub mod list;"),
        ("use_cases::rooms::list", "use crate::use_cases::request::Request; pub struct RoomPage;"),
        ("use_cases::request", "mod sort; pub struct Request;"),
        ("use_cases::request::sort", ""),
    ];
    Files::new(files.into_iter().map(|(name, original)| {
        let text = if name == module { format!("{original} {text}") } else { original.to_owned() };
        (name.split("::").map(str::to_owned).collect(), text)
    }))
}

/// Whether a file uses a folder above its own.
fn points_up((from, to): &Edge) -> bool {
    let place = |file: &str| {
        let mut segments = file.split("::");
        let ring = segments.next().unwrap();
        let (_, layers) = LAYERS.iter().find(|(known, _)| *known == ring)?;
        let layer = segments.next()?;
        Some((ring.to_owned(), layers.iter().position(|known| *known == layer)?))
    };
    match (place(from), place(to)) {
        (Some((ring, from)), Some((other, to))) => ring == other && to < from,
        _ => false,
    }
}

/// The module path and the text of every source file.
fn sources() -> Vec<(Vec<String>, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = |file: PathBuf| {
        let module = module_of(file.strip_prefix(&source).unwrap());
        (module, fs::read_to_string(&file).unwrap())
    };
    rust_files(&source).into_iter().map(file).collect()
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
    let mut offences = BTreeSet::new();
    for path in paths(text, module).into_iter().map(|path| path.segments) {
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
