//! Layered settings: which source wins, and what is refused.

use rentomatic::settings::{Sources, TileUrl, load};
use secrecy::ExposeSecret;

fn environment_of(pairs: &[(&str, &str)]) -> Sources {
    let environment =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { environment, folder: env!("CARGO_MANIFEST_DIR").into(), ..Sources::default() }
}

fn error(sources: &Sources) -> String {
    load(sources).unwrap_err().to_string()
}

#[test]
fn without_any_source_the_defaults_apply() {
    let (settings, listed) = load(&Sources::default()).unwrap();
    assert_eq!(settings.server.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.database.url.expose_secret(), "sqlite:rentomatic.db");
    assert!(listed.iter().all(|setting| setting.origin == "default"));
}

#[test]
fn the_environment_overrides_the_file_and_a_flag_overrides_both() {
    let mut sources = environment_of(&[("APPLICATION_CONFIG", "production")]);
    let bind = |sources: &Sources| load(sources).unwrap().0.server.bind.to_string();
    assert_eq!(bind(&sources), "0.0.0.0:8000");
    sources.environment.push(("RENTOMATIC_SERVER__BIND".to_owned(), "127.0.0.1:8001".to_owned()));
    assert_eq!(bind(&sources), "127.0.0.1:8001");
    sources.flags.push(("--bind", "server.bind", "127.0.0.1:8002".to_owned()));
    assert_eq!(bind(&sources), "127.0.0.1:8002");
}

#[test]
fn the_prefixed_variable_overrides_database_url() {
    let mut sources = environment_of(&[("DATABASE_URL", "memory:")]);
    let url = |sources: &Sources| load(sources).unwrap().0.database.url;
    assert_eq!(url(&sources).expose_secret(), "memory:");
    sources.environment.push(("RENTOMATIC_DATABASE__URL".to_owned(), "sqlite:x".to_owned()));
    assert_eq!(url(&sources).expose_secret(), "sqlite:x");
}

#[test]
fn each_setting_names_its_origin() {
    let sources = environment_of(&[
        ("APPLICATION_CONFIG", "production"),
        ("RENTOMATIC_DATABASE__POOL_SIZE", "3"),
    ]);
    let (_, listed) = load(&sources).unwrap();
    let origin = |key: &str| listed.iter().find(|s| s.key == key).unwrap().origin.clone();
    assert!(origin("server.bind").ends_with("config/production.toml"));
    assert_eq!(origin("database.pool_size"), "RENTOMATIC_DATABASE__POOL_SIZE");
    assert_eq!(origin("log.level"), "default");
}

#[test]
fn an_unknown_key_is_refused_with_its_origin_and_its_neighbours() {
    let message = error(&environment_of(&[("RENTOMATIC_SERVER__BNID", "x")]));
    assert!(message.starts_with("unknown key server.bnid in RENTOMATIC_SERVER__BNID: "));
    assert!(message.contains("server.bind"), "{message}");
    let message = error(&environment_of(&[("RENTOMATIC_SERVR__BIND", "x")]));
    assert!(
        message
            .ends_with("the sections are cache, database, log, map, places, server, site, writes"),
        "{message}"
    );
}

