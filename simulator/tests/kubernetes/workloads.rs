use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::support::{LiveCluster, condition, deployment, text};

fn is_rolled_out(object: &kube::api::DynamicObject) -> bool {
    let reason = condition(object, "Progressing").and_then(|condition| condition["reason"].as_str());
    let observed = object.data["status"]["observedGeneration"].as_i64();
    reason == Some("NewReplicaSetAvailable") && observed == object.metadata.generation
}

#[tokio::test]
async fn the_seeds_first_service_is_rolled_out_and_answers() {
    let live = LiveCluster::start().await;
    for document in include_str!("cluster1.yaml").split("\n---\n") {
        let fields: Value = serde_saphyr::from_str(document).expect("YAML");
        let (version, kind) = (fields["apiVersion"].clone(), fields["kind"].clone());
        let (version, kind) = (version.as_str().expect("a version"), kind.as_str().expect("a kind"));
        live.cluster.apply("us", version, kind, fields).await.expect("applied");
    }
    let rolled_out = live.until("apps/v1", "Deployment", "cluster1", is_rolled_out).await;
    assert_eq!(rolled_out.data["status"]["availableReplicas"], 1);
    let has_address = |object: &kube::api::DynamicObject| !text(object, "/subsets/0/addresses/0/ip").is_empty();
    let endpoints = live.until("v1", "Endpoints", "cluster1", has_address).await;
    assert_eq!(endpoints.data["subsets"][0]["ports"][0]["port"], 80);
    let address = text(&endpoints, "/subsets/0/addresses/0/ip");
    let answer = live.get(address, 80, "/").expect("an answer");
    assert_eq!((answer.status, answer.content_type.as_str(), answer.body.as_str()), (200, "text/plain", "cluster1"));
    assert_eq!(live.get(address, 80, "/other").map(|answer| answer.status), Some(404));
    assert_eq!(live.get(address, 81, "/"), None);
    let slices = live.cluster.api("discovery.k8s.io/v1", "EndpointSlice");
    let slices =
        slices.list(&ListParams::default().labels("kubernetes.io/service-name=cluster1")).await.expect("a list");
    assert_eq!(slices.items[0].data["endpoints"][0]["addresses"], json!([address]));
}

#[tokio::test]
async fn a_new_image_replaces_every_pod_and_an_old_one_comes_back() {
    let live = LiveCluster::start().await;
    live.cluster.apply("us", "apps/v1", "Deployment", deployment("d", 3, "web:1")).await.expect("applied");
    live.until("apps/v1", "Deployment", "d", is_rolled_out).await;
    let images = async || {
        let pods = live.pods("app=d").await;
        let images = pods.iter().map(|pod| text(pod, "/spec/containers/0/image").to_owned());
        images.collect::<Vec<_>>()
    };
    assert_eq!(images().await, ["web:1"; 3]);
    live.cluster.apply("us", "apps/v1", "Deployment", deployment("d", 3, "web:2")).await.expect("applied");
    let second = live.until("apps/v1", "Deployment", "d", is_rolled_out).await;
    assert_eq!(second.metadata.annotations.expect("annotations")["deployment.kubernetes.io/revision"], "2");
    assert_eq!(images().await, ["web:2"; 3]);
    live.cluster.apply("us", "apps/v1", "Deployment", deployment("d", 3, "web:1")).await.expect("applied");
    live.until("apps/v1", "Deployment", "d", is_rolled_out).await;
    assert_eq!(images().await, ["web:1"; 3]);
    assert_eq!(live.cluster.names("apps/v1", "ReplicaSet", &ListParams::default()).await.len(), 2);
}

