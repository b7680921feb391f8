//! tcm: meshes (API reference, tcm 2021-04-13).

mod check;
mod config;
mod gateways;
mod link;
mod mesh;
mod observe;
mod view;

use serde_json::Value;

use crate::front::{ApiError, Call, RegionRule, Service};
use crate::state::{Mesh, MeshState};

pub(super) fn service() -> Service {
    Service::new("tcm", "2021-04-13", RegionRule::Required)
        .write::<mesh::CreateMesh>("CreateMesh")
        .read::<mesh::DescribeMesh>("DescribeMesh")
        .read::<mesh::DescribeMeshList>("DescribeMeshList")
        .write::<mesh::ModifyMesh>("ModifyMesh")
        .write::<mesh::DeleteMesh>("DeleteMesh")
        .ignoring(&["NeedDeleteCLS", "NeedDeleteTMP", "NeedDeleteAPM", "NeedDeleteGrafana"])
        .write::<link::LinkClusterList>("LinkClusterList")
        .write::<link::UnlinkCluster>("UnlinkCluster")
        .write::<observe::LinkPrometheus>("LinkPrometheus")
        .write::<observe::UnlinkPrometheus>("UnlinkPrometheus")
        .write::<observe::ModifyTracingConfig>("ModifyTracingConfig")
        .write::<observe::ModifyAccessLogConfig>("ModifyAccessLogConfig")
        .read::<observe::DescribeAccessLogConfig>("DescribeAccessLogConfig")
}

/// The account's mesh, whose home is the region asked.
fn owned<'a>(call: &'a Call<'_>, id: &str) -> Result<&'a Mesh, ApiError> {
    call.cloud.meshes.owned(&call.uin()?, call.region, id).ok_or_else(|| not_found(id))
}

/// A copy of the account's mesh, to change and [`store`]; it must run.
fn running(call: &Call<'_>, id: &str) -> Result<Mesh, ApiError> {
    let mesh = owned(call, id)?;
    if mesh.phase.state() != MeshState::Running {
        return Err(ApiError::new("FailedOperation", format!("The mesh `{id}` does not run.")));
    }
    Ok(mesh.clone())
}

/// Puts a changed mesh in the place of the one before.
fn store(call: &mut Call<'_>, mesh: Mesh) {
    let updated = call.cloud.timing.now;
    call.cloud.meshes.add(Mesh { updated, ..mesh });
}

fn not_found(id: &str) -> ApiError {
    ApiError::new("ResourceNotFound", format!("The mesh `{id}` is not found."))
}

/// How policies name a mesh (CAM documents, tcm).
fn resource(call: &Call<'_>, id: &str) -> Option<String> {
    Some(format!("qcs::tcm:{}:uin/{}:mesh/{id}", call.region, call.uin().ok()?))
}

/// Changes `target` where `change` says something: absent members and nulls leave what is there alone.
fn merge(target: &mut Value, change: Value) {
    match (target, change) {
        (_, Value::Null) => {}
        (Value::Object(target), Value::Object(change)) => {
            for (name, value) in change {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
        (target, change) => *target = change,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_said_is_left_alone() {
        let mut target = json!({"Istio": {"A": 1, "B": 2}, "List": [1, 2]});
        merge(&mut target, json!({"Istio": {"B": 3, "A": null}, "List": [3], "New": true}));
        assert_eq!(target, json!({"Istio": {"A": 1, "B": 3}, "List": [3], "New": true}));
    }
}
