//! One type an action: the request, its answer, and what sending it twice would do.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an action does to the cloud, which decides when it may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing: sent again whenever that may help, and dropped at once on a stop.
    Read,
    /// Leaves the same state when it is carried out twice: it sets given values, removes by ID, or has a client token.
    /// Sent again also when nobody knows whether the first one was carried out.
    Write,
    /// Carried out twice it would make two things, or fail: sent again only when the first one surely was not carried
    /// out.
    WriteOnce,
}

impl Effect {
    /// Whether carrying the action out twice does no harm.
    pub fn is_repeatable(self) -> bool {
        self != Self::WriteOnce
    }
}

/// A request of API 3.0. Fields are named as the API names them; what is `None` is not sent.
pub trait Action: Serialize + Send + Sync {
    /// The product's name, such as `vpc`: part of the host and of the signature.
    const SERVICE: &'static str;
    /// The API version, such as `2017-03-12`.
    const VERSION: &'static str;
    /// The action's name, such as `DescribeCcns`.
    const NAME: &'static str;
    /// What the action does.
    const EFFECT: Effect;
    /// What the API answers, without `RequestId`.
    type Response: DeserializeOwned + Send;
}

/// Implements [`Action`] for the request types of one service.
macro_rules! actions {
    ($service:literal, $version:literal; $($effect:ident $name:ident -> $response:ty,)+) => {
        $(impl $crate::cloud::action::Action for $name {
            const SERVICE: &'static str = $service;
            const VERSION: &'static str = $version;
            const NAME: &'static str = stringify!($name);
            const EFFECT: $crate::cloud::action::Effect = $crate::cloud::action::Effect::$effect;
            type Response = $response;
        })+
    };
}
pub(crate) use actions;
