//! Mistakes in the provider block: told in the plan, before anything is created.

use super::{Told, closed_port, error, everywhere, quoted};
use crate::harness::workspace::Workspace;
use crate::harness::world::{QUICK, World};

const CCN: &str = "resource \"tcmesh_ccn\" \"main\" {\n  name = \"c\"\n}\n";

/// Plans a CCN with the keys of account `a` and more arguments of the provider block; answers the error.
fn plan_with(world: &World, workspace: &Workspace, more: &str) -> Told {
    let (id, key) = world.keys("a");
    plan_with_keys(workspace, &format!("  secret_id = \"{id}\"\n  secret_key = \"{key}\"\n{more}\n"))
}

fn plan_with_keys(workspace: &Workspace, arguments: &str) -> Told {
    workspace.write("providers.tf", &format!("{}provider \"tcmesh\" {{\n{arguments}}}\n", workspace.required()));
    workspace.write("main.tf", CCN);
    let told = error(workspace, &["plan"]);
    assert_eq!(told.block, "provider \"tcmesh\"", "{told:#?}");
    told
}

fn block(name: &str, arguments: &str) -> String {
    format!("{name} {{\n {arguments}\n }}")
}

#[test]
fn a_value_of_the_wrong_form_is_told_at_its_line_and_nobody_is_asked() {
    let kubernetes = |arguments: &str| block("kubernetes", arguments);
    let host = "host = \"https://10.0.0.1:6443\"\n";
    everywhere(QUICK, |world, workspace| {
        let missing = quoted(&workspace.home().join("missing.pem"));
        let empty = workspace.home().join("empty.pem");
        workspace.write("empty.pem", "no certificate");
        for (more, at, says) in [
            ("region = \"Guangzhou\"".to_owned(), "region", "Expected a region such as `ap-guangzhou`"),
            ("protocol = \"FTP\"".into(), "protocol", "expected \"HTTPS\" or \"HTTP\", found \"FTP\""),
            ("endpoint = \"ftp://127.0.0.1\"".into(), "endpoint", "expected an address such as \"https://"),
            (block("endpoints", "vpc = \"ftp://127.0.0.1\""), "vpc", "expected an address such as"),
            ("max_retries = -1".into(), "max_retries", "from 0 to 100"),
            ("cluster_endpoint = \"public\"".into(), "cluster_endpoint", "`intranet`"),
            ("allowed_account_ids = [\"a\"]".into(), "allowed_account_ids", "Expected the ID of a root account"),
            (format!("ca_file = {missing}"), "ca_file", "missing.pem cannot be read: No such file"),
            (format!("ca_file = {}", quoted(&empty)), "ca_file", "holds no certificates: expected a file in PEM form"),
            (kubernetes("kubeconfig = \"kind: [\""), "kubeconfig", "not the YAML of a kubeconfig"),
            (kubernetes("kubeconfig = \"kind: Config\""), "kubeconfig", "names no cluster"),
            (kubernetes("config_path = \"/nowhere/config\""), "config_path", "`/nowhere/config` cannot be read"),
            (kubernetes("host = \"10.0.0.1\""), "host", "expected a URL such as `https://10.0.0.1:6443`"),
            (kubernetes(&format!("{host}cluster_ca_certificate = \"ca.pem\"")), "cluster_ca_certificate", "PEM"),
            (kubernetes(&format!("{host}client_key = \"k\"")), "kubernetes", "`client_key` needs its certificate"),
            (kubernetes("insecure = true"), "kubernetes", "Set `config_path`, `kubeconfig` or `host`"),
        ] {
            let told = plan_with(world, workspace, &more);
            assert!(told.is_at(at, says), "{more}: {told:#?}");
        }
        assert_eq!(world.calls(), 0);
    });
}

#[test]
fn keys_that_the_api_refuses_are_told_by_its_own_code_at_their_line() {
    everywhere(QUICK, |world, workspace| {
        let (id, key) = world.keys("a");
        let keys = |id: &str, key: &str| {
            let allowed = "  allowed_account_ids = [\"100000000001\"]\n";
            format!("  secret_id = \"{id}\"\n  secret_key = \"{key}\"\n{allowed}")
        };
        let (other_id, other_key) = world.keys("b");
        for (arguments, at, says) in [
            (keys("AKIDnobody", &key), "secret_id", "AuthFailure.SecretIdNotFound"),
            (keys(&id, "wrong"), "secret_key", "AuthFailure.SignatureFailure"),
            (keys(&other_id, &other_key), "allowed_account_ids", "the block allows only 100000000001"),
            ("  secret_id = \"AKIDexample\"\n".to_owned(), "secret_id", "secret_key is not"),
        ] {
            let told = plan_with_keys(workspace, &arguments);
            assert!(told.is_at(at, says), "{told:#?}");
        }
        assert_eq!(world.writes_since(0), [""; 0]);
    });
}

#[test]
fn keys_that_the_api_refuses_create_nothing_where_no_account_is_named_either() {
    everywhere(QUICK, |world, workspace| {
        let (id, _) = world.keys("a");
        let provider = format!("provider \"tcmesh\" {{\n  secret_id = \"{id}\"\n  secret_key = \"wrong\"\n}}\n");
        workspace.write("providers.tf", &format!("{}{provider}", workspace.required()));
        workspace.write("main.tf", CCN);
        let told = error(workspace, &["apply", "-auto-approve"]);
        assert!(told.says("AuthFailure.SignatureFailure") && told.says("Check `secret_id`, `secret_key`"), "{told:#?}");
        assert!(workspace.state("tcmesh_ccn.main").is_none());
    });
}

#[test]
fn without_any_keys_the_places_that_were_looked_at_are_told() {
    everywhere(QUICK, |_, workspace| {
        let directory = quoted(workspace.home());
        let told = plan_with_keys(workspace, &format!("  shared_credentials_dir = {directory}\n"));
        for place in ["TENCENTCLOUD_SECRET_ID", "default.credential", "TENCENTCLOUD_CAM_ROLE_NAME"] {
            assert!(told.says(place), "{told:#?}");
        }
    });
}

#[test]
fn an_api_that_cannot_be_reached_is_told_within_seconds_with_its_address() {
    everywhere(QUICK, |world, workspace| {
        let closed = closed_port();
        let begun = std::time::Instant::now();
        let allowed = "allowed_account_ids = [\"100000000001\"]";
        let told = plan_with(world, workspace, &format!("endpoint = \"http://{closed}\"\n{allowed}"));
        assert!(told.is_at("endpoint", &closed), "{told:#?}");
        assert!(told.says("`TCMESH_ENDPOINT`"), "{told:#?}");
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    });
}

#[test]
fn an_address_of_the_environment_is_told_with_its_variable() {
    for terraform in crate::harness::terraform::installed() {
        let world = World::start();
        let mut workspace = Workspace::new(terraform, &world);
        workspace.set("TCMESH_ENDPOINT", "ftp://127.0.0.1");
        let told = plan_with(&world, &workspace, "");
        assert!(told.says("`TCMESH_ENDPOINT`"), "{told:#?}");
        let closed = closed_port();
        workspace.set("TCMESH_ENDPOINT", &format!("http://{closed}"));
        let told = plan_with(&world, &workspace, "allowed_account_ids = [\"100000000001\"]");
        assert!(told.says(&closed), "{told:#?}");
        assert!(told.says("`TCMESH_ENDPOINT`"), "{told:#?}");
    }
}
