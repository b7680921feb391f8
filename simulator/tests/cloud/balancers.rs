//! Load balancers and their tasks.

use serde_json::json;

use crate::world::{HUB, start};

#[tokio::test]
async fn a_load_balancer_is_made_and_removed_by_tasks() {
    let running = start().await;
    let request = json!({
        "LoadBalancerType": "INTERNAL", "VpcId": HUB, "SubnetId": "subnet-hub00001", "LoadBalancerName": "lb",
        "ProjectId": 0, "VipIsp": "BGP",
        "Tags": [{"TagKey": "owner", "TagValue": "me"}],
    });
    let made = running.a.ok("clb", "CreateLoadBalancer", request).await;
    let task = json!({"TaskId": made["RequestId"]});
    assert_eq!(running.a.ok("clb", "DescribeTaskStatus", task.clone()).await["Status"], 2);
    assert_eq!(running.b.code("clb", "DescribeTaskStatus", task.clone()).await, "InvalidParameter");
    running.advance("2s").await;
    let done = running.a.ok("clb", "DescribeTaskStatus", task).await;
    assert_eq!((&done["Status"], &done["LoadBalancerIds"]), (&json!(0), &made["LoadBalancerIds"]));

    let ids = json!({"LoadBalancerIds": made["LoadBalancerIds"]});
    let shown = running.a.ok("clb", "DescribeLoadBalancers", ids.clone()).await["LoadBalancerSet"][0].clone();
    assert_eq!((&shown["Status"], &shown["LoadBalancerVips"]), (&json!(1), &json!(["10.0.1.2"])));
    assert_eq!(shown["Tags"], json!([{"TagKey": "owner", "TagValue": "me"}]));
    assert_eq!(running.b.ok("clb", "DescribeLoadBalancers", ids.clone()).await["TotalCount"], 0);
    assert_eq!(running.b.code("clb", "DeleteLoadBalancer", ids.clone()).await, "InvalidParameter.LBIdNotFound");

    let deleted = running.a.ok("clb", "DeleteLoadBalancer", ids.clone()).await;
    running.advance("2s").await;
    assert_eq!(running.a.ok("clb", "DescribeTaskStatus", json!({"TaskId": deleted["RequestId"]})).await["Status"], 0);
    assert_eq!(running.a.ok("clb", "DescribeLoadBalancers", ids).await["TotalCount"], 0);
    assert!(running.look(|cloud| cloud.networks.subnets["subnet-hub00001"].used.is_empty()));
}

#[tokio::test]
async fn a_client_token_makes_one_load_balancer() {
    let running = start().await;
    let request = json!({"LoadBalancerType": "OPEN", "VpcId": HUB, "ClientToken": "once"});
    let first = running.a.ok("clb", "CreateLoadBalancer", request.clone()).await;
    let second = running.a.ok("clb", "CreateLoadBalancer", request).await;
    assert_eq!(first["LoadBalancerIds"], second["LoadBalancerIds"]);
    assert_eq!(running.a.ok("clb", "DescribeLoadBalancers", json!({})).await["TotalCount"], 1);
}

#[tokio::test]
async fn a_failed_task_leaves_no_load_balancer() {
    let running = start().await;
    running.fault(json!({"match": {"action": "CreateLoadBalancer"}, "fault": "fail_state"})).await;
    let made = running.a.ok("clb", "CreateLoadBalancer", json!({"LoadBalancerType": "OPEN", "VpcId": HUB})).await;
    running.advance("2s").await;
    assert_eq!(running.a.ok("clb", "DescribeTaskStatus", json!({"TaskId": made["RequestId"]})).await["Status"], 1);
    assert_eq!(running.a.ok("clb", "DescribeLoadBalancers", json!({})).await["TotalCount"], 0);
}

#[tokio::test]
async fn a_foreign_network_is_refused() {
    let running = start().await;
    let request = json!({"LoadBalancerType": "OPEN", "VpcId": "vpc-mem00003"});
    assert_eq!(running.a.code("clb", "CreateLoadBalancer", request).await, "InvalidParameterValue");
}
