//! Meshes, their clusters and gateways.

use serde_json::{Value, json};
use tcmesh_simulator::world::{GatewayListRule, PodNetwork, World};

use crate::registration::{connect, open_hub, register};
use crate::world::{HUB, REGION, Running, start, start_with, user};

async fn create_mesh(running: &Running) -> String {
    let request = json!({
        "DisplayName": "mesh", "MeshVersion": "1.12.5", "Type": "HOSTED",
        "Config": {"Istio": {"OutboundTrafficPolicy": "ALLOW_ANY"}},
    });
    let made = running.a.ok("tcm", "CreateMesh", request).await;
    running.advance("2s").await;
    made["MeshId"].as_str().unwrap().to_owned()
}

fn cluster(id: &str, vpc_id: &str, subnet_id: &str) -> Value {
    json!({"ClusterId": id, "Region": REGION, "Role": "REMOTE", "VpcId": vpc_id, "SubnetId": subnet_id, "Type": "TKE"})
}

fn cluster1() -> Value {
    cluster("cls-hub00001", HUB, "subnet-hub00001")
}

fn gateway(name: &str, more: &Value) -> Value {
    let mut gateway = json!({
        "Name": name, "Namespace": "istio-system", "ClusterId": "cls-hub00001",
        "Service": {"Type": "LoadBalancer"}, "Workload": {"Replicas": 1},
    });
    gateway.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    gateway
}

fn cluster1_with(gateways: &Value) -> Value {
    let mut cluster = cluster1();
    cluster["Config"] = json!({"AutoInjectionNamespaceList": [], "IngressGatewayList": gateways});
    cluster
}

async fn link(running: &Running, mesh_id: &str, clusters: Value) {
    running.a.ok("tcm", "LinkClusterList", json!({"MeshId": mesh_id, "ClusterList": clusters})).await;
    running.advance("2s").await;
}

async fn mesh(running: &Running, mesh_id: &str) -> Value {
    running.a.ok("tcm", "DescribeMesh", json!({"MeshId": mesh_id})).await["Mesh"].clone()
}

#[tokio::test]
async fn the_tags_of_a_mesh_are_those_of_the_tag_service() {
    let running = start().await;
    let tag =
        |key: &str, value: &str, passthrough: bool| json!({"Key": key, "Value": value, "Passthrough": passthrough});
    let request = json!({
        "DisplayName": "mesh", "MeshVersion": "1.12.5", "Type": "HOSTED", "Config": {},
        "TagList": [{"Key": "team", "Value": "network"}, tag("cost", "1", true)],
    });
    let mesh_id = running.a.ok("tcm", "CreateMesh", request).await["MeshId"].as_str().unwrap().to_owned();
    running.advance("2s").await;
    let expected = json!([tag("cost", "1", true), tag("team", "network", false)]);
    assert_eq!(mesh(&running, &mesh_id).await["TagList"], expected);
    let resource = format!("qcs::tcm:{REGION}:uin/:mesh/{mesh_id}");
    let change = json!({"Resource": resource, "ReplaceTags": [{"TagKey": "team", "TagValue": "mesh"}],
        "DeleteTags": [{"TagKey": "cost"}]});
    running.a.ok("tag", "ModifyResourceTags", change).await;
    assert_eq!(mesh(&running, &mesh_id).await["TagList"], json!([tag("team", "mesh", false)]));
    let list =
        json!({"ServiceType": "tcm", "ResourcePrefix": "mesh", "ResourceIds": [mesh_id], "ResourceRegion": REGION});
    let listed = running.a.ok("tag", "DescribeResourceTagsByResourceIds", list).await;
    assert_eq!((&listed["TotalCount"], &listed["Tags"][0]["TagValue"]), (&json!(1), &json!("mesh")));
    running.a.ok("tcm", "DeleteMesh", json!({"MeshId": mesh_id})).await;
    running.advance("2s").await;
    assert_eq!(running.control("GET", "state", Value::Null).await.1["tags"], json!({}));
}

/// State and error of each cluster of a mesh.
async fn links(running: &Running, mesh_id: &str) -> Vec<(String, String, String)> {
    let mesh = mesh(running, mesh_id).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |it: &Value| {
        let status = &it["Status"];
        (text(&it["ClusterId"]), text(&status["LinkState"]), text(&status["LinkErrorDetail"]))
    };
    mesh["ClusterList"].as_array().unwrap().iter().map(of).collect()
}