#[test]
fn an_unusable_value_is_refused_with_its_key_and_its_origin() {
    for (name, value, key) in [
        ("RENTOMATIC_SERVER__BIND", "here", "server.bind"),
        ("RENTOMATIC_DATABASE__POOL_SIZE", "many", "database.pool_size"),
        ("RENTOMATIC_DATABASE__POOL_SIZE", "0", "database.pool_size"),
        ("RENTOMATIC_DATABASE__POOL_SIZE", "3.7", "database.pool_size"),
        ("RENTOMATIC_DATABASE__POOL_SIZE", "true", "database.pool_size"),
        ("RENTOMATIC_DATABASE__POOL_WAIT_MS", "-1", "database.pool_wait_ms"),
        ("RENTOMATIC_DATABASE__MIGRATE_ON_START", "perhaps", "database.migrate_on_start"),
        ("RENTOMATIC_SERVER__TRUSTED_PROXIES", "10.0.0.0/33", "server.trusted_proxies"),
        ("RENTOMATIC_SERVER__HOST_NAMES", "rooms.example:80", "server.host_names"),
        ("RENTOMATIC_MAP__TILE_URL", "tiles", "map.tile_url"),
        ("RENTOMATIC_MAP__TILE_URL", "https://tile.example/{z}/{x}.png", "map.tile_url"),
        ("RENTOMATIC_SITE__TITLE", "", "site.title"),
        ("RENTOMATIC_SITE__TITLE", "two\nlines", "site.title"),
        ("RENTOMATIC_SITE__INTRO", "a\u{1b}b", "site.intro"),
        ("RENTOMATIC_SITE__INTRO", &"a".repeat(2_001), "site.intro"),
        ("RENTOMATIC_SITE__CURRENCY", " ", "site.currency"),
        ("RENTOMATIC_SITE__CURRENCY", "gold coins", "site.currency"),
        ("RENTOMATIC_SITE__CONTACT", "me@rooms.example", "site.contact"),
        ("RENTOMATIC_SITE__CONTACT", "mailto:me", "site.contact"),
        ("RENTOMATIC_SITE__CONTACT", "mailto://me@rooms.example", "site.contact"),
        ("RENTOMATIC_SITE__CONTACT", "http://rooms.example", "site.contact"),
        ("RENTOMATIC_SITE__CONTACT", "javascript:alert(1)", "site.contact"),
        ("RENTOMATIC_SITE__CONTACT", "https://{code}.rooms.example/", "site.contact"),
        ("RENTOMATIC_SITE__CONTACT", "https://me@rooms.example/", "site.contact"),
        ("RENTOMATIC_SITE__CONTACT", "https://rooms.example/{price}", "site.contact"),
        ("RENTOMATIC_LOG__FORMAT", "xml", "log.format"),
        ("RENTOMATIC_LOG__LEVEL", "loud", "log.level"),
        ("RENTOMATIC_LOG__LEVEL", "", "log.level"),
        ("RENTOMATIC_LOG__LEVEL", "info,diesel=loud", "log.level"),
        ("RUST_LOG", "info,=warn", "log.level"),
    ] {
        let message = error(&environment_of(&[(name, value)]));
        assert!(message.contains(key) && message.contains(name), "{message}");
    }
}

#[test]
fn a_number_is_accepted_within_its_bounds_and_refused_outside_with_both() {
    let most = u32::MAX.to_string();
    for (key, least, most) in [
        ("server.shutdown_timeout_s", 0, "65535"),
        ("server.request_timeout_ms", 1, &most),
        ("server.import_timeout_s", 1, "65535"),
        ("server.head_timeout_s", 1, "65535"),
        ("server.body_timeout_s", 1, "65535"),
        ("server.keep_alive_s", 1, "65535"),
        ("server.max_uri_bytes", 1, "65535"),
        ("server.max_body_kib", 1, "65535"),
        ("server.max_import_mib", 1, "65535"),
        ("server.queue", 0, "65535"),
        ("server.hsts_max_age_s", 0, &most),
        ("cache.max_mib", 0, "65535"),
        ("database.pool_size", 1, "65535"),
        ("database.pool_wait_ms", 1, &most),
    ] {
        let name = format!("RENTOMATIC_{}", key.to_uppercase().replace('.', "__"));
        for value in [least.to_string(), most.to_owned()] {
            load(&environment_of(&[(&name, &value)])).unwrap();
        }
        let beyond = most.parse::<i64>().unwrap() + 1;
        for value in [least - 1, beyond, i64::MAX] {
            let message = error(&environment_of(&[(&name, &value.to_string())]));
            let range = format!("it is {value}; write a whole number from {least} to {most}. ");
            assert!(message.contains(&range), "{message}");
        }
    }
}

#[test]
fn white_space_at_the_ends_of_a_setting_does_not_count() {
    let token = "0f8fad5bd9cb469fa16570867728950e";
    let mut sources = environment_of(&[
        ("RENTOMATIC_SERVER__BIND", " 127.0.0.1:8001\n"),
        ("DATABASE_URL", "\tsqlite:x.db \r\n"),
        ("RENTOMATIC_DATABASE__POOL_SIZE", " 3 "),
        ("RENTOMATIC_DATABASE__MIGRATE_ON_START", "false\n"),
        ("RENTOMATIC_LOG__FORMAT", " json"),
        ("RENTOMATIC_WRITES__ADMIN_TOKEN", &format!(" {token}\r\n")),
        ("RENTOMATIC_SERVER__HOST_NAMES", "\n rooms.example\n www.rooms.example \n"),
        ("APPLICATION_CONFIG", "testing\n"),
    ]);
    sources.flags.push(("--bind", "server.bind", " 127.0.0.1:8002 ".to_owned()));
    let settings = load(&sources).unwrap().0;
    assert_eq!(settings.server.bind.to_string(), "127.0.0.1:8002");
    assert_eq!(settings.database.url.expose_secret(), "sqlite:x.db");
    assert_eq!(settings.database.pool_size.get(), 3);
    assert!(!settings.database.migrate_on_start);
    assert_eq!(settings.writes.token().unwrap().unwrap().as_bytes(), token.as_bytes());
    assert!(settings.server.host_names.accept("www.rooms.example"));
    // In a file as well.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "[database]\nurl = \" memory: \"\n").unwrap();
    let sources = Sources { file: Some(file.path().to_owned()), ..Sources::default() };
    assert_eq!(load(&sources).unwrap().0.database.url.expose_secret(), "memory:");
}

