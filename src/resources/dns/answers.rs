//! Waits until name servers answer records as they should be.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::set_id::RecordSetId;
use super::value::canonical;
use crate::cloud::{self, Client, api::dnspod::DescribeDomain};
use crate::dns::{self, RecordType};
use crate::framework::Error;
use crate::resources::errors::{Doing, chain};
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// What the answer must be.
pub(super) struct Expected<'a> {
    pub(super) id: &'a RecordSetId,
    pub(super) values: &'a BTreeSet<String>,
    pub(super) mx: Option<u64>,
    /// The one server to ask; all those of the domain where there is none.
    pub(super) resolver: Option<&'a str>,
}

impl Expected<'_> {
    /// Waits until every server gives the answer.
    pub(super) async fn until_answered(&self, scope: &Scope, client: &Client) -> Result<(), Error> {
        let RecordSetId { zone, kind, .. } = self.id;
        // Only types that name servers know can be asked for.
        let Ok(of) = kind.parse::<RecordType>() else { return Ok(()) };
        let servers = match self.resolver {
            Some(resolver) => vec![resolver.to_owned()],
            None => name_servers(scope, client, zone).await.doing(|| format!("look up the name servers of {zone}"))?,
        };
        let look = || self.lagging(scope, &servers, of);
        let waiting_for = "the name servers to answer so (`resolver` names another one to ask; `wait_for_answer = false` ends the \
                           apply without this)";
        let waited = wait::until(scope, wait::PATIENT, waiting_for, look).await;
        waited.doing(|| format!("see {} ({kind}) answered", self.id.fqdn()))
    }

    /// The first server that does not give the answer yet.
    async fn lagging(&self, scope: &Scope, servers: &[String], of: RecordType) -> Result<Probe<()>, cloud::Error> {
        let expected = self.texts();
        for server in servers {
            match answer(scope, server, &self.id.fqdn(), of).await {
                Ok(found) if found == expected => {}
                Ok(found) if found.is_empty() => {
                    return Ok(Probe::Pending(format!("{server} has no such records yet")));
                }
                Ok(found) => {
                    let found = found.into_iter().collect::<Vec<_>>().join("`, `");
                    return Ok(Probe::Pending(format!("{server} answers `{found}`")));
                }
                Err(problem) => return Ok(Probe::Pending(problem)),
            }
        }
        Ok(Probe::Done(()))
    }

    /// The values as an answer holds them.
    fn texts(&self) -> BTreeSet<String> {
        let kind = &self.id.kind;
        let text = |value: &String| match self.mx.filter(|_| kind == "MX") {
            Some(mx) => format!("{mx} {}", canonical(kind, value)),
            None => canonical(kind, value),
        };
        self.values.iter().map(text).collect()
    }
}

async fn name_servers(scope: &Scope, client: &Client, zone: &str) -> Result<Vec<String>, cloud::Error> {
    Ok(client.send(scope, &DescribeDomain { domain: zone.to_owned() }).await?.domain_info.dnspod_ns_list)
}

/// What a server, by its address or its name, answers; or why it does not.
async fn answer(scope: &Scope, server: &str, name: &str, of: RecordType) -> Result<BTreeSet<String>, String> {
    let address = match dns::server(server) {
        Ok(address) => address,
        Err(_) => resolved(server).await?,
    };
    let answer = dns::ask(scope, address, name, of).await.map_err(|error| format!("{server}: {}", chain(&error)))?;
    Ok(answer.data.iter().map(|data| canonical(&of.to_string(), &data.to_string())).collect())
}

async fn resolved(host: &str) -> Result<SocketAddr, String> {
    let found = tokio::net::lookup_host((host.trim_end_matches('.'), dns::PORT)).await;
    found.ok().and_then(|mut found| found.next()).ok_or_else(|| format!("the address of {host} cannot be found"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preference_is_a_part_of_the_answer() {
        let id = "example.com#@#MX#0".parse().unwrap();
        let values = BTreeSet::from(["Mail.example.com.".to_owned()]);
        let expected = Expected { id: &id, values: &values, mx: Some(10), resolver: None };
        assert_eq!(expected.texts(), BTreeSet::from(["10 mail.example.com".to_owned()]));
    }
}
