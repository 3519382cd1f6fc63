//! An entry of a credential file: the ways to write a credential. It must not know whose entry it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use serde_json::{Map, Value};

use super::{Credential, Secret};

/// A credential, or what is wrong with it: an entry that nobody needs may be broken.
pub(super) type Entry = Result<Credential, String>;

/// Reads an entry, or nothing where it is empty, as it is where a helper keeps the credential.
pub(super) fn read(value: &Value) -> Option<Entry> {
    match value {
        Value::Null => None,
        Value::Object(fields) => read_fields(fields).transpose(),
        _ => Some(Err("it is not a mapping".to_owned())),
    }
}

/// Tokens win over a user name, for they were given for it; `auth` wins over the user name in clear, as in Docker.
fn read_fields(fields: &Map<String, Value>) -> Result<Option<Credential>, String> {
    if let Some(token) = text(fields, "registrytoken")? {
        return Ok(Some(Credential::RegistryToken(Secret::new(token))));
    }
    if let Some(token) = text(fields, "identitytoken")? {
        return Ok(Some(Credential::IdentityToken(Secret::new(token))));
    }
    if let Some(auth) = text(fields, "auth")? {
        return read_auth(auth).map(Some);
    }
    let password = text(fields, "password")?.unwrap_or_default();
    Ok(text(fields, "username")?.map(|username| basic(username, password)))
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, String> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(format!("its `{key}` is not text")),
    }
}

fn read_auth(auth: &str) -> Entry {
    let decoded = decode(auth).map_err(|problem| format!("its `auth` {problem}"))?;
    match decoded.split_once(':') {
        // Old versions of Docker filled the password up with NULs.
        Some((username, password)) if !username.is_empty() => Ok(basic(username, password.trim_end_matches('\0'))),
        _ => Err("its `auth` is not a user name and a password with a colon between them".to_owned()),
    }
}

fn basic(username: &str, password: &str) -> Credential {
    Credential::Basic {
        username: username.to_owned(),
        password: Secret::new(password),
    }
}

/// Decodes base64 with or without padding, and perhaps in lines.
pub(super) fn decode(coded: &str) -> Result<String, &'static str> {
    let coded: String = coded.split_ascii_whitespace().collect();
    let bytes = STANDARD_PAD_INDIFFERENT.decode(coded).map_err(|_| "is broken base64")?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8")
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use serde_json::json;

    use super::*;

    fn password(value: &Value) -> (String, String) {
        match read(value) {
            Some(Ok(Credential::Basic { username, password })) => (username, password.expose().to_owned()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn auth_is_base64_with_or_without_padding() {
        for auth in [
            STANDARD.encode("me:a:b"),
            STANDARD_NO_PAD.encode("me:a:b"),
            "bWU6\n YTpi\n".to_owned(),
        ] {
            assert_eq!(password(&json!({ "auth": auth })), ("me".to_owned(), "a:b".to_owned()));
        }
    }

    #[test]
    fn nuls_behind_the_password_are_trimmed() {
        let auth = STANDARD.encode("me:word\0\0");
        assert_eq!(password(&json!({ "auth": auth })).1, "word");
    }

    #[test]
    fn user_name_and_password_may_be_in_clear_but_auth_wins() {
        assert_eq!(password(&json!({ "username": "me", "password": "word" })).1, "word");
        let both = json!({ "username": "me", "password": "word", "auth": STANDARD.encode("you:other"), "email": 1 });
        assert_eq!(password(&both), ("you".to_owned(), "other".to_owned()));
    }

    #[test]
    fn the_user_name_of_nulls_stays_as_it_is() {
        let nulls = "00000000-0000-0000-0000-000000000000";
        assert_eq!(password(&json!({ "username": nulls, "password": "token" })).0, nulls);
    }

    #[test]
    fn tokens_win_over_user_name_and_password() {
        let auth = STANDARD.encode("00000000-0000-0000-0000-000000000000:");
        let mut entry = json!({ "auth": auth, "identitytoken": "long", "username": "me", "password": "word" });
        assert_eq!(read(&entry), Some(Ok(Credential::IdentityToken(Secret::new("long")))));
        entry["registrytoken"] = json!("short");
        assert_eq!(read(&entry), Some(Ok(Credential::RegistryToken(Secret::new("short")))));
    }

    #[test]
    fn an_empty_entry_is_none() {
        for entry in [
            json!({}),
            json!(null),
            json!({ "auth": "", "email": "me@example.com" }),
            json!({ "auth": null }),
        ] {
            assert_eq!(read(&entry), None, "{entry}");
        }
    }

    #[test]
    fn a_broken_entry_says_what_is_wrong_but_not_what_it_holds() {
        let problem = |entry: Value| read(&entry).unwrap().unwrap_err();
        assert_eq!(problem(json!({ "auth": "hunter2!" })), "its `auth` is broken base64");
        assert_eq!(
            problem(json!({ "auth": STANDARD.encode(b"me:\xff") })),
            "its `auth` is not UTF-8"
        );
        assert!(problem(json!({ "auth": STANDARD.encode("hunter2") })).contains("colon"));
        assert!(problem(json!({ "auth": STANDARD.encode(":hunter2") })).contains("colon"));
        assert_eq!(
            problem(json!({ "username": "me", "password": 2 })),
            "its `password` is not text"
        );
        assert_eq!(problem(json!("hunter2")), "it is not a mapping");
    }
}
