//! The container images: named in one place, and pinned by a script.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{failure, stdout};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The images in `.env`, each with the name of its variable and without a digest.
fn images() -> Vec<(String, String)> {
    let file = file(".env");
    let lines = file.lines().filter_map(|line| line.split_once('='));
    let images = lines.filter(|(name, _)| name.ends_with("_IMAGE"));
    let tag = |image: &str| image.split('@').next().unwrap().to_owned();
    images.map(|(name, image)| (name.to_owned(), tag(image))).collect()
}

#[test]
fn each_image_is_named_by_a_tag_in_one_place() {
    let images = images();
    let names: Vec<_> = images.iter().map(|(name, _)| name.as_str()).collect();
    let all = ["DEBIAN_IMAGE", "MONGO_IMAGE", "NGINX_IMAGE", "POSTGRES_IMAGE", "RUST_IMAGE"];
    assert_eq!(names, all);
    for (_, image) in &images {
        let tag = image.split_once(':').map(|(_, tag)| tag);
        assert!(tag.is_some_and(|tag| tag != "latest"), "{image}");
    }
    for line in ["docker-compose.yml", "docker-compose.tls.yml"].map(file).concat().lines() {
        let Some(image) = line.trim().strip_prefix("image: ") else { continue };
        let is_ours = ["rentomatic", "rentomatic-mongodb"].contains(&image);
        assert!(is_ours || image.starts_with("${"), "{line}");
    }
    // For a build without Compose.
    let dockerfile = file("Dockerfile");
    for (name, image) in &images {
        let is_built_from = ["DEBIAN_IMAGE", "RUST_IMAGE"].contains(&name.as_str());
        let default = format!("\nARG {name}={image}\n");
        assert_eq!(dockerfile.contains(&default), is_built_from, "{default}");
    }
    for from in dockerfile.lines().filter(|line| line.starts_with("FROM ")) {
        let source = from.split(' ').nth(1).unwrap();
        assert!(source.starts_with('$') || ["build", "dependencies"].contains(&source), "{from}");
    }
}

/// `scripts/pin-images` in a folder of its own, with a `docker` that runs `script`.
fn pin(script: &str) -> (tempfile::TempDir, Command) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("scripts")).unwrap();
    fs::write(path("scripts/pin-images"), file("scripts/pin-images")).unwrap();
    fs::write(path(".env"), [&file(".env"), "HTTP_PORT=80\n"].concat()).unwrap();
    fs::create_dir(path("bin")).unwrap();
    fs::write(path("bin/docker"), format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path("bin/docker"), Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("bash");
    let inherited = std::env::var("PATH").unwrap();
    command.arg(path("scripts/pin-images"));
    command.env("PATH", format!("{}:{inherited}", path("bin").display()));
    (folder, command)
}

#[test]
fn pinning_adds_the_digest_of_each_image_and_replaces_it_later() {
    // The digest is made of the last word, the image's tag.
    let digest =
        r#"for image; do :; done; echo "sha256:$(printf %s "$image" | sha256sum | cut -c -64)""#;
    let (folder, mut command) = pin(digest);
    stdout(&mut command);
    let pinned = fs::read_to_string(folder.path().join(".env")).unwrap();
    for (name, image) in images() {
        let start = format!("\n{name}={image}@sha256:");
        assert!(pinned.contains(&start), "{start}: {pinned}");
    }
    assert_eq!(pinned.matches("@sha256:").count(), images().len());
    assert!(pinned.ends_with("\nHTTP_PORT=80\n") && pinned.starts_with('#'), "{pinned}");
    stdout(&mut command);
    assert_eq!(fs::read_to_string(folder.path().join(".env")).unwrap(), pinned);
}

#[test]
fn without_a_registry_pinning_changes_nothing() {
    for script in ["echo 'no such host' >&2; exit 1", "echo nonsense"] {
        let (folder, mut command) = pin(script);
        let before = fs::read_to_string(folder.path().join(".env")).unwrap();
        failure(&mut command, 1);
        assert_eq!(fs::read_to_string(folder.path().join(".env")).unwrap(), before);
    }
}
