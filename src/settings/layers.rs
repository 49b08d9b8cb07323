//! The sources of settings: layers, each of which overrides the ones before it.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::path::{Path, PathBuf};

use config::{
    Config, ConfigError, File, FileFormat, FileSourceFile, Map, Source, Value, ValueKind,
};
use secrecy::SecretString;

use super::{Settings, SettingsError};

const DEFAULTS: &str = include_str!("../../config/default.toml");
const PREFIX: &str = "RENTOMATIC_";

/// Variables that are read under their customary names. A variable with the prefix overrides them.
const CUSTOMARY: [(&str, &str); 2] = [("DATABASE_URL", "database.url"), ("RUST_LOG", "log.level")];

/// Keys whose values may hold a secret.
const SECRET_KEYS: [&str; 2] = ["database.url", "writes.admin_token"];

/// A key, its current value, and where the value came from.
#[derive(Debug, Clone)]
pub struct Setting {
    /// For example `server.bind`.
    pub key: String,
    /// The value, written in TOML.
    pub value: SecretString,
    /// For example `config/production.toml` or `RENTOMATIC_SERVER__BIND`.
    pub origin: String,
    /// Whether the value may hold a secret, so that it must not be shown unchanged.
    pub is_secret: bool,
}

/// Everything outside the program that can hold settings. It has no `Debug`, because the environment
/// may hold secrets.
#[derive(Default)]
pub struct Sources {
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// The file named by `--config`.
    pub file: Option<PathBuf>,
    /// The folder that contains `config/NAME.toml`.
    pub folder: PathBuf,
    /// Keys that are set by flags: the flag, the key, the value.
    pub flags: Vec<(&'static str, &'static str, String)>,
}

/// Reads the settings, and lists each of them with its origin.
///
/// # Errors
///
/// [`SettingsError`] with the first key that is unknown or has an unusable value, and where it is set.
pub fn load(sources: &Sources) -> Result<(Settings, Vec<Setting>), SettingsError> {
    let defaults = flatten(
        File::from_str(DEFAULTS, FileFormat::Toml).collect().map_err(|error| unreadable(&error))?,
        "default",
    );
    let mut layers = vec![defaults.clone()];
    if let Some(path) = settings_file(sources)? {
        let origin = path.display().to_string();
        let file: File<FileSourceFile, FileFormat> = File::new(&origin, FileFormat::Toml);
        layers.push(flatten(file.collect().map_err(|error| unreadable(&error))?, &origin));
    }
    layers.extend(environment(&sources.environment));
    layers.push(sources.flags.iter().map(|(flag, key, text)| entry(flag, key, text)).collect());

    let mut in_force = BTreeMap::new();
    for layer in layers {
        for (key, value) in layer {
            let Some(default) = defaults.get(&key) else {
                return Err(unknown(&key, &value, &defaults));
            };
            let value = typed(&key, &value, default)?;
            in_force.insert(key, value);
        }
    }
    let mut builder = Config::builder();
    for (key, value) in &in_force {
        builder = builder.set_override(key, value.clone()).map_err(|error| unreadable(&error))?;
    }
    let settings = builder
        .build()
        .and_then(Config::try_deserialize)
        .map_err(|error| refused(&error, &in_force, &defaults))?;
    Ok((settings, in_force.iter().map(|(key, value)| setting(key, value)).collect()))
}

/// The value, converted to the type of its default: in the environment and in flags everything is text.
fn typed(key: &str, value: &Value, default: &Value) -> Result<Value, SettingsError> {
    let kind = match (&value.kind, &default.kind) {
        (ValueKind::String(text), ValueKind::I64(_)) => text.parse().ok().map(ValueKind::I64),
        (ValueKind::String(text), ValueKind::Boolean(_)) => {
            text.parse().ok().map(ValueKind::Boolean)
        }
        (kind, default) => (discriminant(kind) == discriminant(default)).then(|| kind.clone()),
    };
    match kind {
        Some(kind) => Ok(Value::new(Some(&origin(value)), kind)),
        None => Err(unusable(key, value, default, "it has the wrong type")),
    }
}

type Layer = BTreeMap<String, Value>;

fn settings_file(sources: &Sources) -> Result<Option<PathBuf>, SettingsError> {
    let name = sources.environment.iter().find(|(name, _)| name == "APPLICATION_CONFIG");
    let path = match (&sources.file, name) {
        (Some(path), _) => path.clone(),
        (None, None) => return Ok(None),
        (None, Some((_, name))) => {
            let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || !name.chars().all(is_name) {
                return Err(SettingsError(format!(
                    "APPLICATION_CONFIG is {name:?}: it must be the NAME of a file config/NAME.toml"
                )));
            }
            sources.folder.join(Path::new("config").join(format!("{name}.toml")))
        }
    };
    if path.is_file() {
        Ok(Some(path))
    } else {
        Err(SettingsError(format!("the settings file {} does not exist", path.display())))
    }
}

