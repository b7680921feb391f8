//! Tencent Cloud Mesh (`tcm`). Writes return before they are done and give no task: look at the mesh.

mod cluster;
mod config;
mod gateway;
mod mesh;
mod telemetry;

pub use cluster::*;
pub use config::*;
pub use gateway::*;
pub use mesh::*;
pub use telemetry::*;

use super::Empty;
use crate::cloud::action::actions;
use crate::cloud::page::paged;

actions! { "tcm", "2021-04-13";
    WriteOnce CreateMesh -> CreateMeshResponse,
    Read DescribeMesh -> DescribeMeshResponse,
    Read DescribeMeshList -> DescribeMeshListResponse,
    WriteOnce ModifyMesh -> Empty,
    Write DeleteMesh -> Empty,
    WriteOnce LinkClusterList -> Empty,
    Write UnlinkCluster -> Empty,
    Write ModifyTracingConfig -> Empty,
    Write ModifyAccessLogConfig -> Empty,
    Read DescribeAccessLogConfig -> AccessLogConfig,
    WriteOnce LinkPrometheus -> Empty,
    Write UnlinkPrometheus -> Empty,
}

// 50 is what the stock provider asks for; the largest page is not documented.
paged! {
    DescribeMeshList: mesh_list of Mesh, total total, 50;
}
