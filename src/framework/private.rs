//! What a resource notes about an object beside its state, unseen by users.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

/// The key under which the framework notes that an object was imported.
const IMPORTED: &str = ".imported";

/// A small JSON map that is stored with an object's state. Keys that begin with a period are the framework's.
///
/// Bytes that another provider left behind are no error: what is no JSON object reads as empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Private(Map<String, Json>);

/// How far the import of an object has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Imported {
    /// Nobody has looked yet whether the object exists.
    Unread,
    /// It exists; no apply has touched it since.
    Read,
}

impl Private {
    /// What was noted under `key`, where it has this type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        T::deserialize(self.0.get(key)?).ok()
    }

    /// Notes `value` under `key`. A value that is no JSON (a map whose keys are no strings) is not noted.
    pub fn set(&mut self, key: impl Into<String>, value: impl Serialize) {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.insert(key.into(), value);
        }
    }

    /// Forgets what was noted under `key`.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// Whether the object is being imported and nothing is known of its configuration yet.
    pub fn is_importing(&self) -> bool {
        self.imported() == Some(Imported::Unread)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(serde_json::from_slice(bytes).unwrap_or_default())
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        if self.0.is_empty() { Vec::new() } else { Json::Object(self.0.clone()).to_string().into_bytes() }
    }

    pub(crate) fn imported(&self) -> Option<Imported> {
        match self.0.get(IMPORTED)?.as_str()? {
            "unread" => Some(Imported::Unread),
            "read" => Some(Imported::Read),
            _ => None,
        }
    }

    pub(crate) fn set_imported(&mut self, imported: Option<Imported>) {
        match imported {
            None => self.remove(IMPORTED),
            Some(Imported::Unread) => self.set(IMPORTED, "unread"),
            Some(Imported::Read) => self.set(IMPORTED, "read"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_survives_the_state() {
        let mut private = Private::default();
        private.set("nonce", "n-1");
        private.set_imported(Some(Imported::Read));
        let stored = Private::from_bytes(&private.to_bytes());
        assert_eq!(stored.get::<String>("nonce").as_deref(), Some("n-1"));
        assert_eq!(stored.get::<i64>("nonce"), None);
        assert_eq!(stored.imported(), Some(Imported::Read));
    }

    #[test]
    fn foreign_bytes_are_tolerated() {
        for bytes in [&b""[..], b"\xff\x00", b"[1]", b"null", br#"{"schema_version":"1",".imported":5}"#] {
            assert_eq!(Private::from_bytes(bytes).imported(), None);
        }
        let foreign = br#"{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":60}}"#;
        assert_eq!(Private::from_bytes(foreign).to_bytes(), foreign);
    }

    #[test]
    fn nothing_noted_is_nothing_stored() {
        assert!(Private::default().to_bytes().is_empty());
    }
}
