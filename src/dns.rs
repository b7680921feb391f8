//! Asks one name server one question.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::ProtoError;
use hickory_proto::op::{Edns, Message, Query};
use hickory_proto::rr::Name;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::scope::{Interrupted, Scope};

pub use hickory_proto::op::ResponseCode;
pub use hickory_proto::rr::{RData, RecordType};

/// The port of name servers (RFC 1035, 4.2).
pub const PORT: u16 = 53;

/// How long one try waits for an answer, and how often a question is asked: datagrams get lost.
const PATIENCE: Duration = Duration::from_secs(2);
const TRIES: u32 = 3;

/// The largest datagram to ask for: it passes every path in one piece (DNS flag day 2020).
const PAYLOAD: u16 = 1232;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is no name.
    #[error("`{name}` is no host name")]
    Name {
        /// The text.
        name: String,
        /// What is wrong with it.
        #[source]
        source: ProtoError,
    },
    /// The server cannot be reached.
    #[error("the name server {server} cannot be reached")]
    Unreachable {
        /// The server.
        server: SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The server did not answer in time.
    #[error("the name server {0} does not answer")]
    Silent(SocketAddr),
    /// The scope ended.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What a name server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it could: an absent name is `NXDomain`.
    pub code: ResponseCode,
    /// The data of the records of the type asked for, those that an alias leads to included.
    pub data: Vec<RData>,
}

/// A name server from its text: an address, or an address and a port, for example `119.29.29.29` or `127.0.0.1:5353`.
///
/// # Errors
/// A sentence that says what was expected.
pub fn server(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse().or_else(|_| text.parse().map(|ip: IpAddr| SocketAddr::new(ip, PORT)));
    address.map_err(|_| {
        format!("expected the address of a name server such as `119.29.29.29` or `127.0.0.1:5353`, found `{text}`")
    })
}

/// As [`server`], for `#[tf(check = ..)]`.
///
/// # Errors
/// A sentence that says what was expected.
pub fn check_server(text: &str) -> Result<(), String> {
    server(text).map(drop)
}

/// All addresses of a host, of both families; none where the server knows none.
///
/// # Errors
/// As of [`ask`].
pub async fn addresses(scope: &Scope, server: SocketAddr, host: &str) -> Result<Vec<IpAddr>, Error> {
    let mut found = Vec::new();
    for family in [RecordType::A, RecordType::AAAA] {
        let answer = ask(scope, server, host, family).await?;
        found.extend(answer.data.iter().filter_map(RData::ip_addr));
    }
    Ok(found)
}

/// Asks for the records of one type that a name has: by datagram, and where the answer is too long for one, by stream.
///
/// # Errors
/// Every [`Error`]; an answer that says no is none.
pub async fn ask(scope: &Scope, server: SocketAddr, name: &str, of: RecordType) -> Result<Answer, Error> {
    let question = question(name, of)?;
    for _ in 0..TRIES {
        let answer = match tried(scope, server, by_datagram(server, &question)).await? {
            Some(cut) if cut.metadata.truncation => tried(scope, server, by_stream(server, &question)).await?,
            answer => answer,
        };
        if let Some(Message { metadata, answers, .. }) = answer {
            let data = answers.into_iter().filter(|record| record.record_type() == of).map(|record| record.data);
            return Ok(Answer { code: metadata.response_code, data: data.collect() });
        }
    }
    Err(Error::Silent(server))
}

fn question(name: &str, of: RecordType) -> Result<Message, Error> {
    let parsed = Name::from_utf8(name).map_err(|source| Error::Name { name: name.to_owned(), source });
    let mut absolute = parsed?;
    absolute.set_fqdn(true);
    let mut edns = Edns::new();
    edns.set_max_payload(PAYLOAD);
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(absolute, of));
    question.set_edns(edns);
    Ok(question)
}

