//! Safeguards taken away, to prove that the matrix sees it. The provider stays as it is: what a safeguard rests on is taken
//! away between it and the cloud, or between it and Terraform.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A safeguard that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    /// What an operation that failed tells of the object is not kept.
    IdsForgotten,
    /// No object has the mark that it was created with.
    MarksRemoved,
    /// Every refusal says that the object does not exist.
    RefusalsAsNotFound,
}

impl Mutation {
    /// What answers say, and what arrives instead: as many bytes.
    fn replaced(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::IdsForgotten => &[],
            Self::MarksRemoved => &[("tcmesh-create", "tcmesh-absent")],
            Self::RefusalsAsNotFound => &[("\"UnauthorizedOperation\"", "\"ResourceNotFound\"     ")],
        }
    }

    /// Starts a proxy of `endpoint` that changes the answers, and tells its address.
    pub(super) async fn proxy(self, endpoint: &str) -> String {
        let upstream = endpoint.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&upstream).await.unwrap();
                let (mut from_client, to_client) = client.into_split();
                let (from_server, mut to_server) = server.into_split();
                tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
                tokio::spawn(self.answer(from_server, to_client));
            }
        });
        format!("http://{address}")
    }

    async fn answer(self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            self.replaced()
                .iter()
                .for_each(|(old, new)| replace(&mut buffer[..length], old.as_bytes(), new.as_bytes()));
            if to.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    }
}

fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    for start in 0..(bytes.len() + 1).saturating_sub(old.len()) {
        let window = &mut bytes[start..start + old.len()];
        if window == old {
            window.copy_from_slice(new);
        }
    }
}
