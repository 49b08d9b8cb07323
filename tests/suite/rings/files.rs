//! Which file uses which: the paths of all files, resolved to the file that defines what they name.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::{Path, paths};

/// A use of one file by another.
pub type Edge = (String, String);

/// The source files, by module path: `http/pages/mod.rs` is `http::pages`.
pub struct Files {
    texts: BTreeMap<String, String>,
    /// What a name in a module stands for: `(module, name)` to a path from the crate's root.
    imports: BTreeMap<(String, String), Vec<String>>,
}

impl Files {
    /// The files with these module paths and texts.
    pub fn new(texts: impl IntoIterator<Item = (Vec<String>, String)>) -> Self {
        let texts = texts.into_iter().map(|(module, text)| (module.join("::"), text)).collect();
        let mut files = Self { texts, imports: BTreeMap::new() };
        let mut imports = BTreeMap::new();
        for (module, text) in &files.texts {
            let segments: Vec<String> = module.split("::").map(str::to_owned).collect();
            for Path { module: inner, segments } in paths(text, &segments) {
                let path = files.absolute(&inner.join("::"), segments);
                if let (true, Some(name)) = (path.len() > 1, path.last()) {
                    imports.entry((module.clone(), name.clone())).or_insert(path);
                }
            }
        }
        files.imports = imports;
        files
    }

    /// Every use of one file by another.
    pub fn edges(&self) -> BTreeSet<Edge> {
        let mut edges = BTreeSet::new();
        for (module, text) in &self.texts {
            let segments: Vec<String> = module.split("::").map(str::to_owned).collect();
            for Path { module: inner, segments } in paths(text, &segments) {
                let target = self.defining_file(&inner.join("::"), segments, 0);
                edges.extend(
                    target.filter(|target| target != module).map(|to| (module.clone(), to)),
                );
            }
        }
        edges
    }

    /// The path from the crate's root, if it is one: from `crate`, from a child of the module, or from a
    /// name that the module imports.
    fn absolute(&self, module: &str, mut segments: Vec<String>) -> Vec<String> {
        let first = segments[0].clone();
        if ["crate", "rentomatic"].contains(&first.as_str()) {
            segments.remove(0);
            return segments;
        }
        if first == "self" {
            segments.remove(0);
        } else if !self.texts.contains_key(&join(module, &first)) {
            let Some(import) = self.imports.get(&(module.to_owned(), first)) else {
                return Vec::new();
            };
            return import.iter().cloned().chain(segments.into_iter().skip(1)).collect();
        }
        module.split("::").map(str::to_owned).chain(segments).collect()
    }

    /// The file that defines what a path names. A re-export is followed to its origin.
    fn defining_file(&self, module: &str, segments: Vec<String>, depth: usize) -> Option<String> {
        let path = self.absolute(module, segments);
        let mut file = String::new();
        for (index, segment) in path.iter().enumerate() {
            let child = join(&file, segment);
            if self.texts.contains_key(&child) {
                file = child;
                continue;
            }
            let origin = self.imports.get(&(file.clone(), segment.clone()));
            return match origin {
                Some(origin) if depth < 9 && !file.is_empty() && *origin != path[..=index] => {
                    let rest = path[index + 1..].iter().cloned();
                    let origin = ["crate".to_owned()].into_iter().chain(origin.iter().cloned());
                    self.defining_file("", origin.chain(rest).collect(), depth + 1)
                }
                _ => Some(file).filter(|file| !file.is_empty()),
            };
        }
        Some(file).filter(|file| !file.is_empty())
    }
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

/// A cycle among the edges, if there is one: each file uses the next, and the last uses the first.
pub fn cycle(edges: &BTreeSet<Edge>) -> Option<Vec<String>> {
    let mut finished = BTreeSet::new();
    let starts: BTreeSet<&String> = edges.iter().map(|(from, _)| from).collect();
    starts.into_iter().find_map(|start| visit(start, edges, &mut Vec::new(), &mut finished))
}

fn visit(
    file: &str,
    edges: &BTreeSet<Edge>,
    path: &mut Vec<String>,
    finished: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(start) = path.iter().position(|earlier| earlier == file) {
        return Some(path[start..].to_vec());
    }
    if finished.contains(file) {
        return None;
    }
    path.push(file.to_owned());
    for (_, to) in edges.iter().filter(|(from, _)| from == file) {
        if let Some(cycle) = visit(to, edges, path, finished) {
            return Some(cycle);
        }
    }
    path.pop();
    finished.insert(file.to_owned());
    None
}
