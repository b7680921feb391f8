//! A client that sends what it is told, byte by byte.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Opens one.
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// Sends a GET of a target with a host, and reads the answer's first line, headers and body.
    pub(crate) async fn get(&mut self, target: &str, host: &str) -> (String, Vec<String>, String) {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).await.unwrap();
        let first = self.line().await;
        let mut headers = Vec::new();
        loop {
            match self.line().await {
                line if line.is_empty() => break,
                line => headers.push(line),
            }
        }
        let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        (first, headers, String::from_utf8(body).unwrap())
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }

    /// Waits until the other side closes the connection.
    pub(crate) async fn closed(mut self) {
        assert_eq!(self.0.read_to_end(&mut Vec::new()).await.unwrap_or_default(), 0);
    }
}
