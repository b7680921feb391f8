//! The blocks `tracing` and `access_log` of a mesh's `config`.

use crate::cloud::api::tcm;
use crate::cloud::api::tcm::{APM, AccessLogConfig, CLS, SelectedItems, TracingConfig, TracingZipkin};
use crate::framework::{Computed, Model};

/// Which requests are traced, and where traces go.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Tracing {
    /// Whether requests are traced, for example `true`.
    #[tf(optional, computed)]
    pub enable: Computed<bool>,
    /// How many requests are traced, in percent, for example `1.5`.
    #[tf(optional, computed, range(0..=100))]
    pub sampling: Computed<f64>,
    /// The cloud's application performance management.
    #[tf(block, opt_in)]
    pub apm: Option<Apm>,
    /// A Zipkin of your own.
    #[tf(block, opt_in)]
    pub zipkin: Option<Zipkin>,
}

/// The cloud's application performance management.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Apm {
    /// Whether traces go there.
    #[tf(optional, default = true)]
    pub enable: bool,
    /// Its region, for example `ap-guangzhou`.
    #[tf(optional, computed)]
    pub region: Computed<String>,
    /// An instance that exists, for example `apm-CJQpkJhtB`; the cloud creates one where there is none.
    #[tf(optional, computed)]
    pub instance_id: Computed<String>,
}

/// A Zipkin.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Zipkin {
    /// Its address, for example `zipkin.tracing:9411`.
    #[tf(required)]
    pub address: String,
}

/// Which requests are logged, how, and where logs go.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct AccessLog {
    /// Whether requests are logged, for example `true`.
    #[tf(optional, computed)]
    pub enable: Computed<bool>,
    /// What is logged of a request: `istio`, `trace` or `custom`, which `format` describes.
    #[tf(optional, computed, one_of("istio", "trace", "custom"))]
    pub template: Computed<String>,
    /// How a line is written: `TEXT` or `JSON`.
    #[tf(optional, computed, one_of("TEXT", "JSON"))]
    pub encoding: Computed<String>,
    /// The line of the template `custom`, in Envoy's language, for example `[%START_TIME%] %RESPONSE_CODE%`.
    #[tf(optional, computed)]
    pub format: Computed<String>,
    /// Whether logs go to the containers' standard output, for example `true`.
    #[tf(optional, computed)]
    pub enable_stdout: Computed<bool>,
    /// Whether logs go to a log server, for example `true`.
    #[tf(optional, computed)]
    pub enable_server: Computed<bool>,
    /// The log server, for example `als.logging:8080`.
    #[tf(optional, computed)]
    pub address: Computed<String>,
    /// The cloud's log service.
    #[tf(block, opt_in)]
    pub cls: Option<Cls>,
    /// Whose requests are logged.
    #[tf(block, opt_in)]
    pub selected_range: Option<SelectedRange>,
}

/// The cloud's log service.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Cls {
    /// Whether logs go there.
    #[tf(optional, default = true)]
    pub enable: bool,
    /// The set of topics, for example `7ff5f4a8-1b2c-4d5e-8f90-0123456789ab`.
    #[tf(optional, computed)]
    pub log_set: Computed<String>,
    /// The topic, for example `91d6b1f5-1b2c-4d5e-8f90-0123456789ab`.
    #[tf(optional, computed)]
    pub topic: Computed<String>,
    /// Its region, for example `ap-guangzhou`.
    #[tf(optional, computed)]
    pub region: Computed<String>,
}

/// Whose requests are logged.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct SelectedRange {
    /// Whether all requests are logged, for example `true`.
    #[tf(optional, computed)]
    pub all: Computed<bool>,
    /// A service, or gateways of a namespace.
    #[tf(block)]
    pub item: Vec<SelectedItem>,
}

