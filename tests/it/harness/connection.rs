//! A client's connection to a plugin, of which a test decides everything.

use std::error::Error;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tcmesh::proto::health::health_client::HealthClient;
use tcmesh::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use tcmesh::proto::plugin::grpc_controller_client::GrpcControllerClient;
use tcmesh::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use tcmesh::proto::tfplugin6::provider_client::ProviderClient;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::body::Body;
use tower::Service;

/// What can go wrong between a client and a plugin.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// What a client shows and asks for when it makes a TLS connection.
pub(crate) struct Tls {
    /// The certificate that the server must have.
    pub(crate) server: CertificateDer<'static>,
    /// The name that the server must have.
    pub(crate) server_name: &'static str,
    /// The one version that the client speaks.
    pub(crate) version: &'static SupportedProtocolVersion,
    /// What the client proves itself with.
    pub(crate) client: Option<CertifiedKey>,
}

impl Tls {
    fn config(self) -> Result<ClientConfig, Failure> {
        let mut roots = RootCertStore::empty();
        roots.add(self.server)?;
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[self.version])?
            .with_root_certificates(roots);
        let mut config = match self.client {
            Some(client) => config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(client))),
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }

    /// Makes the TLS connection alone.
    pub(crate) async fn connect(self, socket: &Path) -> Result<TlsStream<UnixStream>, Failure> {
        let name = ServerName::try_from(self.server_name)?;
        let connector = TlsConnector::from(Arc::new(self.config()?));
        Ok(connector.connect(name, UnixStream::connect(socket).await?).await?)
    }
}

/// A gRPC connection. The clients of the services are made from it.
#[derive(Clone)]
pub(crate) struct Connection {
    requests: SendRequest<Body>,
    driver: AbortHandle,
}

impl Connection {
    /// Speaks gRPC on a stream that is connected already.
    pub(crate) async fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Result<Self, Failure> {
        let (requests, driver) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        Ok(Self { requests, driver: tokio::spawn(driver).abort_handle() })
    }

    /// Closes the connection as the death of the client does.
    pub(crate) fn cut(self) {
        self.driver.abort();
    }

    pub(crate) fn provider(&self) -> ProviderClient<Self> {
        ProviderClient::with_origin(self.clone(), origin()).max_decoding_message_size(usize::MAX)
    }

    pub(crate) fn controller(&self) -> GrpcControllerClient<Self> {
        GrpcControllerClient::with_origin(self.clone(), origin())
    }

    pub(crate) fn stdio(&self) -> GrpcStdioClient<Self> {
        GrpcStdioClient::with_origin(self.clone(), origin())
    }

    pub(crate) fn broker(&self) -> GrpcBrokerClient<Self> {
        GrpcBrokerClient::with_origin(self.clone(), origin())
    }

    pub(crate) fn health(&self) -> HealthClient<Self> {
        HealthClient::with_origin(self.clone(), origin())
    }
}

fn origin() -> Uri {
    Uri::from_static("http://localhost")
}

impl Service<Request<Body>> for Connection {
    type Response = Response<Incoming>;
    type Error = hyper::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.requests.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.requests.send_request(request))
    }
}
