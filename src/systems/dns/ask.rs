//! One question to one name server, over UDP, and over TCP where the answer does not fit.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::text::with_causes;

/// The largest answer that fits into a packet.
const PACKET: usize = 4096;
/// How often a packet is sent before a server is taken for silent.
const TRIES: u32 = 3;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoReply {
    /// Nothing came.
    #[error("no answer within {}", crate::text::Span::from(*.0).brief())]
    Silent(Duration),
    /// The network, or nobody listens.
    #[error("{}", with_causes(.0))]
    Io(#[from] io::Error),
    /// Not what a name server says.
    #[error("its answer is no answer of a name server: {0}")]
    Garbage(String),
    /// The server says that it will not, or cannot.
    #[error("it answers {0}")]
    Refused(ResponseCode),
}

/// Asks a server. `recursive` asks it to find out what it does not know itself.
pub async fn ask(
    server: SocketAddr,
    name: &Name,
    kind: RecordType,
    recursive: bool,
    time: Duration,
) -> Result<Message, NoReply> {
    let mut question = Message::query();
    question.metadata.recursion_desired = recursive;
    question.add_query(Query::query(name.clone(), kind));
    let answer = match timeout(time, over_udp(server, &question, time / TRIES)).await {
        Err(_) => return Err(NoReply::Silent(time)),
        Ok(answer) => answer?,
    };
    let answer = if answer.metadata.truncation {
        match timeout(time, over_tcp(server, &question)).await {
            Err(_) => return Err(NoReply::Silent(time)),
            Ok(answer) => answer?,
        }
    } else {
        answer
    };
    match answer.metadata.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => Ok(answer),
        code => Err(NoReply::Refused(code)),
    }
}

async fn over_udp(server: SocketAddr, question: &Message, wait: Duration) -> Result<Message, NoReply> {
    let any: IpAddr = if server.is_ipv4() { [0; 4].into() } else { [0_u16; 8].into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let bytes = encoded(question)?;
    let mut packet = vec![0; PACKET];
    let mut garbage = None;
    for _ in 0..TRIES {
        socket.send(&bytes).await?;
        let received = timeout(wait, async {
            loop {
                let size = socket.recv(&mut packet).await?;
                // Whoever does not know the question may send anything; the true answer may still come.
                match Message::from_vec(&packet[..size]) {
                    Ok(answer) if belongs(&answer, question) => return Ok(answer),
                    Ok(_) => garbage = Some("it belongs to another question".to_owned()),
                    Err(error) => garbage = Some(error.to_string()),
                }
            }
        });
        match received.await {
            Ok(outcome) => return outcome.map_err(NoReply::Io),
            Err(_) if garbage.is_some() => break,
            Err(_) => {}
        }
    }
    Err(garbage.map_or(NoReply::Silent(wait * TRIES), NoReply::Garbage))
}

async fn over_tcp(server: SocketAddr, question: &Message) -> Result<Message, NoReply> {
    let bytes = encoded(question)?;
    let size = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&[&size.to_be_bytes()[..], &bytes].concat()).await?;
    let size = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(size)];
    stream.read_exact(&mut answer).await?;
    let answer = Message::from_vec(&answer).map_err(|error| NoReply::Garbage(error.to_string()))?;
    if belongs(&answer, question) {
        Ok(answer)
    } else {
        Err(NoReply::Garbage("it belongs to another question".to_owned()))
    }
}

fn encoded(question: &Message) -> Result<Vec<u8>, NoReply> {
    question.to_vec().map_err(|error| NoReply::Io(io::Error::other(error)))
}

fn belongs(answer: &Message, question: &Message) -> bool {
    answer.metadata.message_type == MessageType::Response
        && answer.metadata.id == question.metadata.id
        && answer.queries == question.queries
}