/// The gateways of cluster1.
async fn gateways(running: &Running, mesh_id: &str) -> Vec<Value> {
    mesh(running, mesh_id).await["ClusterList"][0]["Config"]["IngressGatewayList"].as_array().unwrap().clone()
}

async fn modify(running: &Running, mesh_id: &str, gateways: Value) {
    let request = json!({"MeshId": mesh_id, "ClusterList": [cluster1_with(&gateways)]});
    running.a.ok("tcm", "ModifyMesh", request).await;
}

#[tokio::test]
async fn a_mesh_runs_after_its_wait_and_has_the_documented_defaults() {
    let running = start().await;
    let request = json!({
        "DisplayName": "mesh", "MeshVersion": "1.12.5", "Type": "HOSTED",
        "Config": {"Istio": {"OutboundTrafficPolicy": "REGISTRY_ONLY"}},
    });
    let made = running.a.ok("tcm", "CreateMesh", request).await;
    let id = made["MeshId"].as_str().unwrap();
    let creating = mesh(&running, id).await;
    assert_eq!(
        (&creating["State"], &creating["Status"]["ActiveOperationList"][0]["Type"]),
        (&json!("CREATING"), &json!("INSTALL_MESH"))
    );
    let code = running.a.code("tcm", "LinkClusterList", json!({"MeshId": id, "ClusterList": [cluster1()]})).await;
    assert_eq!(code, "FailedOperation");
    running.advance("2s").await;
    let made = mesh(&running, id).await;
    assert_eq!((&made["State"], &made["Status"]["ActiveOperationList"]), (&json!("RUNNING"), &Value::Null));
    assert_eq!(made["Config"]["Istio"]["OutboundTrafficPolicy"], "REGISTRY_ONLY");
    assert_eq!(made["Config"]["Istio"]["DisablePolicyChecks"], true);
    assert_eq!(made["Config"]["SidecarResources"]["Limits"][1]["Quantity"], "1Gi");
}

#[tokio::test]
async fn a_mesh_that_cannot_be_made_says_why() {
    let running = start().await;
    running.fault(json!({"match": {"action": "CreateMesh"}, "fault": "fail_state"})).await;
    let id = create_mesh(&running).await;
    let failed = mesh(&running, &id).await;
    assert_eq!(failed["State"], "CREATE_FAILED");
    assert_ne!(failed["Status"]["StateMessage"], "");
    let code = running.a.code(
        "tcm",
        "CreateMesh",
        json!({"DisplayName": "m", "MeshVersion": "1.6.9", "Type": "HOSTED", "Config": {}}),
    );
    assert_eq!(code.await, "InvalidParameterValue");
}

#[tokio::test]
async fn another_account_does_not_see_a_mesh() {
    let running = start().await;
    let id = create_mesh(&running).await;
    for (action, more) in [
        ("DescribeMesh", json!({})),
        ("DeleteMesh", json!({})),
        ("UnlinkCluster", json!({"ClusterId": "cls-hub00001"})),
    ] {
        let mut request = json!({ "MeshId": id });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(running.b.code("tcm", action, request).await, "ResourceNotFound", "{action}");
    }
    assert_eq!(running.b.ok("tcm", "DescribeMeshList", json!({})).await["Total"], 0);
    for name in ["mesh-name", "MeshName"] {
        let filter = json!({"Filters": [{"Name": name, "Values": ["mesh"]}]});
        assert_eq!(running.a.ok("tcm", "DescribeMeshList", filter).await["MeshList"][0]["MeshId"], *id, "{name}");
    }
}

#[tokio::test]
async fn clusters_are_linked_and_unlinked_one_by_one() {
    let running = start().await;
    let id = create_mesh(&running).await;
    running.a.ok("tcm", "LinkClusterList", json!({"MeshId": id, "ClusterList": [cluster1()]})).await;
    assert_eq!(links(&running, &id).await[0].1, "LINKING");
    running.advance("2s").await;
    link(&running, &id, json!([cluster("cls-app00002", "vpc-app00002", "subnet-app00002")])).await;
    let linked = |id: &str| (id.to_owned(), "LINKED".to_owned(), String::new());
    assert_eq!(links(&running, &id).await, [linked("cls-hub00001"), linked("cls-app00002")]);
    let again = json!({"MeshId": id, "ClusterList": [cluster1()]});
    assert_eq!(running.a.code("tcm", "LinkClusterList", again).await, "InvalidParameter");
    running.a.ok("tcm", "UnlinkCluster", json!({"MeshId": id, "ClusterId": "cls-hub00001"})).await;
    assert_eq!(links(&running, &id).await[0].1, "UNLINKING");
    running.advance("2s").await;
    assert_eq!(links(&running, &id).await, [linked("cls-app00002")]);
}

