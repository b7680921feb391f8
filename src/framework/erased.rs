//! Resources, data sources and ephemeral resources without their types, so that the server can hold many of them. Nothing
//! but decoding, one call and encoding happens here: everything else is written once, on untyped values.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::change::{Change, Prior};
use super::data_source::DataSource;
use super::diagnostics::Diagnostics;
use super::ephemeral::{Ephemeral, Opened, Renewed};
use super::error::Error;
use super::model::{Model, decode, decode_state};
use super::planned::Planned;
use super::private::Private;
use super::progress::{Progress, Shared};
use super::resource::Resource;
use super::value::Value;
use crate::scope::Scope;

/// A future of an object-safe method.
pub(crate) type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A [`Resource`] on untyped values.
pub(crate) trait ErasedResource: Send + Sync {
    fn check_settings(&self, planned: &Value, prior: &Value, config: &Value, diagnostics: &mut Diagnostics);

    fn check_owner<'a>(&'a self, scope: &'a Scope, prior: &'a Value) -> Call<'a, ()>;

    fn create<'a>(
        &'a self,
        scope: &'a Scope,
        config: &'a Value,
        plan: &'a Value,
        shared: &'a Arc<Shared>,
    ) -> Call<'a, ()>;

    fn read<'a>(&'a self, scope: &'a Scope, prior: &'a Value, private: &'a Private) -> Call<'a, Option<Value>>;

    fn update<'a>(&'a self, scope: &'a Scope, change: &'a ErasedChange, shared: &'a Arc<Shared>) -> Call<'a, ()>;

    fn delete<'a>(
        &'a self,
        scope: &'a Scope,
        prior: &'a Value,
        private: &'a Private,
        shared: &'a Arc<Shared>,
    ) -> Call<'a, ()>;
}

/// A [`Change`] of untyped values.
pub(crate) struct ErasedChange {
    pub(crate) config: Value,
    pub(crate) prior: Value,
    pub(crate) plan: Value,
    pub(crate) private: Private,
}

impl<R: Resource> ErasedResource for R {
    fn check_settings(&self, planned: &Value, prior: &Value, config: &Value, diagnostics: &mut Diagnostics) {
        self.check_settings(&Planned::new(planned, prior, config), diagnostics);
    }

    fn check_owner<'a>(&'a self, scope: &'a Scope, prior: &'a Value) -> Call<'a, ()> {
        Box::pin(async move {
            let prior: R::Model = decode_state(prior)?;
            self.check_owner(scope, &prior).await
        })
    }

    fn create<'a>(
        &'a self,
        scope: &'a Scope,
        config: &'a Value,
        plan: &'a Value,
        shared: &'a Arc<Shared>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let (config, plan): (R::Model, R::Model) = (decode(config)?, decode(plan)?);
            self.create(scope, &config, &plan, &mut Progress::new(Arc::clone(shared))).await
        })
    }

    fn read<'a>(&'a self, scope: &'a Scope, prior: &'a Value, private: &'a Private) -> Call<'a, Option<Value>> {
        Box::pin(async move {
            let prior: R::Model = decode_state(prior)?;
            let id = R::id_from_identity(&prior)?;
            let found = self.read(scope, &id, &Prior::new(prior, private.clone())).await?;
            Ok(found.map(|model| model.to_object()))
        })
    }

    fn update<'a>(&'a self, scope: &'a Scope, change: &'a ErasedChange, shared: &'a Arc<Shared>) -> Call<'a, ()> {
        Box::pin(async move {
            let (config, plan): (R::Model, R::Model) = (decode(&change.config)?, decode(&change.plan)?);
            let prior: R::Model = decode_state(&change.prior)?;
            let id = R::id_from_identity(&prior)?;
            let prior = Prior::new(prior, change.private.clone());
            let change = Change { config: &config, prior: &prior, plan: &plan };
            self.update(scope, &id, &change, &mut Progress::new(Arc::clone(shared))).await
        })
    }

    fn delete<'a>(
        &'a self,
        scope: &'a Scope,
        prior: &'a Value,
        private: &'a Private,
        shared: &'a Arc<Shared>,
    ) -> Call<'a, ()> {
        Box::pin(async move {
            let prior: R::Model = decode_state(prior)?;
            let id = R::id_from_identity(&prior)?;
            self.delete(scope, &id, &Prior::new(prior, private.clone()).telling(Arc::clone(shared))).await
        })
    }
}

/// A [`DataSource`] on untyped values.
pub(crate) trait ErasedDataSource: Send + Sync {
    fn read<'a>(&'a self, scope: &'a Scope, config: &'a Value) -> Call<'a, Value>;
}

impl<D: DataSource> ErasedDataSource for D {
    fn read<'a>(&'a self, scope: &'a Scope, config: &'a Value) -> Call<'a, Value> {
        Box::pin(async move { Ok(self.read(scope, decode(config)?).await?.to_object()) })
    }
}

/// An [`Ephemeral`] on untyped values.
pub(crate) trait ErasedEphemeral: Send + Sync {
    fn open<'a>(&'a self, scope: &'a Scope, config: &'a Value) -> Call<'a, Opened<Value>>;

    fn renew<'a>(&'a self, scope: &'a Scope, private: &'a Private) -> Call<'a, Renewed>;

    fn close<'a>(&'a self, scope: &'a Scope, private: &'a Private) -> Call<'a, ()>;
}

impl<E: Ephemeral> ErasedEphemeral for E {
    fn open<'a>(&'a self, scope: &'a Scope, config: &'a Value) -> Call<'a, Opened<Value>> {
        Box::pin(async move {
            let Opened { model, renew_at, private, warnings } = self.open(scope, decode(config)?).await?;
            Ok(Opened { model: model.to_object(), renew_at, private, warnings })
        })
    }

    fn renew<'a>(&'a self, scope: &'a Scope, private: &'a Private) -> Call<'a, Renewed> {
        Box::pin(self.renew(scope, private))
    }

    fn close<'a>(&'a self, scope: &'a Scope, private: &'a Private) -> Call<'a, ()> {
        Box::pin(self.close(scope, private))
    }
}
