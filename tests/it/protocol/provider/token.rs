//! `test_token`: an ephemeral resource.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tcmesh::framework::{Computed, Diagnostic, Diagnostics, Ephemeral, Error, Model, Opened, Private, Renewed};
use tcmesh::scope::Scope;

use super::Session;
use super::world::Fault;

/// A token that lives for a minute.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub(crate) struct Token {
    /// For whom.
    #[tf(required)]
    pub(crate) subject: String,
    /// The token.
    #[tf(computed, sensitive)]
    pub(crate) value: Computed<String>,
}

pub(crate) struct Tokens(Arc<Session>);

impl Ephemeral for Tokens {
    const NAME: &'static str = "token";
    type Configuration = Session;
    type Model = Token;

    fn new(session: &Arc<Session>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(session)))
    }

    async fn open(&self, _: &Scope, config: Token) -> Result<Opened<Token>, Error> {
        let world = &self.0.world;
        world.call("open");
        if world.fault() == Fault::Refused {
            return Err(Diagnostic::error("The API refused", "No token for you.").into());
        }
        let mut private = Private::default();
        private.set("serial", 7);
        let model = Token { value: "t0ken".into(), ..config };
        let renew_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(60));
        let mut warnings = Diagnostics::default();
        if model.subject == "anybody" {
            warnings.warning("subject", "Token for anybody", "It can be passed on.");
        }
        Ok(Opened { model, renew_at, private, warnings })
    }

    async fn renew(&self, _: &Scope, private: &Private) -> Result<Renewed, Error> {
        self.0.world.call(format!("renew {:?}", private.get::<i64>("serial")));
        let renew_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(120));
        Ok(Renewed { renew_at, private: private.clone() })
    }

    async fn close(&self, _: &Scope, private: &Private) -> Result<(), Error> {
        self.0.world.call(format!("close {:?}", private.get::<i64>("serial")));
        if self.0.world.fault() == Fault::PanicsAfter {
            panic!("out of luck");
        }
        Ok(())
    }
}