#[tokio::test]
async fn a_cluster_that_does_not_fit_ends_as_link_failed() {
    let running = start().await;
    let id = create_mesh(&running).await;
    let foreign = cluster("cls-mem00003", "vpc-mem00003", "subnet-mem00003");
    let elsewhere = cluster("cls-app00002", HUB, "subnet-hub00001");
    link(&running, &id, json!([foreign, elsewhere])).await;
    let failed = |id: &str, why: &str| (id.to_owned(), "LINK_FAILED".to_owned(), format!("CheckError: {why}"));
    let expected =
        [failed("cls-mem00003", "cluster not found"), failed("cls-app00002", "cluster is not in vpc-hub00001")];
    assert_eq!(links(&running, &id).await, expected);
    // A failed link can be tried again, or taken away.
    link(&running, &id, json!([cluster("cls-app00002", "vpc-app00002", "subnet-app00002")])).await;
    running.a.ok("tcm", "UnlinkCluster", json!({"MeshId": id, "ClusterId": "cls-mem00003"})).await;
    assert_eq!(links(&running, &id).await, [("cls-app00002".into(), "LINKED".into(), String::new())]);
}

#[tokio::test]
async fn clusters_with_overlapping_pod_networks_are_not_linked() {
    let change = |world: &mut World| {
        world.clusters[1].network = PodNetwork::Gr;
        world.clusters[1].cluster_cidr = Some("172.16.32.0/20".parse().unwrap());
    };
    let running = start_with(change).await;
    let id = create_mesh(&running).await;
    link(&running, &id, json!([cluster1(), cluster("cls-app00002", "vpc-app00002", "subnet-app00002")])).await;
    let states = links(&running, &id).await;
    assert_eq!((states[0].1.as_str(), states[1].1.as_str()), ("LINKED", "LINK_FAILED"));
    assert_eq!(states[1].2, "CheckError: pod network 172.16.32.0/20 overlaps 172.16.0.0/18 of cls-hub00001");
}

#[tokio::test]
async fn a_registered_cluster_is_linked_with_its_hubs_network_once_it_runs() {
    let running = start().await;
    open_hub(&running).await;
    let registered = register(&running).await;
    let id = create_mesh(&running).await;
    let mut wanted = cluster(&registered, HUB, "subnet-hub00001");
    wanted["Type"] = json!("TDCC");
    link(&running, &id, json!([wanted])).await;
    assert_eq!(links(&running, &id).await[0].2, "CheckError: cluster is not running");
    connect(&running, &registered);
    link(&running, &id, json!([wanted])).await;
    assert_eq!(links(&running, &id).await, [(registered.clone(), "LINKED".into(), String::new())]);
    assert_eq!(
        running.look(|cloud| cloud.meshes.iter().next().unwrap().clusters[0].member.clone()).as_deref(),
        Some("cls-mem00003")
    );
}

#[tokio::test]
async fn a_user_without_rights_in_the_cluster_cannot_link_it() {
    let (described, client_of) = user("a", "operator", &["tcm:*"]);
    let running = start_with(|world| world.users.push(described)).await;
    let id = create_mesh(&running).await;
    let request = json!({"MeshId": id, "ClusterList": [cluster1()]});
    assert_eq!(client_of(&running).code("tcm", "LinkClusterList", request).await, "FailedOperation.RBACForbidden");
}

