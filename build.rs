//! Triggers a rebuild when a migration changes, since migrations are embedded in the binary, and passes on the
//! versions that `rentomatic version --verbose` prints.

use std::error::Error;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=Cargo.lock");
    // openssl-sys reads it from the headers that it compiles against. Its form is 0xMNN00PP0 (OpenSSL,
    // "OPENSSL_VERSION_NUMBER").
    let number = u32::from_str_radix(&env::var("DEP_OPENSSL_VERSION_NUMBER")?, 16)?;
    let (major, minor, patch) = (number >> 28, (number >> 20) & 0xff, (number >> 4) & 0xff);
    println!("cargo::rustc-env=VERSION_OF_OPENSSL={major}.{minor}.{patch}");
    let lock = fs::read_to_string("Cargo.lock")?;
    // The version of pq-src is its own, then that of the libpq whose source it contains: 0.3.14+libpq-18.6.
    let libpq = locked(&lock, "pq-src")?.split_once("+libpq-").ok_or("pq-src names no libpq")?.1;
    println!("cargo::rustc-env=VERSION_OF_LIBPQ={libpq}");
    for (variable, name) in
        [("ACTIX_WEB", "actix-web"), ("ACTIX_HTTP", "actix-http"), ("DIESEL", "diesel")]
    {
        println!("cargo::rustc-env=VERSION_OF_{variable}={}", locked(&lock, name)?);
    }
    Ok(())
}

/// The version of a crate in Cargo.lock.
fn locked<'a>(lock: &'a str, name: &str) -> Result<&'a str, String> {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let version = lock.split_once(&entry).and_then(|(_, rest)| rest.split('"').next());
    version.ok_or_else(|| format!("Cargo.lock does not contain {name}"))
}
