//! The gateways of a simulation behind their addresses (VIPs), with a listener on loopback for each port.
//!
//! A listener stands for one of the load balancer in front of a gateway. Whoever mirrors the load balancer's listeners
//! opens and closes them here; a port that is open without a server in the gateway's table answers 404.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::handle::Gateway;

/// Why a listener was not opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// There is no gateway behind the address.
    #[error("no gateway is behind {0}")]
    NoGateway(IpAddr),
    /// The machine gave no port.
    #[error("no port on loopback could be opened")]
    Bind(#[from] std::io::Error),
}

/// All gateways of a simulation. Clones share them; with the last clone all listeners close.
#[derive(Clone, Debug, Default)]
pub struct Gateways {
    doors: Arc<Mutex<BTreeMap<IpAddr, Door>>>,
}

/// A gateway with its listeners.
#[derive(Debug)]
struct Door {
    gateway: watch::Sender<Arc<Gateway>>,
    listeners: BTreeMap<u16, Listener>,
}

/// An open port. Dropped, it takes no more connections and lets those that it has end their request.
#[derive(Debug)]
struct Listener {
    address: SocketAddr,
    _open: DropGuard,
    _serving: JoinSet<std::io::Result<()>>,
}

impl Gateways {
    fn doors(&self) -> MutexGuard<'_, BTreeMap<IpAddr, Door>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a gateway behind an address, in the place of the one that is there. Its listeners stay; requests under way
    /// are answered by the gateway that took them.
    pub fn put(&self, vip: IpAddr, gateway: Gateway) {
        let gateway = Arc::new(gateway);
        let mut doors = self.doors();
        match doors.get(&vip) {
            Some(door) => drop(door.gateway.send_replace(gateway)),
            None => drop(doors.insert(vip, Door { gateway: watch::Sender::new(gateway), listeners: BTreeMap::new() })),
        }
    }

    /// Takes the gateway behind an address away, with its listeners.
    pub fn remove(&self, vip: IpAddr) {
        self.doors().remove(&vip);
    }

    /// Opens a port of an address on loopback, and tells where. A port that is open stays where it is.
    ///
    /// # Errors
    ///
    /// No gateway is behind the address, or the machine gives no port.
    ///
    /// # Cancellation
    ///
    /// Dropping the future opens nothing.
    pub async fn listen(&self, vip: IpAddr, port: u16) -> Result<SocketAddr, ListenError> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let mut doors = self.doors();
        let door = doors.get_mut(&vip).ok_or(ListenError::NoGateway(vip))?;
        let gateway = door.gateway.subscribe();
        let listener = door.listeners.entry(port).or_insert_with(|| open(socket, address, port, gateway));
        Ok(listener.address)
    }

    /// Closes a port of an address.
    pub fn close(&self, vip: IpAddr, port: u16) {
        if let Some(door) = self.doors().get_mut(&vip) {
            door.listeners.remove(&port);
        }
    }

    /// Where on loopback each port of each address is.
    pub fn addresses(&self) -> BTreeMap<IpAddr, BTreeMap<u16, SocketAddr>> {
        let ports = |door: &Door| door.listeners.iter().map(|(port, listener)| (*port, listener.address)).collect();
        self.doors().iter().map(|(vip, door)| (*vip, ports(door))).collect()
    }

    /// The gateway behind an open port of an address.
    pub(super) fn behind(&self, vip: IpAddr, port: u16) -> Option<Arc<Gateway>> {
        let doors = self.doors();
        let door = doors.get(&vip).filter(|door| door.listeners.contains_key(&port))?;
        Some(Arc::clone(&door.gateway.borrow()))
    }
}

/// Serves a port until the listener is dropped.
fn open(socket: TcpListener, address: SocketAddr, port: u16, gateway: watch::Receiver<Arc<Gateway>>) -> Listener {
    let closed = CancellationToken::new();
    let answer = move |ConnectInfo(client): ConnectInfo<SocketAddr>, request: Request| {
        let gateway = Arc::clone(&gateway.borrow());
        async move { gateway.handle(port, client.ip(), request).await }
    };
    let app = Router::new().fallback(answer).into_make_service_with_connect_info::<SocketAddr>();
    let mut serving = JoinSet::new();
    serving.spawn(axum::serve(socket, app).with_graceful_shutdown(closed.clone().cancelled_owned()).into_future());
    Listener { address, _open: closed.drop_guard(), _serving: serving }
}