#[tokio::test]
async fn a_gateway_gets_a_public_or_an_internal_load_balancer_of_its_own() {
    let internal = json!({"LoadBalancer": {"LoadBalancerType": "INTERNAL", "SubnetId": "subnet-hub00001"}});
    let open = json!({"LoadBalancer": {"LoadBalancerType": "OPEN", "InternetMaxBandwidthOut": 50}});
    for (balancer, address) in [(open, "203.0.113.1"), (internal, "10.0.1.2"), (json!({}), "203.0.113.1")] {
        let running = start().await;
        let id = create_mesh(&running).await;
        link(&running, &id, json!([cluster1()])).await;
        modify(&running, &id, json!([gateway("istio-ingressgateway", &balancer)])).await;
        assert_eq!(gateways(&running, &id).await[0]["Status"], Value::Null);
        running.advance("2s").await;
        let status = gateways(&running, &id).await[0]["Status"].clone();
        assert_eq!(
            (&status["State"], &status["LoadBalancer"]["LoadBalancerVip"]),
            (&json!("running"), &json!(address))
        );
        assert_eq!(status["LoadBalancer"]["LoadBalancerName"], "cls-hub00001_istio_igw");
        let balancers = running.a.ok("clb", "DescribeLoadBalancers", json!({})).await;
        assert_eq!(balancers["LoadBalancerSet"][0]["LoadBalancerId"], status["LoadBalancer"]["LoadBalancerId"]);
        modify(&running, &id, json!([])).await;
        assert_eq!(running.a.ok("clb", "DescribeLoadBalancers", json!({})).await["TotalCount"], 0);
    }
}

#[tokio::test]
async fn a_gateway_uses_an_existing_load_balancer_of_its_network_and_leaves_it() {
    let running = start().await;
    let id = create_mesh(&running).await;
    link(&running, &id, json!([cluster1()])).await;
    let make = async |vpc_id: &str| {
        let request = json!({"LoadBalancerType": "OPEN", "VpcId": vpc_id, "LoadBalancerName": "mine"});
        let made = running.a.ok("clb", "CreateLoadBalancer", request).await;
        made["LoadBalancerIds"][0].clone()
    };
    let (near, far) = (make(HUB).await, make("vpc-app00002").await);
    modify(
        &running,
        &id,
        json!([gateway("near", &json!({"LoadBalancerId": near})), gateway("far", &json!({"LoadBalancerId": far}))]),
    )
    .await;
    running.advance("2s").await;
    let shown = gateways(&running, &id).await;
    assert_eq!(shown[0]["Status"]["LoadBalancer"]["LoadBalancerId"], near);
    assert_eq!(shown[1]["Status"], Value::Null, "a load balancer of another network gives no address");
    modify(&running, &id, json!([])).await;
    assert_eq!(running.a.ok("clb", "DescribeLoadBalancers", json!({})).await["TotalCount"], 2);
}

