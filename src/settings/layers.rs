//! The sources of settings: layers, each of which overrides the ones before it.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::path::{Path, PathBuf};

use config::builder::{ConfigBuilder, DefaultState};
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
    let defaults = layer(&File::from_str(DEFAULTS, FileFormat::Toml), "default")?;
    let mut layers = vec![defaults.clone()];
    if let Some(path) = settings_file(sources)? {
        let origin = path.display().to_string();
        let file: File<FileSourceFile, FileFormat> = File::new(&origin, FileFormat::Toml);
        layers.push(layer(&file, &origin)?);
    }
    layers.extend(environment(&sources.environment));
    layers.push(sources.flags.iter().map(|(flag, key, text)| entry(flag, key, text)).collect());

    let mut in_force = Layer::new();
    for (key, value) in layers.into_iter().flatten() {
        let default = defaults.get(&key).ok_or_else(|| unknown(&key, &value, &defaults))?;
        let value = typed(&key, &value, default)?;
        in_force.insert(key, value);
    }
    let settings = in_force
        .iter()
        .try_fold(Config::builder(), |all, (key, value)| all.set_override(key, value.clone()))
        .and_then(ConfigBuilder::<DefaultState>::build)
        .and_then(Config::try_deserialize)
        .map_err(|error| refused(&error, &in_force, &defaults))?;
    Ok((settings, in_force.iter().map(|(key, value)| setting(key, value)).collect()))
}

type Layer = BTreeMap<String, Value>;

/// The value, converted to the type of its default: in the environment and in flags everything is text.
fn typed(key: &str, value: &Value, default: &Value) -> Result<Value, SettingsError> {
    let kind = match (&trimmed(&value.kind), &default.kind) {
        (ValueKind::String(text), ValueKind::I64(_)) => text.parse().ok().map(ValueKind::I64),
        (ValueKind::String(text), ValueKind::Boolean(_)) => {
            text.parse().ok().map(ValueKind::Boolean)
        }
        (ValueKind::String(text), ValueKind::Array(_)) => Some(ValueKind::Array(list(text))),
        (kind, default) => (discriminant(kind) == discriminant(default)).then(|| kind.clone()),
    };
    match kind {
        Some(kind) => Ok(Value::new(Some(&origin(value)), kind)),
        None => Err(unusable(key, value, default, "it has the wrong type")),
    }
}

/// The value without white space at its ends, which is easily left there by a shell, a file or a form.
fn trimmed(kind: &ValueKind) -> ValueKind {
    match kind {
        ValueKind::String(text) => ValueKind::String(text.trim().to_owned()),
        kind => kind.clone(),
    }
}

/// A list in one text: its items are separated by commas or spaces.
fn list(text: &str) -> Vec<Value> {
    let items = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|item| !item.is_empty());
    items.map(|item| Value::new(None, ValueKind::String(item.to_owned()))).collect()
}

fn settings_file(sources: &Sources) -> Result<Option<PathBuf>, SettingsError> {
    let name = sources.environment.iter().find(|(name, _)| name == "APPLICATION_CONFIG");
    let path = match (&sources.file, name) {
        (Some(path), _) => path.clone(),
        (None, None) => return Ok(None),
        (None, Some((_, name))) => {
            let name = name.trim();
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
    let customary = |(name, key): &(&str, &str)| {
        let (_, text) = variables.iter().find(|(variable, _)| variable == name)?;
        Some(entry(name, key, text))
    };
    let prefixed = |(name, text): &(String, String)| {
        let key = name.strip_prefix(PREFIX)?.to_lowercase().replace("__", ".");
        Some(entry(name, &key, text))
    };
    let customary = CUSTOMARY.iter().filter_map(customary).collect();
    [customary, variables.iter().filter_map(prefixed).collect()]
}

fn entry(origin: &str, key: &str, text: &str) -> (String, Value) {
    (key.to_owned(), Value::new(Some(&origin.to_owned()), ValueKind::String(text.to_owned())))
}

/// All keys of a file.
fn layer(file: &impl Source, origin: &str) -> Result<Layer, SettingsError> {
    Ok(flatten(file.collect().map_err(|error| unreadable(&error))?, origin))
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
        ValueKind::Array(items) => {
            format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn origin(value: &Value) -> String {
    value.origin().unwrap_or("default").to_owned()
}

fn unknown(key: &str, value: &Value, known: &Layer) -> SettingsError {
    let section = key.split('.').next();
    let sections = known.keys().filter_map(|known| known.split('.').next());
    let neighbours = known.keys().filter(|known| known.split('.').next() == section);
    let neighbours: Vec<_> = neighbours.map(String::as_str).collect();
    let instruction = if neighbours.is_empty() {
        let mut sections: Vec<_> = sections.collect();
        sections.dedup();
        format!("the sections are {}", sections.join(", "))
    } else {
        format!("the keys are {}", neighbours.join(", "))
    };
    SettingsError(format!("unknown key {key} in {}: {instruction}", origin(value)))
}

/// An unusable value, with its key, its origin, and its default as an example of the correct form.
fn refused(error: &ConfigError, in_force: &Layer, defaults: &Layer) -> SettingsError {
    if let ConfigError::At { key: Some(key), error: reason, .. } = error
        && let Some((value, default)) = in_force.get(key).zip(defaults.get(key))
    {
        return unusable(key, value, default, &reason.to_string());
    }
    unreadable(error)
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
