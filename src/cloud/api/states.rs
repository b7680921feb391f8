//! The words of the API as types.

/// Makes an enum of words that the API uses. They are read in any letter case, since services differ in it; a word that
/// the API adds later is kept as `Unknown`.
macro_rules! states {
    ($(#[$docs:meta])* pub enum $name:ident { $($(#[$word_docs:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$word_docs])* $word,)+
            /// A word that is not known here.
            Unknown(String),
        }

        impl $name {
            /// The API's word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$word => $text,)+
                    Self::Unknown(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                $(if word.eq_ignore_ascii_case($text) {
                    return Self::$word;
                })+
                Self::Unknown(word.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(|word| Self::from(word.as_str()))
            }
        }
    };
}
pub(crate) use states;

#[cfg(test)]
mod tests {
    use crate::cloud::api::tke::EndpointStatus;

    #[test]
    fn words_are_read_in_any_case_and_written_as_the_api_does() {
        assert_eq!(EndpointStatus::from("CREATED"), EndpointStatus::Created);
        let written = serde_json::to_string(&EndpointStatus::CreateFailed).expect("a string");
        assert_eq!(written, r#""CreateFailed""#);
    }

    #[test]
    fn a_word_that_is_not_known_is_kept_as_it_is() {
        let status: EndpointStatus = serde_json::from_str(r#""Deleted""#).expect("any string");
        assert_eq!(status, EndpointStatus::Unknown("Deleted".into()));
        assert_eq!(status.to_string(), "Deleted");
    }
}
