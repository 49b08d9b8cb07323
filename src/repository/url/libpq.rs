//! The parameters of libpq, checked before it is called: it reports a wrong one only when it connects, and
//! a server would take that for an outage (PostgreSQL documentation, "Parameter Key Words").

use super::InvalidDatabaseUrl;

/// The values that a parameter can have.
enum Values {
    Any,
    Whole,
    OneOf(&'static [&'static str]),
}

use Values::{Any, OneOf, Whole};

const SWITCH: Values = OneOf(&["0", "1"]);
const TLS: Values = OneOf(&["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]);
const PROTOCOL: Values = OneOf(&["3.0", "3.2", "latest"]);

/// All parameters of libpq 18, in its order.
const PARAMETERS: [(&str, Values); 50] = [
    ("service", Any),
    ("user", Any),
    ("password", Any),
    ("passfile", Any),
    ("channel_binding", OneOf(&["disable", "prefer", "require"])),
    ("connect_timeout", Whole),
    ("dbname", Any),
    ("host", Any),
    ("hostaddr", Any),
    ("port", Any),
    ("client_encoding", Any),
    ("options", Any),
    ("application_name", Any),
    ("fallback_application_name", Any),
    ("keepalives", SWITCH),
    ("keepalives_idle", Whole),
    ("keepalives_interval", Whole),
    ("keepalives_count", Whole),
    ("tcp_user_timeout", Whole),
    ("sslmode", OneOf(&["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])),
    ("sslnegotiation", OneOf(&["postgres", "direct"])),
    ("sslcompression", SWITCH),
    ("sslcert", Any),
    ("sslkey", Any),
    ("sslkeylogfile", Any),
    ("sslcertmode", OneOf(&["disable", "allow", "require"])),
    ("sslpassword", Any),
    ("sslrootcert", Any),
    ("sslcrl", Any),
    ("sslcrldir", Any),
    ("sslsni", SWITCH),
    ("requirepeer", Any),
    ("require_auth", Any),
    ("min_protocol_version", PROTOCOL),
    ("max_protocol_version", PROTOCOL),
    ("ssl_min_protocol_version", TLS),
    ("ssl_max_protocol_version", TLS),
    ("gssencmode", OneOf(&["disable", "prefer"])),
    ("krbsrvname", Any),
    ("gsslib", Any),
    ("gssdelegation", SWITCH),
    ("replication", OneOf(&["false", "off", "no", "0"])),
    (
        "target_session_attrs",
        OneOf(&["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
    ),
    ("load_balance_hosts", OneOf(&["disable", "random"])),
    ("scram_client_key", Any),
    ("scram_server_key", Any),
    ("oauth_issuer", Any),
    ("oauth_client_id", Any),
    ("oauth_client_secret", Any),
    ("oauth_scope", Any),
];

/// Parameters of other drivers that are often in a URL, and what to write instead.
const OF_OTHERS: [(&str, &str); 12] = [
    ("pgbouncer", "remove it"),
    ("schema", "write options=-csearch_path%3DNAME instead"),
    ("currentSchema", "write options=-csearch_path%3DNAME instead"),
    ("search_path", "write options=-csearch_path%3DNAME instead"),
    ("statement_timeout", "write options=-cstatement_timeout%3D5s instead"),
    ("connection_limit", "remove it, and set database.pool_size"),
    ("pool_timeout", "remove it, and set database.pool_wait_ms"),
    ("sslaccept", "write sslmode=require or sslmode=verify-full instead"),
    ("ssl", "write ssl=true, or sslmode=require or another sslmode"),
    ("charset", "write client_encoding=UTF8 instead, or remove it"),
    ("encoding", "write client_encoding=UTF8 instead, or remove it"),
    ("uselibpqcompat", "remove it"),
];

/// Checks a parameter's name and value.
pub fn check(name: &str, value: &str) -> Result<(), InvalidDatabaseUrl> {
    let known = PARAMETERS.iter().find(|(known, _)| *known == name);
    let Some((name, values)) = known else { return Err(InvalidDatabaseUrl::new(unknown(name))) };
    let wanted = match values {
        Any => return Ok(()),
        Whole if value.trim().parse::<i32>().is_ok() => return Ok(()),
        Whole => "a whole number".to_owned(),
        // libpq itself ignores the case of some of these.
        OneOf(names) if names.iter().any(|known| known.eq_ignore_ascii_case(value)) => {
            return Ok(());
        }
        OneOf(names) => format!("one of {}", names.join(", ")),
    };
    let instruction = match (*name, value) {
        // node-postgres calls it so.
        ("sslmode", "no-verify") => "write require instead of no-verify".to_owned(),
        _ => format!("write {wanted}"),
    };
    Err(InvalidDatabaseUrl::new(format!(
        "the parameter {name} cannot have this value: {instruction}"
    )))
}

/// What to do about a parameter that libpq does not have. A name that is not like one may be a part of a
/// password.
fn unknown(name: &str) -> String {
    let of_others = OF_OTHERS.iter().find(|(known, _)| *known == name);
    let is_like_a_name =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    match of_others {
        Some((name, instruction)) => format!("{name} is not a parameter of libpq: {instruction}"),
        None if is_like_a_name => format!("{name} is not a parameter of libpq: remove it"),
        None => "write the name of a parameter in lower case letters and _".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::Connection;
    use diesel::pg::PgConnection;

    use super::*;

    /// The reason why libpq does not connect to a host that does not exist.
    fn reason(parameter: &str) -> String {
        let url = format!("host=/nowhere {parameter}");
        PgConnection::establish(&url).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn libpq_knows_each_parameter_and_value_and_no_other() {
        for (name, values) in &PARAMETERS {
            let accepted = match values {
                // These lead elsewhere, or have a form of their own.
                Any if ["service", "host", "hostaddr", "require_auth"].contains(name) => continue,
                Any => vec!["1"],
                Whole => vec!["7"],
                OneOf(values) => values.to_vec(),
            };
            for value in accepted {
                let said = reason(&format!("{name}='{value}'"));
                assert!(
                    ![" value", " option", "integer"].iter().any(|word| said.contains(word)),
                    "{said}"
                );
                assert!(check(name, value).is_ok());
            }
            if !matches!(values, Any) && *name != "replication" {
                assert!(check(name, "wrong").is_err());
            }
        }
        for (name, _) in OF_OTHERS {
            assert!(reason(&format!("{name}=1")).contains("invalid connection option"), "{name}");
            assert!(check(name, "1").is_err());
        }
    }
}