#[tokio::test]
async fn an_image_that_cannot_be_had_leaves_the_old_pods_and_says_why() {
    let live = LiveCluster::start().await;
    live.cluster.apply("us", "apps/v1", "Deployment", deployment("d", 1, "web:1")).await.expect("applied");
    live.until("apps/v1", "Deployment", "d", is_rolled_out).await;
    live.cluster.apply("us", "apps/v1", "Deployment", deployment("d", 1, "web:broken")).await.expect("applied");
    let progressing = |object: &kube::api::DynamicObject| {
        object.data["status"]["unavailableReplicas"] == 1 || object.data["status"]["updatedReplicas"] == 1
    };
    live.until("apps/v1", "Deployment", "d", progressing).await;
    let pods = live.pods("app=d").await;
    assert_eq!(pods.len(), 2);
    let new = pods.iter().find(|pod| text(pod, "/spec/containers/0/image") == "web:broken").expect("the new pod");
    let name = new.metadata.name.clone().expect("a name");
    let waits = |pod: &kube::api::DynamicObject| {
        text(pod, "/status/containerStatuses/0/state/waiting/reason") == "ImagePullBackOff"
    };
    live.until("v1", "Pod", &name, waits).await;
    let events = live
        .cluster
        .api("v1", "Event")
        .list(&ListParams::default().fields(&format!("involvedObject.name={name}")))
        .await;
    let reasons: Vec<_> = events.expect("events").items.iter().map(|event| text(event, "/reason").to_owned()).collect();
    assert!(reasons.contains(&"Failed".to_owned()) && reasons.contains(&"Scheduled".to_owned()), "{reasons:?}");
}

#[tokio::test]
async fn a_pod_waits_for_its_config_map_and_reads_it_when_it_starts() {
    let live = LiveCluster::start().await;
    let document = |answer: &str| {
        format!(
            "{{paths: {{/: {{get: {{responses: {{'200': {{content: {{text/plain: {{example: {answer}}}}}}}}}}}}}}}}}"
        )
    };
    let config = |answer: &str| json!({"metadata": {"name": "c"}, "data": {"mock.yaml": document(answer)}});
    let pod = json!({"metadata": {"name": "p"}, "spec": {"volumes": [{"name": "v", "configMap": {"name": "c"}}], "containers": [
        {"name": "main", "image": "stoplight/prism:4", "args": ["mock", "-p", "80", "/etc/prism/mock.yaml"],
         "volumeMounts": [{"name": "v", "mountPath": "/etc/prism"}]}]}});
    live.cluster.create("v1", "Pod", Some("test"), pod).await.expect("created");
    let creating = |pod: &kube::api::DynamicObject| {
        text(pod, "/status/containerStatuses/0/state/waiting/reason") == "ContainerCreating"
    };
    live.until("v1", "Pod", "p", creating).await;
    live.cluster.apply("us", "v1", "ConfigMap", config("first")).await.expect("applied");
    let running = live.until("v1", "Pod", "p", |pod| text(pod, "/status/phase") == "Running").await;
    let address = text(&running, "/status/podIP").to_owned();
    assert_eq!(live.get(&address, 80, "/").map(|answer| answer.body).as_deref(), Some("first"));
    live.cluster.apply("us", "v1", "ConfigMap", config("second")).await.expect("applied");
    assert_eq!(live.get(&address, 80, "/").map(|answer| answer.body).as_deref(), Some("first"));
    live.cluster.api("v1", "Pod").delete("p", &DeleteParams::default()).await.expect("asked");
    live.until_gone("v1", "Pod", "p").await;
    assert_eq!(live.get(&address, 80, "/"), None);
}

#[tokio::test]
async fn a_pod_that_no_node_suits_stays_pending_until_one_does() {
    let live = LiveCluster::start().await;
    let pod = json!({"metadata": {"name": "p"}, "spec": {"nodeSelector": {"zone": "b"}, "containers": [{"name": "c", "image": "web"}]}});
    live.cluster.create("v1", "Pod", Some("test"), pod).await.expect("created");
    let unschedulable = |pod: &kube::api::DynamicObject| {
        condition(pod, "PodScheduled").is_some_and(|it| it["reason"] == "Unschedulable")
    };
    live.until("v1", "Pod", "p", unschedulable).await;
    let label = Patch::Merge(json!({"metadata": {"labels": {"zone": "b"}}}));
    live.cluster.cluster_api("v1", "Node").patch("node-1", &PatchParams::default(), &label).await.expect("labelled");
    live.until("v1", "Pod", "p", |pod| text(pod, "/status/phase") == "Running").await;
}