/// The customary variables, then those with the prefix.
fn environment(variables: &[(String, String)]) -> [Layer; 2] {
    let customary = CUSTOMARY
        .iter()
        .filter_map(|(name, key)| {
            let (_, text) = variables.iter().find(|(variable, _)| variable == name)?;
            Some(entry(name, key, text))
        })
        .collect();
    let prefixed = variables
        .iter()
        .filter_map(|(name, text)| {
            let key = name.strip_prefix(PREFIX)?.to_lowercase().replace("__", ".");
            Some(entry(name, &key, text))
        })
        .collect();
    [customary, prefixed]
}

fn entry(origin: &str, key: &str, text: &str) -> (String, Value) {
    (key.to_owned(), Value::new(Some(&origin.to_owned()), ValueKind::String(text.to_owned())))
}

/// Turns `[section] key` into `section.key`, all with the same origin.
fn flatten(table: Map<String, Value>, origin: &str) -> Layer {
    let mut layer = Layer::new();
    for (key, value) in table {
        match value.kind {
            ValueKind::Table(section) if !section.is_empty() => {
                for (rest, value) in flatten(section, origin) {
                    layer.insert(format!("{key}.{rest}"), value);
                }
            }
            kind => {
                layer.insert(key, Value::new(Some(&origin.to_owned()), kind));
            }
        }
    }
    layer
}

fn setting(key: &str, value: &Value) -> Setting {
    Setting {
        key: key.to_owned(),
        value: written(value).into(),
        origin: origin(value),
        is_secret: SECRET_KEYS.contains(&key),
    }
}

/// The value in TOML.
fn written(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

fn origin(value: &Value) -> String {
    value.origin().unwrap_or("default").to_owned()
}

fn unknown(key: &str, value: &Value, known: &Layer) -> SettingsError {
    let section = key.split('.').next().unwrap_or_default();
    let neighbours: Vec<_> = known
        .keys()
        .filter(|known| known.split('.').next() == Some(section))
        .map(String::as_str)
        .collect();
    let instruction = if neighbours.is_empty() {
        let mut sections: Vec<_> =
            known.keys().filter_map(|known| known.split('.').next()).collect();
        sections.dedup();
        format!("the sections are {}", sections.join(", "))
    } else {
        format!("the keys are {}", neighbours.join(", "))
    };
    SettingsError(format!("unknown key {key} in {}: {instruction}", origin(value)))
}

/// An unusable value, with its key, its origin, and its default as an example of the correct form.
fn refused(error: &ConfigError, in_force: &Layer, defaults: &Layer) -> SettingsError {
    let (key, reason) = match error {
        ConfigError::At { key: Some(key), error, .. } => (key, error.to_string()),
        ConfigError::Type { key: Some(key), unexpected, expected, .. } => {
            (key, format!("it is {unexpected} instead of {expected}"))
        }
        other => return unreadable(other),
    };
    match in_force.get(key).zip(defaults.get(key)) {
        Some((value, default)) => unusable(key, value, default, &reason),
        None => unreadable(error),
    }
}

fn unusable(key: &str, value: &Value, default: &Value, reason: &str) -> SettingsError {
    SettingsError(format!(
        "{key} in {} cannot be used: {reason}. Its default is {}",
        origin(value),
        written(default)
    ))
}

/// A parser's error with its place, but without the line itself, which may hold a password.
fn unreadable(error: &ConfigError) -> SettingsError {
    let (file, text) = match error {
        ConfigError::FileParse { uri, cause } => (uri.as_deref(), cause.to_string()),
        other => (None, other.to_string()),
    };
    let is_excerpt = |line: &&str| {
        let line = line.trim_start();
        line.starts_with(|first: char| first.is_ascii_digit() || first == '|')
    };
    let lines: Vec<_> = text.lines().filter(|line| !is_excerpt(line)).map(str::trim).collect();
    let file = file.map_or_else(String::new, |file| format!("{file}: "));
    SettingsError(format!("{file}{}", lines.join(": ")))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn environment_of(pairs: &[(&str, &str)]) -> Sources {
        let environment =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Sources { environment, folder: env!("CARGO_MANIFEST_DIR").into(), ..Sources::default() }
    }

    fn error(sources: &Sources) -> String {
        load(sources).expect_err("should be refused").to_string()
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
        sources
            .environment
            .push(("RENTOMATIC_SERVER__BIND".to_owned(), "127.0.0.1:8001".to_owned()));
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
            message.ends_with("the sections are cache, database, log, map, server, writes"),
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
            ("RENTOMATIC_MAP__TILE_URL", "tiles", "map.tile_url"),
            ("RENTOMATIC_MAP__TILE_URL", "https://tile.example/{z}/{x}.png", "map.tile_url"),
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
            ("cache.max_mib", 0, "65535"),
            ("database.pool_size", 1, "65535"),
            ("database.pool_wait_ms", 1, &most),
        ] {
            let name = format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"));
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
}