#[tokio::test]
async fn a_sent_list_replaces_the_gateways_or_is_merged_into_them() {
    for (rule, left) in [(GatewayListRule::Replace, vec!["two"]), (GatewayListRule::Merge, vec!["one", "two"])] {
        let running = start_with(|world| world.settings.ingress_gateway_list = rule).await;
        let id = create_mesh(&running).await;
        link(&running, &id, json!([cluster1()])).await;
        modify(&running, &id, json!([gateway("one", &json!({}))])).await;
        modify(&running, &id, json!([gateway("two", &json!({}))])).await;
        let names: Vec<String> =
            gateways(&running, &id).await.iter().map(|it| it["Name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(names, left, "{rule:?}");
        let untouched = json!({"MeshId": id, "DisplayName": "other", "ClusterList": [cluster1()]});
        running.a.ok("tcm", "ModifyMesh", untouched).await;
        assert_eq!(gateways(&running, &id).await.len(), left.len(), "{rule:?}");
        modify(&running, &id, json!([])).await;
        assert!(gateways(&running, &id).await.is_empty(), "{rule:?}");
    }
}

#[tokio::test]
async fn the_bandwidth_of_a_gateway_can_be_changed_and_its_kind_cannot() {
    let running = start().await;
    let id = create_mesh(&running).await;
    link(&running, &id, json!([cluster1()])).await;
    let open = |bandwidth: u64| {
        let balancer = json!({"LoadBalancerType": "OPEN", "InternetMaxBandwidthOut": bandwidth});
        json!([gateway("one", &json!({"LoadBalancer": balancer}))])
    };
    modify(&running, &id, open(10)).await;
    running.advance("2s").await;
    modify(&running, &id, open(50)).await;
    let balancers = running.a.ok("clb", "DescribeLoadBalancers", json!({})).await;
    assert_eq!(balancers["LoadBalancerSet"][0]["NetworkAttributes"]["InternetMaxBandwidthOut"], 50);
    let internal = json!({"LoadBalancerType": "INTERNAL", "SubnetId": "subnet-hub00001"});
    let changed = cluster1_with(&json!([gateway("one", &json!({"LoadBalancer": internal}))]));
    let code = running.a.code("tcm", "ModifyMesh", json!({"MeshId": id, "ClusterList": [changed]})).await;
    assert_eq!(code, "InvalidParameter");
}

#[tokio::test]
async fn a_deleted_mesh_takes_its_gateways_along() {
    let running = start().await;
    let id = create_mesh(&running).await;
    link(&running, &id, json!([cluster1_with(&json!([gateway("one", &json!({}))]))])).await;
    running.advance("2s").await;
    assert_eq!(running.a.ok("clb", "DescribeLoadBalancers", json!({})).await["TotalCount"], 1);
    let booleans_as_text = json!({"MeshId": id, "NeedDeleteCLS": "false"});
    running.a.ok("tcm", "DeleteMesh", booleans_as_text).await;
    assert_eq!(mesh(&running, &id).await["State"], "DELETING");
    running.advance("2s").await;
    assert_eq!(running.a.code("tcm", "DescribeMesh", json!({"MeshId": id})).await, "ResourceNotFound");
    assert_eq!(running.a.ok("clb", "DescribeLoadBalancers", json!({})).await["TotalCount"], 0);
}

#[tokio::test]
async fn one_long_jump_of_the_clock_takes_every_step_on_the_way() {
    let running = start().await;
    let id = create_mesh(&running).await;
    let request = json!({"MeshId": id, "ClusterList": [cluster1_with(&json!([gateway("one", &json!({}))]))]});
    running.a.ok("tcm", "LinkClusterList", request).await;
    running.advance("720h").await;
    assert_eq!(links(&running, &id).await[0].1, "LINKED");
    assert_eq!(gateways(&running, &id).await[0]["Status"]["State"], "running");
}

#[tokio::test]
async fn meshes_clusters_and_regions_are_limited() {
    let running = start_with(|world| {
        world.quotas.meshes = 1;
        world.quotas.mesh_clusters = 1;
    });
    let running = running.await;
    let id = create_mesh(&running).await;
    let second = json!({"DisplayName": "m", "MeshVersion": "1.12.5", "Type": "HOSTED", "Config": {}});
    assert_eq!(running.a.code("tcm", "CreateMesh", second).await, "LimitExceeded");
    let two = json!([cluster1(), cluster("cls-app00002", "vpc-app00002", "subnet-app00002")]);
    let code = running.a.code("tcm", "LinkClusterList", json!({"MeshId": id, "ClusterList": two})).await;
    assert_eq!(code, "LimitExceeded");
    assert!(links(&running, &id).await.is_empty());
}

#[tokio::test]
async fn what_watches_a_mesh_is_kept_and_passwords_are_not_shown() {
    let running = start().await;
    let id = create_mesh(&running).await;
    let custom = json!({"Url": "http://prom", "AuthType": "basic", "Username": "u", "Password": "hidden"});
    running.a.ok("tcm", "LinkPrometheus", json!({"MeshID": id, "Prometheus": {"CustomProm": custom}})).await;
    assert_eq!(mesh(&running, &id).await["Status"]["TPS"]["State"], "PENDING");
    running.advance("2s").await;
    let shown = mesh(&running, &id).await;
    assert_eq!(shown["Status"]["TPS"]["State"], "RUNNING");
    assert_eq!(shown["Config"]["Prometheus"]["CustomProm"]["Username"], "u");
    running.a.ok("tcm", "ModifyTracingConfig", json!({"MeshId": id, "Enable": true, "Sampling": 12.5})).await;
    running.a.ok("tcm", "ModifyAccessLogConfig", json!({"MeshId": id, "Enable": true, "Encoding": "JSON"})).await;
    let log = running.a.ok("tcm", "DescribeAccessLogConfig", json!({"MeshId": id})).await;
    assert_eq!((&log["Encoding"], &log["Enable"], &log["File"]), (&json!("JSON"), &json!(true), &json!("/dev/stdout")));
    assert_eq!(mesh(&running, &id).await["Config"]["Tracing"]["Sampling"], 12.5);
    running.a.ok("tcm", "UnlinkPrometheus", json!({"MeshID": id})).await;
    assert_eq!(mesh(&running, &id).await["Status"]["TPS"], Value::Null);
    for path in ["state", "journal"] {
        assert!(!running.control("GET", path, Value::Null).await.1.to_string().contains("hidden"), "{path}");
    }
}
