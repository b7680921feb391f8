//! One page in the registry's layout.

use std::fmt::Write as _;
use std::fs;

use tcmesh::framework::schema::{Identity, Kind, Schema};

use super::{root, schema};

/// The page of the provider block.
pub(super) fn index(provider: &Schema) -> String {
    let head = front("tcmesh Provider", None, provider.body.description);
    let example = block("terraform", &read("examples/provider/provider.tf").unwrap_or_default());
    let body = schema::section(&provider.body);
    format!(
        "{head}# tcmesh Provider\n\n{}\n\n## Example Usage\n\n{example}\n{GUIDES}\n{body}",
        provider.body.description
    )
}

const GUIDES: &str = "## Guides

- [In HCP Terraform workspaces](guides/hcp-terraform.md)
- [After a hard kill](guides/recovery.md)
- [Beside the stock tencentcloud provider](guides/beside-tencentcloud.md)
";

/// The page of a resource, data source or ephemeral resource.
pub(super) fn of(kind: Kind, name: &str, of: &Schema) -> String {
    let full = format!("tcmesh_{name}");
    let word = word(kind);
    let mut page = front(&format!("{full} {word} - tcmesh"), Some(area(name)), of.body.description);
    let _ = write!(page, "# {full} ({word})\n\n{}\n\n## Example Usage\n\n", of.body.description);
    let example = read(&example_file(kind, name)).unwrap_or_default();
    let _ = write!(page, "{}\n{}", block("terraform", &example), schema::section(&of.body));
    if kind == Kind::Resource {
        page.push_str(&import(&full, of));
    }
    page
}

/// The example that a page shows, which is also the input of its acceptance test.
pub(super) fn example_file(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Resource => format!("examples/resources/tcmesh_{name}/resource.tf"),
        Kind::DataSource => format!("examples/data-sources/tcmesh_{name}/data-source.tf"),
        _ => format!("examples/ephemeral-resources/tcmesh_{name}/ephemeral-resource.tf"),
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Resource => "Resource",
        Kind::DataSource => "Data Source",
        _ => "Ephemeral Resource",
    }
}

/// The heading under which the registry lists a type.
fn area(name: &str) -> &'static str {
    match name {
        "ccn" | "ccn_attachment" | "ccn_attachment_accepter" | "ccn_container_network" => "Network",
        "mesh" | "mesh_cluster" | "ingress_gateway" => "Mesh",
        "gateway" | "host_route" | "manifest" => "Routing",
        "dns_record" | "route_probe" | "caller_identity" => "DNS and proof",
        _ => "Registration and clusters",
    }
}

fn front(title: &str, area: Option<&str>, description: &str) -> String {
    let first = description.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let area = area.map(|area| format!("subcategory: \"{area}\"\n")).unwrap_or_default();
    format!("---\npage_title: \"{title}\"\n{area}description: |-\n  {first}\n---\n\n")
}

fn block(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

fn import(full: &str, of: &Schema) -> String {
    let Some(command) = read(&format!("examples/resources/{full}/import.sh")) else { return String::new() };
    let mut text = format!("\n## Import\n\nBy ID:\n\n{}", block("shell", &command));
    let identity: Vec<_> = of.body.identity().collect();
    if identity.is_empty() {
        return text;
    }
    text.push_str("\nBy identity (Terraform 1.12 and later), in an `import` block:\n\n| attribute | |\n|---|---|\n");
    for (field, part) in identity {
        let need = if part == Identity::Required { "required" } else { "optional" };
        let _ = writeln!(text, "| `{}` | {need} |", field.name);
    }
    text
}
