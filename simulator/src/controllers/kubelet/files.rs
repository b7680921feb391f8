//! The files that a pod's volumes bring: those of config maps and secrets.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, Container, KeyToPath, Pod, Secret, Volume, VolumeMount};
use kube::api::Api;
use kube::{Client, ResourceExt};

use super::super::containers::Files;

/// Something that a pod needs is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    /// The sort of thing, as events name it.
    pub(super) reason: &'static str,
    /// What.
    pub(super) message: String,
}

/// The files of each volume, by the volume's name.
pub(super) type Volumes = BTreeMap<String, Files>;

/// Reads the volumes of a pod.
///
/// # Errors
/// What the API refuses; inside, what is missing.
pub(super) async fn read(client: &Client, pod: &Pod) -> kube::Result<Result<Volumes, Missing>> {
    let namespace = pod.namespace().unwrap_or_default();
    let mut volumes = Volumes::new();
    for volume in pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten()) {
        let mut files = Files::new();
        for source in sources(volume) {
            match source.read(client, &namespace).await? {
                Some(read) => files.extend(read),
                None if source.is_optional => {}
                None => return Ok(Err(source.missing(&volume.name))),
            }
        }
        volumes.insert(volume.name.clone(), files);
    }
    Ok(Ok(volumes))
}

/// A config map or secret that a volume takes files from.
struct Source<'a> {
    kind: &'static str,
    name: &'a str,
    items: Option<&'a Vec<KeyToPath>>,
    is_optional: bool,
}

fn sources(volume: &Volume) -> Vec<Source<'_>> {
    let source =
        |kind, name, items, optional: Option<bool>| Source { kind, name, items, is_optional: optional == Some(true) };
    let mut sources = Vec::new();
    if let Some(map) = &volume.config_map {
        sources.push(source("configmap", &map.name, map.items.as_ref(), map.optional));
    }
    if let Some(secret) = &volume.secret {
        let name = secret.secret_name.as_deref().unwrap_or_default();
        sources.push(source("secret", name, secret.items.as_ref(), secret.optional));
    }
    for projection in volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten()) {
        if let Some(map) = &projection.config_map {
            sources.push(source("configmap", &map.name, map.items.as_ref(), map.optional));
        }
        if let Some(secret) = &projection.secret {
            sources.push(source("secret", &secret.name, secret.items.as_ref(), secret.optional));
        }
    }
    sources
}

impl Source<'_> {
    async fn read(&self, client: &Client, namespace: &str) -> kube::Result<Option<Files>> {
        let data = if self.kind == "secret" {
            let api: Api<Secret> = Api::namespaced(client.clone(), namespace);
            api.get_opt(self.name).await?.map(|secret| secret.data.unwrap_or_default().into_iter().map(text).collect())
        } else {
            let api: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
            api.get_opt(self.name).await?.map(|map| map.data.unwrap_or_default())
        };
        Ok(data.map(|data: BTreeMap<String, String>| self.choose(data)))
    }

    fn choose(&self, mut data: BTreeMap<String, String>) -> Files {
        let Some(items) = self.items else { return data };
        items.iter().filter_map(|item| Some((item.path.clone(), data.remove(&item.key)?))).collect()
    }

    fn missing(&self, volume: &str) -> Missing {
        let message =
            format!("MountVolume.SetUp failed for volume {volume:?} : {} {:?} not found", self.kind, self.name);
        Missing { reason: "FailedMount", message }
    }
}

fn text((key, value): (String, ByteString)) -> (String, String) {
    (key, String::from_utf8_lossy(&value.0).into_owned())
}

/// The files that a container finds, by path.
pub(super) fn mounted(container: &Container, volumes: &Volumes) -> Files {
    let mounts = container.volume_mounts.iter().flatten();
    mounts.flat_map(|mount| volumes.get(&mount.name).into_iter().flat_map(|files| placed(mount, files))).collect()
}

fn placed(mount: &VolumeMount, files: &Files) -> Files {
    let root = mount.mount_path.trim_end_matches('/');
    match &mount.sub_path {
        Some(path) => files.get(path).map(|text| (root.to_owned(), text.clone())).into_iter().collect(),
        None => files.iter().map(|(path, text)| (format!("{root}/{path}"), text.clone())).collect(),
    }
}
