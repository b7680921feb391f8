//! The name servers of the hosted domains, on loopback over UDP and TCP.

mod answer;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hickory_proto::op::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use crate::state::SharedCloud;

/// The largest answer over UDP to a client that does not say more (RFC 1035, 4.2.1).
const UDP_LIMIT: u16 = 512;

/// Both sockets of the name servers, on one address and port.
#[derive(Debug)]
pub(crate) struct DnsServer {
    udp: UdpSocket,
    tcp: TcpListener,
}

impl DnsServer {
    /// Takes the address; port 0 takes a port that is free for both.
    ///
    /// # Errors
    /// Where the address cannot be listened on.
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        // A port that is free for TCP may be in use for UDP: then another one is tried.
        for _ in 0..16 {
            let tcp = TcpListener::bind(address).await?;
            match UdpSocket::bind(tcp.local_addr()?).await {
                Ok(udp) => return Ok(Self { udp, tcp }),
                Err(error) => last = error,
            }
            if address.port() != 0 {
                break;
            }
        }
        Err(last)
    }

    /// Where it listens.
    ///
    /// # Errors
    /// Where the system does not say.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Answers for as long as it is awaited.
    pub(crate) async fn serve(self, cloud: SharedCloud) {
        let Self { udp, tcp } = self;
        tokio::join!(serve_udp(udp, &cloud), serve_tcp(tcp, &cloud));
    }
}

async fn serve_udp(socket: UdpSocket, cloud: &SharedCloud) {
    let mut buffer = [0; 4096];
    loop {
        // An error here is that of an earlier answer whose client has gone.
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else { continue };
        let Ok(request) = Message::from_vec(&buffer[..length]) else { continue };
        let response = cloud.read(|cloud| answer::answer(&cloud.zones, &request));
        let limit = usize::from(request.max_payload().max(UDP_LIMIT));
        let whole = response.to_vec().ok().filter(|bytes| bytes.len() <= limit);
        if let Some(bytes) = whole.or_else(|| response.truncate().to_vec().ok()) {
            // The client may have gone.
            let _ = socket.send_to(&bytes, client).await;
        }
    }
}

async fn serve_tcp(listener: TcpListener, cloud: &SharedCloud) {
    let mut connections = JoinSet::new();
    let cloud = Arc::new(cloud.clone());
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                let cloud = cloud.clone();
                connections.spawn(async move { converse(stream, &cloud).await });
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Answers the requests of one connection, each with its length in front (RFC 1035, 4.2.2).
async fn converse(mut stream: TcpStream, cloud: &SharedCloud) -> io::Result<()> {
    loop {
        let length = stream.read_u16().await?;
        let mut bytes = vec![0; usize::from(length)];
        stream.read_exact(&mut bytes).await?;
        let request = Message::from_vec(&bytes).map_err(io::Error::other)?;
        let response = cloud.read(|cloud| answer::answer(&cloud.zones, &request));
        let bytes = response.to_vec().map_err(io::Error::other)?;
        stream.write_u16(u16::try_from(bytes.len()).map_err(io::Error::other)?).await?;
        stream.write_all(&bytes).await?;
    }
}