/// A service, or gateways of a namespace.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct SelectedItem {
    /// The namespace, for example `test`.
    #[tf(required)]
    pub namespace: String,
    /// The cluster of the gateways, for example `cluster1`.
    #[tf(optional)]
    pub cluster_name: Option<String>,
    /// The service, for example `orders`.
    #[tf(optional)]
    pub item_name: Option<String>,
    /// The gateways, for example `["istio-ingressgateway"]`.
    #[tf(optional)]
    pub gateways: Vec<String>,
}

impl From<TracingConfig> for Tracing {
    fn from(TracingConfig { sampling, enable, apm, zipkin }: TracingConfig) -> Self {
        Self {
            enable: enable.into(),
            sampling: sampling.into(),
            apm: apm.map(|apm| Apm {
                enable: apm.enable.unwrap_or_default(),
                region: apm.region.into(),
                instance_id: apm.instance_id.into(),
            }),
            zipkin: zipkin.map(|TracingZipkin { address }| Zipkin { address }),
        }
    }
}

impl From<&Tracing> for TracingConfig {
    fn from(Tracing { enable, sampling, apm, zipkin }: &Tracing) -> Self {
        Self {
            sampling: sampling.get().copied(),
            enable: enable.get().copied(),
            apm: apm.as_ref().map(|apm| APM {
                enable: Some(apm.enable),
                region: apm.region.get().cloned(),
                instance_id: apm.instance_id.get().cloned(),
                need_delete: None,
            }),
            zipkin: zipkin.as_ref().map(|zipkin| TracingZipkin { address: zipkin.address.clone() }),
        }
    }
}

impl From<AccessLogConfig> for AccessLog {
    fn from(found: AccessLogConfig) -> Self {
        let AccessLogConfig { enable, template, selected_range, cls, encoding, .. } = found;
        let AccessLogConfig { format, address, enable_server, enable_stdout, .. } = found;
        Self {
            enable: enable.into(),
            template: template.into(),
            encoding: encoding.into(),
            format: format.into(),
            enable_stdout: enable_stdout.into(),
            enable_server: enable_server.into(),
            address: address.into(),
            cls: cls.map(|CLS { enable, log_set, topic, region, need_delete: _ }| Cls {
                enable: enable.unwrap_or_default(),
                log_set: log_set.into(),
                topic: topic.into(),
                region: region.into(),
            }),
            selected_range: selected_range.map(|range| SelectedRange {
                all: range.all.into(),
                item: range.items.into_iter().flatten().map(Into::into).collect(),
            }),
        }
    }
}

impl From<&AccessLog> for AccessLogConfig {
    fn from(plan: &AccessLog) -> Self {
        Self {
            enable: plan.enable.get().copied(),
            template: plan.template.get().cloned(),
            encoding: plan.encoding.get().cloned(),
            format: plan.format.get().cloned(),
            enable_stdout: plan.enable_stdout.get().copied(),
            enable_server: plan.enable_server.get().copied(),
            address: plan.address.get().cloned(),
            cls: plan.cls.as_ref().map(|cls| CLS {
                enable: Some(cls.enable),
                log_set: cls.log_set.get().cloned(),
                topic: cls.topic.get().cloned(),
                region: cls.region.get().cloned(),
                need_delete: None,
            }),
            selected_range: plan.selected_range.as_ref().map(|range| tcm::SelectedRange {
                all: range.all.get().copied(),
                items: Some(range.item.iter().map(Into::into).collect()),
            }),
        }
    }
}

impl From<SelectedItems> for SelectedItem {
    fn from(SelectedItems { namespace, cluster_name, item_name, gateways }: SelectedItems) -> Self {
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            namespace: namespace.unwrap_or_default(),
            cluster_name: text(cluster_name),
            item_name: text(item_name),
            gateways: gateways.unwrap_or_default(),
        }
    }
}

impl From<&SelectedItem> for SelectedItems {
    fn from(plan: &SelectedItem) -> Self {
        Self {
            namespace: Some(plan.namespace.clone()),
            cluster_name: plan.cluster_name.clone(),
            item_name: plan.item_name.clone(),
            gateways: Some(plan.gateways.clone()).filter(|gateways| !gateways.is_empty()),
        }
    }
}
