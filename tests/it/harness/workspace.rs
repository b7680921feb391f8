//! A Terraform workspace on a simulated cloud, with the provider that was just built.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::terraform::Terraform;
use super::world::World;

/// A workspace. Its configuration files are written by the test; provider blocks for both accounts are there.
pub(crate) struct Workspace {
    home: TempDir,
    terraform: Terraform,
    variables: Vec<(String, String)>,
}

/// What a plan says.
pub(crate) struct Plan {
    /// The plan as JSON.
    pub(crate) json: Value,
}

const REQUIRED: &str =
    "terraform {\n  required_providers {\n    tcmesh = {\n      source = \"tcmesh/tcmesh\"\n    }\n  }\n}\n";

impl Workspace {
    /// A workspace without resources. Account `a` has the default provider block and the alias `ingress`, account `b` the alias
    /// `member`.
    pub(crate) fn new(terraform: &Terraform, world: &World) -> Self {
        let workspace = Self::bare(terraform, world);
        let mut blocks = REQUIRED.to_owned();
        for (alias, account) in [("", "a"), ("ingress", "a"), ("member", "b")] {
            let (id, key) = world.keys(account);
            let alias = if alias.is_empty() { String::new() } else { format!("  alias = \"{alias}\"\n") };
            let rest = format!("  secret_id = \"{id}\"\n  secret_key = \"{key}\"\n  cluster_endpoint = \"extranet\"\n");
            let _ = write!(blocks, "provider \"tcmesh\" {{\n{alias}{rest}}}\n");
        }
        workspace.write("providers.tf", &blocks);
        workspace
    }

    /// A workspace with no provider block at all.
    pub(crate) fn bare(terraform: &Terraform, world: &World) -> Self {
        let home = TempDir::new().unwrap();
        let variables = vec![
            ("TF_CLI_CONFIG_FILE".to_owned(), home.path().join("terraform.rc").display().to_string()),
            ("TCMESH_ENDPOINT".to_owned(), world.endpoint()),
            // Examples that look for names ask the world's name servers.
            ("TF_VAR_resolver".to_owned(), world.dns()),
        ];
        let workspace = Self { home, terraform: terraform.clone(), variables };
        workspace.override_provider();
        workspace
    }

    /// Goes on with another Terraform.
    pub(crate) fn hand_to(&mut self, terraform: &Terraform) {
        let before = std::mem::replace(&mut self.terraform, terraform.clone());
        self.override_provider();
        if before.is_tofu && !terraform.is_tofu {
            // Terraform takes OpenTofu's address for another provider; the other way round it is known to be the same.
            let (from, to) = (before.provider_address(), terraform.provider_address());
            self.succeeds(&["state", "replace-provider", "-auto-approve", from, to]);
        }
    }

    fn override_provider(&self) {
        let folder = Path::new(env!("CARGO_BIN_EXE_terraform-provider-tcmesh")).parent().unwrap();
        let overrides = format!("\"{}\" = \"{}\"", self.terraform.provider_address(), folder.display());
        self.write(
            "terraform.rc",
            &format!("provider_installation {{\n  dev_overrides {{\n    {overrides}\n  }}\n  direct {{}}\n}}\n"),
        );
    }