/// One try; nothing where its time is over.
async fn tried(
    scope: &Scope,
    server: SocketAddr,
    answer: impl Future<Output = io::Result<Message>>,
) -> Result<Option<Message>, Error> {
    match scope.within(PATIENCE).run(answer).await {
        Ok(answer) => answer.map(Some).map_err(|source| Error::Unreachable { server, source }),
        Err(_) => scope.interrupted().map_or(Ok(None), |why| Err(why.into())),
    }
}

async fn by_datagram(server: SocketAddr, question: &Message) -> io::Result<Message> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(&question.to_vec().map_err(io::Error::other)?).await?;
    let mut buffer = [0; PAYLOAD as usize];
    loop {
        let length = socket.recv(&mut buffer).await?;
        match Message::from_vec(&buffer[..length]) {
            Ok(answer) if is_answer(&answer, question) => return Ok(answer),
            // Whoever guesses the port can send anything: only the answer counts.
            _ => {}
        }
    }
}

/// Over a stream each message has its length in front (RFC 1035, 4.2.2).
async fn by_stream(server: SocketAddr, question: &Message) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let bytes = question.to_vec().map_err(io::Error::other)?;
    stream.write_u16(u16::try_from(bytes.len()).map_err(io::Error::other)?).await?;
    stream.write_all(&bytes).await?;
    let mut bytes = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut bytes).await?;
    let answer = Message::from_vec(&bytes).map_err(io::Error::other)?;
    if is_answer(&answer, question) { Ok(answer) } else { Err(io::Error::other("it answered another question")) }
}

fn is_answer(answer: &Message, question: &Message) -> bool {
    answer.metadata.id == question.metadata.id && answer.queries == question.queries
}

#[cfg(test)]
mod tests {
    use std::slice;