#[tokio::test]
async fn a_deployment_without_its_service_account_makes_no_pods_and_says_so() {
    let live = LiveCluster::start().await;
    let mut fields = deployment("d", 1, "web");
    fields["spec"]["template"]["spec"]["serviceAccountName"] = "agent".into();
    live.cluster.apply("us", "apps/v1", "Deployment", fields).await.expect("applied");
    let has_set = |object: &kube::api::DynamicObject| object.data["status"]["observedGeneration"] == 1;
    live.until("apps/v1", "Deployment", "d", has_set).await;
    let name = live.cluster.names("apps/v1", "ReplicaSet", &ListParams::default()).await.remove(0);
    let failed = live.until("apps/v1", "ReplicaSet", &name, |set| condition(set, "ReplicaFailure").is_some()).await;
    let message = condition(&failed, "ReplicaFailure").and_then(|it| it["message"].as_str()).unwrap_or_default();
    assert!(message.ends_with("serviceaccount \"agent\" not found"), "{message}");
    live.cluster
        .create("v1", "ServiceAccount", Some("test"), json!({"metadata": {"name": "agent"}}))
        .await
        .expect("created");
    live.until("apps/v1", "Deployment", "d", is_rolled_out).await;
}

#[tokio::test]
async fn stateful_and_daemon_sets_and_jobs_reach_their_ends() {
    let live = LiveCluster::start().await;
    let template = |policy: &str| {
        json!({"metadata": {"labels": {"app": "x"}}, "spec": {"restartPolicy": policy,
        "containers": [{"name": "c", "image": "web"}]}})
    };
    let selector = json!({"matchLabels": {"app": "x"}});
    let set = json!({"metadata": {"name": "s"}, "spec": {"replicas": 2, "serviceName": "s", "selector": selector, "template": template("Always")}});
    live.cluster.apply("us", "apps/v1", "StatefulSet", set).await.expect("applied");
    live.until("apps/v1", "StatefulSet", "s", |set| set.data["status"]["readyReplicas"] == 2).await;
    live.cluster.api("v1", "Pod").get("s-1").await.expect("the second pod");
    let daemon = json!({"metadata": {"name": "n"}, "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template("Always")}});
    live.cluster.apply("us", "apps/v1", "DaemonSet", daemon).await.expect("applied");
    live.until("apps/v1", "DaemonSet", "n", |set| set.data["status"]["numberReady"] == 1).await;
    let job = json!({"metadata": {"name": "j"}, "spec": {"template": {"spec": template("Never")["spec"]}}});
    live.cluster.apply("us", "batch/v1", "Job", job).await.expect("applied");
    let job = live.until("batch/v1", "Job", "j", |job| condition(job, "Complete").is_some()).await;
    assert_eq!(job.data["status"]["succeeded"], 1);
}

#[tokio::test]
async fn a_service_gets_its_load_balancer_and_is_released_from_it() {
    let live = LiveCluster::start().await;
    let fields = json!({"metadata": {"name": "s"}, "spec": {"type": "LoadBalancer", "selector": {"app": "x"}, "ports": [{"port": 80}]}});
    live.cluster.apply("us", "v1", "Service", fields).await.expect("applied");
    let has_address =
        |service: &kube::api::DynamicObject| text(service, "/status/loadBalancer/ingress/0/ip") == "203.0.113.7";
    live.until("v1", "Service", "s", has_address).await;
    live.cluster.api("v1", "Service").delete("s", &DeleteParams::default()).await.expect("asked");
    live.until_gone("v1", "Service", "s").await;
}

#[tokio::test]
async fn a_container_waits_for_the_secret_of_its_environment() {
    let live = LiveCluster::start().await;
    let variable = json!({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}});
    let pod =
        json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "web", "env": [variable]}]}});
    live.cluster.create("v1", "Pod", Some("test"), pod).await.expect("created");
    let waits_for = |message: &'static str| {
        move |pod: &kube::api::DynamicObject| {
            let waiting = &pod.data["status"]["containerStatuses"][0]["state"]["waiting"];
            waiting["reason"] == "CreateContainerConfigError" && waiting["message"] == message
        }
    };
    live.until("v1", "Pod", "p", waits_for("secret \"s\" not found")).await;
    let secret = |data: Value| json!({"metadata": {"name": "s"}, "stringData": data});
    live.cluster.create("v1", "Secret", Some("test"), secret(json!({"other": "x"}))).await.expect("created");
    live.until("v1", "Pod", "p", waits_for("couldn't find key token in Secret test/s")).await;
    live.cluster.apply("us", "v1", "Secret", secret(json!({"token": "x"}))).await.expect("applied");
    live.until("v1", "Pod", "p", |pod| text(pod, "/status/phase") == "Running").await;
}