    /// Sets an environment variable of every run.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file of the configuration.
    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.home.path().join(name), text).unwrap();
    }

    /// Copies the configuration in a folder of the project.
    pub(crate) fn copy(&self, folder: &str) {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), self.home.path());
    }

    /// The block that names the provider, for configurations with provider blocks of their own.
    pub(crate) fn required(&self) -> &'static str {
        REQUIRED
    }

    /// The folder of the configuration.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// A run of Terraform that is yet to begin.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let variables = self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut command = Command::new(&self.terraform.program);
        command.args(arguments).current_dir(self.home.path()).envs(variables);
        // What a developer's shell has set is no part of a test.
        for name in ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_REGION", "TF_LOG"] {
            if !self.variables.iter().any(|(own, _)| own == name) {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs Terraform, whatever comes of it.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs Terraform, which must succeed; answers what it printed.
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = printed(&output);
        assert!(output.status.success(), "terraform {} ({:?}):\n{text}", arguments.join(" "), self.terraform.version);
        text
    }

    /// Runs Terraform, which must fail; answers what it printed.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = printed(&output);
        assert!(!output.status.success(), "terraform {} did not fail:\n{text}", arguments.join(" "));
        text
    }

    /// Applies, which must succeed.
    pub(crate) fn apply(&self) -> String {
        self.succeeds(&["apply", "-auto-approve", "-no-color"])
    }

    /// Destroys everything, which must succeed.
    pub(crate) fn destroy(&self) -> String {
        self.succeeds(&["destroy", "-auto-approve", "-no-color"])
    }

    /// Plans, which must succeed.
    pub(crate) fn plan(&self) -> Plan {
        self.succeeds(&["plan", "-no-color", "-out=plan.out"]);
        let json = self.succeeds(&["show", "-json", "plan.out"]);
        Plan { json: first_json(&json) }
    }

    /// Neither a plan nor a plan of the refresh alone finds a difference.
    pub(crate) fn is_settled(&self) {
        for arguments in [
            &["plan", "-no-color", "-detailed-exitcode"][..],
            &["plan", "-no-color", "-refresh-only", "-detailed-exitcode"],
        ] {
            let output = self.run(arguments);
            let text = printed(&output);
            assert!(
                output.status.success(),
                "terraform {} ({:?}) finds a difference:\n{text}",
                arguments.join(" "),
                self.terraform.version
            );
        }
    }

    /// The state as JSON, with the results of checks.
    pub(crate) fn show(&self) -> Value {
        first_json(&self.succeeds(&["show", "-json"]))
    }

    /// The attributes of an object in the state.
    pub(crate) fn state(&self, address: &str) -> Option<Value> {
        let json = self.show();
        let resources = json["values"]["root_module"]["resources"].as_array().cloned().unwrap_or_default();
        resources.into_iter().find(|resource| resource["address"] == address).map(|resource| resource["values"].clone())
    }

    /// The text of the state file.
    pub(crate) fn state_file(&self) -> String {
        fs::read_to_string(self.home.path().join("terraform.tfstate")).unwrap_or_default()
    }

    /// Whether this Terraform is at least of a version.
    pub(crate) fn is_at_least(&self, minor: u32) -> bool {
        self.terraform.version >= (1, minor, 0)
    }
}

impl Plan {
    /// What is planned for an object, for example `["update"]`; nothing where the plan does not name it.
    pub(crate) fn actions(&self, address: &str) -> Vec<String> {
        let actions = self.change(address).map(|change| change["actions"].clone()).unwrap_or_default();
        serde_json::from_value(actions).unwrap_or_default()
    }

    /// The planned change of an object, with `before` and `after`.
    pub(crate) fn change(&self, address: &str) -> Option<&Value> {
        let changes = self.json["resource_changes"].as_array()?;
        changes.iter().find(|change| change["address"] == address).map(|change| &change["change"])
    }

    /// Everything that is planned, as `address: actions`, but for what stays.
    pub(crate) fn changes(&self) -> Vec<String> {
        let changes = self.json["resource_changes"].as_array().cloned().unwrap_or_default();
        let real = changes.iter().filter(|change| change["change"]["actions"] != serde_json::json!(["no-op"]));
        real.map(|change| {
            format!("{}: {}", change["address"].as_str().unwrap_or_default(), change["change"]["actions"])
        })
        .collect()
    }
}

/// A text without line breaks and frames, which depend on the width of lines.
pub(crate) fn unwrapped(text: &str) -> String {
    text.replace(['│', '╷', '╵'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Warnings of the command line go to stdout too, before the JSON.
pub(crate) fn first_json(text: &str) -> Value {
    let start = text.find("{\"").unwrap_or_else(|| panic!("no JSON in:\n{text}"));
    serde_json::Deserializer::from_str(&text[start..]).into_iter().next().unwrap().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