#[test]
fn a_token_that_somebody_copied_with_its_quotes_or_its_name_is_refused() {
    let token = "0f8fad5bd9cb469fa16570867728950e";
    let file = tempfile::NamedTempFile::new().unwrap();
    let of_file = |content: &str| {
        std::fs::write(&file, content).unwrap();
        let path = file.path().to_str().unwrap();
        let sources = environment_of(&[("RENTOMATIC_WRITES__ADMIN_TOKEN_FILE", path)]);
        load(&sources).unwrap().0.writes.token()
    };
    let of_environment = |content: &str| {
        let sources = environment_of(&[("RENTOMATIC_WRITES__ADMIN_TOKEN", content)]);
        load(&sources).unwrap().0.writes.token()
    };
    for (content, reason) in [
        (format!("\"{token}\"\n"), "it is in quotes"),
        (format!("'{token}'"), "it is in quotes"),
        (format!("ADMIN_TOKEN={token}\n"), "it has the form NAME=TOKEN"),
        (format!("RENTOMATIC_WRITES__ADMIN_TOKEN=\"{token}\"\n"), "it is in quotes"),
    ] {
        for refused in [of_file(&content), of_environment(&content)] {
            let said = refused.unwrap_err().to_string();
            assert!(said.contains(reason) && !said.contains("0f8fad5b"), "{said}");
        }
    }
    for content in [format!("{token}=="), format!(" {token}\n\n"), format!("{token}+/x=")] {
        assert!(of_file(&content).unwrap().is_some(), "{content}");
    }
}

#[test]
fn a_missing_settings_file_is_named() {
    let sources = environment_of(&[("APPLICATION_CONFIG", "elsewhere")]);
    assert!(error(&sources).contains("config/elsewhere.toml"));
    let sources = environment_of(&[("APPLICATION_CONFIG", "../secret")]);
    assert!(error(&sources).contains("the NAME of a file config/NAME.toml"));
}

#[test]
fn the_example_settings_files_can_be_read() {
    for name in ["default", "production", "testing"] {
        load(&environment_of(&[("APPLICATION_CONFIG", name)])).unwrap();
    }
}

#[test]
fn the_server_is_part_of_the_address() {
    for (template, origin) in [
        ("http://127.0.0.1:8081/{z}/{x}/{y}", "http://127.0.0.1:8081"),
        ("https://Tile.Example/a/{z}/{y}/{x}.png", "https://tile.example"),
        ("https://tile.example/?z={z}&x={x}&y={y}", "https://tile.example"),
    ] {
        assert_eq!(TileUrl::parse(template).unwrap().origin(), origin);
    }
}

#[test]
fn an_invalid_tile_address_is_refused() {
    for template in [
        "tile.example/{z}/{x}/{y}.png",
        "https://tile.example/{z}/{x}.png",
        "https://tile.example/{z}/{z}/{x}/{y}.png",
        "ftp://tile.example/{z}/{x}/{y}.png",
        "https://{z}.example/{x}/{y}.png",
        "https://name@tile.example/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
        "https://tile.example;script-src/{z}/{x}/{y}.png",
        "https://tile.example/{s}/{z}/{x}/{y}.png",
        " https://tile.example/{z}/{x}/{y}.png",
    ] {
        assert!(TileUrl::parse(template).is_err(), "{template}");
    }
}

#[test]
fn no_debug_output_shows_a_token() {
    let token = "0f8fad5bd9cb469fa16570867728950e";
    let sources = environment_of(&[("RENTOMATIC_WRITES__ADMIN_TOKEN", token)]);
    let settings = load(&sources).unwrap().0.writes;
    let accepted = settings.token().unwrap();
    assert!(!format!("{settings:?} {accepted:?}").contains("0f8fad5b"));
    assert_eq!(accepted.unwrap().as_bytes(), token.as_bytes());
}