    use hickory_proto::op::MessageType;
    use hickory_proto::rr::Record;
    use hickory_proto::rr::rdata::{A, CNAME, TXT};
    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    use super::*;

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(60))
    }

    fn address(last: u8) -> RData {
        RData::A(A(Ipv4Addr::new(203, 0, 113, last)))
    }

    async fn loopback() -> (UdpSocket, SocketAddr) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    /// The answer to a question, with these records for the name asked for.
    fn answered(question: &[u8], data: &[RData]) -> Message {
        let mut answer = Message::from_vec(question).unwrap();
        answer.metadata.message_type = MessageType::Response;
        let asked = answer.queries[0].name().clone();
        answer.add_answers(data.iter().map(|data| Record::from_rdata(asked.clone(), 600, data.clone())));
        answer
    }

    /// Takes one datagram and sends those that `make` makes of it.
    async fn reply(socket: &UdpSocket, make: impl Fn(&[u8]) -> Vec<Message>) {
        let mut buffer = [0; 512];
        let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
        for message in make(&buffer[..length]) {
            socket.send_to(&message.to_vec().unwrap(), client).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_records_of_the_type_are_the_answer_whatever_leads_to_them() {
        let (socket, server) = loopback().await;
        let alias = RData::CNAME(CNAME(Name::from_ascii("b.imroc.cc.").unwrap()));
        let reply = reply(&socket, |question| vec![answered(question, &[alias.clone(), address(1), address(2)])]);
        let scope = scope();
        let (answer, ()) = tokio::join!(ask(&scope, server, "www.imroc.cc", RecordType::A), reply);
        let expected = Answer { code: ResponseCode::NoError, data: vec![address(1), address(2)] };
        assert_eq!(answer.unwrap(), expected);
    }

    #[tokio::test]
    async fn both_families_of_addresses_are_asked_for() {
        let (socket, server) = loopback().await;
        let six = RData::AAAA("2001:db8::1".parse().unwrap());
        let replies = async {
            reply(&socket, |question| vec![answered(question, &[address(1)])]).await;
            reply(&socket, |question| vec![answered(question, slice::from_ref(&six))]).await;
        };
        let scope = scope();
        let (found, ()) = tokio::join!(addresses(&scope, server, "www.imroc.cc"), replies);
        assert_eq!(found.unwrap(), ["203.0.113.1".parse::<IpAddr>().unwrap(), "2001:db8::1".parse().unwrap()]);
    }

    #[tokio::test]
    async fn what_answers_another_question_is_not_taken() {
        let (socket, server) = loopback().await;
        let reply = reply(&socket, |question| {
            let mut forged = answered(question, &[address(9)]);
            forged.metadata.id ^= 1;
            vec![forged, answered(question, &[address(1)])]
        });
        let scope = scope();
        let (answer, ()) = tokio::join!(ask(&scope, server, "www.imroc.cc", RecordType::A), reply);
        assert_eq!(answer.unwrap().data, [address(1)]);
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_is_asked_for_again_by_stream() {
        let (socket, server) = loopback().await;
        let listener = TcpListener::bind(server).await.unwrap();
        let text = RData::TXT(TXT::new(vec!["long".into(); 400]));
        let replies = async {
            reply(&socket, |question| vec![answered(question, &[]).truncate()]).await;
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut question = vec![0; stream.read_u16().await.unwrap().into()];
            stream.read_exact(&mut question).await.unwrap();
            let bytes = answered(&question, slice::from_ref(&text)).to_vec().unwrap();
            stream.write_u16(bytes.len().try_into().unwrap()).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
        };
        let scope = scope();
        let (answer, ()) = tokio::join!(ask(&scope, server, "imroc.cc", RecordType::TXT), replies);
        assert_eq!(answer.unwrap().data, slice::from_ref(&text));
    }

    #[tokio::test]
    async fn a_lost_datagram_is_sent_again() {
        tokio::time::pause();
        let (socket, server) = loopback().await;
        let replies = async {
            reply(&socket, |_| vec![]).await;
            reply(&socket, |question| vec![answered(question, &[address(1)])]).await;
        };
        let scope = scope();
        let (answer, ()) = tokio::join!(ask(&scope, server, "www.imroc.cc", RecordType::A), replies);
        assert_eq!(answer.unwrap().data, [address(1)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_says_nothing_is_given_up() {
        let (_socket, server) = loopback().await;
        let error = ask(&scope(), server, "imroc.cc", RecordType::A).await.unwrap_err();
        assert_eq!(error.to_string(), format!("the name server {server} does not answer"));
    }

    #[tokio::test]
    async fn where_nothing_listens_the_server_is_unreachable() {
        let (socket, server) = loopback().await;
        drop(socket);
        let error = ask(&scope(), server, "imroc.cc", RecordType::A).await.unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_waiting() {
        let (_socket, server) = loopback().await;
        let stop = CancellationToken::new();
        stop.cancel();
        let scope = Scope::new(stop, Duration::from_secs(60));
        let error = ask(&scope, server, "imroc.cc", RecordType::A).await.unwrap_err();
        assert!(matches!(error, Error::Interrupted(Interrupted::Stopped)), "{error}");
    }

    #[tokio::test]
    async fn what_is_no_name_is_not_asked_for() {
        let error = ask(&scope(), "127.0.0.1:1".parse().unwrap(), "a..b", RecordType::A).await.unwrap_err();
        assert_eq!(error.to_string(), "`a..b` is no host name");
    }

    #[test]
    fn a_server_is_an_address_with_or_without_port() {
        let known = [
            ("119.29.29.29", "119.29.29.29:53"),
            ("127.0.0.1:5353", "127.0.0.1:5353"),
            ("::1", "[::1]:53"),
            ("[::1]:5353", "[::1]:5353"),
        ];
        for (text, expected) in known {
            assert_eq!(server(text).unwrap().to_string(), expected);
        }
        for wrong in ["", "ns1.dnspod.net", "1.2.3", "1.2.3.4:99999"] {
            assert!(check_server(wrong).unwrap_err().ends_with(&format!("found `{wrong}`")));
        }
    }
}
