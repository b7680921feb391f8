//! The provider block as arguments of the cloud client.

use std::sync::Arc;

use super::model::{Endpoints, ProviderModel, Tdcc};
use crate::cloud::api::tdcc::Adapter;
use crate::cloud::credentials::{self, Arguments, Environment, Secret, environment};
use crate::cloud::endpoint::{self, Protocol};
use crate::cloud::{Error, Options};

/// What the block and the environment say of the cloud client. Makes no call.
///
/// # Errors
/// No credentials, or a value of the wrong form.
pub(super) fn options(block: &ProviderModel, variables: &Environment) -> Result<Options, Error> {
    let arguments = arguments(block);
    let keys = credentials::resolve(&arguments, variables)?;
    let defaults = Options::new(Arc::clone(&keys), credentials::region(&arguments, variables)?);
    let number = |given: Option<i64>| given.and_then(|number| u32::try_from(number).ok());
    Ok(Options {
        endpoints: endpoints(block, variables)?,
        ca_file: block.ca_file.clone().map(Into::into),
        insecure: block.insecure.unwrap_or_default(),
        max_retries: number(block.max_retries).unwrap_or(defaults.max_retries),
        requests_per_second: number(block.requests_per_second).unwrap_or(defaults.requests_per_second),
        tdcc: block.tdcc.as_ref().map(adapter).unwrap_or_default(),
        ..defaults
    })
}

fn arguments(block: &ProviderModel) -> Arguments {
    Arguments {
        secret_id: block.secret_id.clone(),
        secret_key: block.secret_key.clone().map(Secret::from),
        security_token: block.security_token.clone().map(Secret::from),
        region: block.region.clone(),
        profile: block.profile.clone(),
        shared_credentials_dir: block.shared_credentials_dir.clone(),
        cam_role_name: block.cam_role_name.clone(),
        assume_role: block.assume_role.clone().map(Into::into),
        assume_role_with_saml: block.assume_role_with_saml.clone().map(Into::into),
        assume_role_with_web_identity: block.assume_role_with_web_identity.clone().map(Into::into),
        mfa_certification: block.mfa_certification.clone().map(Into::into),
        enable_pod_oidc: block.enable_pod_oidc.unwrap_or_default(),
    }
}

fn endpoints(block: &ProviderModel, variables: &Environment) -> Result<endpoint::Endpoints, Error> {
    let protocol = variables.or(block.protocol.as_ref(), environment::PROTOCOL);
    let protocol = protocol.map(|text| Protocol::parse(&text)).transpose()?.unwrap_or_default();
    Ok(endpoint::Endpoints {
        protocol,
        domain: variables.or(block.domain.as_ref(), environment::DOMAIN),
        all: variables.or(block.endpoint.as_ref(), environment::ENDPOINT),
        services: block.endpoints.iter().flat_map(single).collect(),
    })
}

fn single(block: &Endpoints) -> Vec<(String, String)> {
    let Endpoints { cam, clb, dnspod, sts, tag, tcm, tke, vpc } = block.clone();
    let named = [
        ("cam", cam),
        ("clb", clb),
        ("dnspod", dnspod),
        ("sts", sts),
        ("tag", tag),
        ("tcm", tcm),
        ("tke", tke),
        ("vpc", vpc),
    ];
    named.into_iter().filter_map(|(service, address)| Some((service.to_owned(), address?))).collect()
}

fn adapter(block: &Tdcc) -> Adapter {
    let defaults = Adapter::default();
    let Tdcc { service, version, endpoint, actions, .. } = block.clone();
    Adapter {
        service: service.unwrap_or(defaults.service),
        version: version.unwrap_or(defaults.version),
        endpoint,
        actions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> ProviderModel {
        let (id, key) = (Some("AKIDexample".to_owned()), Some("key".to_owned()));
        ProviderModel { secret_id: id, secret_key: key, ..ProviderModel::default() }
    }

    #[test]
    fn one_endpoint_serves_all_and_a_single_one_wins() {
        let single = Endpoints { vpc: Some("https://vpc.example.com".into()), ..Endpoints::default() };
        let block = ProviderModel { endpoint: Some("http://127.0.0.1:1".into()), endpoints: Some(single), ..block() };
        let found = options(&block, &Environment::default()).unwrap().endpoints;
        assert_eq!(found.of("tcm").unwrap().url, "http://127.0.0.1:1/");
        assert_eq!(found.of("vpc").unwrap().url, "https://vpc.example.com/");
    }

    #[test]
    fn what_the_block_leaves_out_keeps_its_default() {
        let found = options(&block(), &Environment::default()).unwrap();
        let defaults = Options::new(Arc::clone(&found.credentials), "ap-guangzhou");
        assert_eq!(found.max_retries, defaults.max_retries);
        assert_eq!((found.region.as_str(), found.tdcc), ("ap-guangzhou", Adapter::default()));
    }
}
