//! Which connections calls are made over, and which calls are made again when one ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use handover_protocol::OutgoingAttachment;
use handover_runtime::graph::{Graph, GraphError, GraphSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::{PAGE, PERSON, TOKEN};

const LONG: Duration = Duration::from_secs(30);

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"message_id\":\"m_1\"}";

/// What a server does with a connection.
#[derive(Clone, Copy)]
enum Behaviour {
    /// Answers each request when there is a permit for it.
    Answers,
    /// Answers like this, and closes the connection.
    AnswersOnce(&'static str),
    /// Answers as if the connection were kept, and closes it while nobody uses it.
    ClosesWhenIdle,
    /// Answers the first request, and closes the connection when the second has come.
    HangsUpOnTheSecond,
}

/// A Graph API and a client of it.
struct Server {
    graph: Graph,
    seen: Arc<Seen>,
}

struct Seen {
    behaviour: Behaviour,
    connections: AtomicUsize,
    requests: AtomicUsize,
    answers: Semaphore,
    /// A permit for each connection that the client has closed, too.
    closed: Semaphore,
}

impl Server {
    async fn start(behaviour: Behaviour, timeout: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = GraphSettings::new(PAGE, TOKEN).base_url(url.parse().unwrap());
        let seen = Arc::new(Seen {
            behaviour,
            connections: AtomicUsize::new(0),
            requests: AtomicUsize::new(0),
            answers: Semaphore::new(0),
            closed: Semaphore::new(0),
        });
        let server = Self {
            graph: Graph::new(settings.timeout(timeout)).unwrap(),
            seen: seen.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, seen.clone()));
            }
        });
        server
    }

    /// Answers so many requests.
    fn answer(&self, requests: usize) {
        self.seen.answers.add_permits(requests);
    }

    async fn send(&self) -> Result<(), GraphError> {
        let sent = self.graph.send(&PERSON.into()).text("Hello").await;
        sent.map(|sent| assert_eq!(sent.message_id.as_deref(), Some("m_1")))
    }

    fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Seen>) {
    let mut number = 0;
    while is_request(&mut stream).await {
        number += 1;
        seen.requests.fetch_add(1, Ordering::Relaxed);
        let answer = match seen.behaviour {
            Behaviour::AnswersOnce(answer) => answer,
            Behaviour::HangsUpOnTheSecond if number == 2 => return,
            Behaviour::Answers => {
                seen.answers.acquire().await.unwrap().forget();
                ANSWER
            }
            _ => ANSWER,
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        match seen.behaviour {
            Behaviour::AnswersOnce(_) => return,
            Behaviour::ClosesWhenIdle => {
                stream.shutdown().await.unwrap();
                assert!(!is_request(&mut stream).await);
                seen.closed.add_permits(1);
                return;
            }
            _ => {}
        }
    }
}

/// Reads a whole request; `false` at the end of the connection.
async fn is_request(stream: &mut TcpStream) -> bool {
    let mut received = Vec::new();
    loop {
        if stream.read_buf(&mut received).await.unwrap_or(0) == 0 {
            return false;
        }
        if received.ends_with(b"}") {
            return true;
        }
    }
}

#[tokio::test]
async fn calls_one_after_the_other_share_one() {
    let server = Server::start(Behaviour::Answers, LONG).await;
    server.answer(5);
    for _ in 0..5 {
        server.send().await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn calls_at_once_have_one_each_and_leave_it_to_the_next() {
    let server = Arc::new(Server::start(Behaviour::Answers, LONG).await);
    let mut calls = JoinSet::new();
    for _ in 0..8 {
        let server = server.clone();
        calls.spawn(async move { server.send().await.unwrap() });
    }
    while server.requests() < 8 {
        tokio::task::yield_now().await;
    }
    server.answer(8);
    calls.join_all().await;
    assert_eq!(server.connections(), 8);

    server.answer(3);
    for _ in 0..3 {
        server.send().await.unwrap();
    }
    assert_eq!(server.connections(), 8);
}

#[tokio::test]
async fn one_that_the_server_closes_after_each_answer_is_replaced() {
    for answer in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 20\r\n\r\n{\"message_id\":\"m_1\"}",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"message_id\":\"m_1\"}",
        "HTTP/1.0 200 OK\r\n\r\n{\"message_id\":\"m_1\"}",
    ] {
        let server = Server::start(Behaviour::AnswersOnce(answer), LONG).await;
        for _ in 0..3 {
            server.send().await.unwrap();
        }
        assert_eq!((server.connections(), server.requests()), (3, 3));
    }
}

#[tokio::test]
async fn one_that_the_server_closes_while_it_is_idle_is_replaced() {
    let server = Server::start(Behaviour::ClosesWhenIdle, LONG).await;
    for number in 1..=3 {
        server.send().await.unwrap();
        let closed = tokio::time::timeout(LONG, server.seen.closed.acquire()).await;
        closed.unwrap().unwrap().forget();
        assert_eq!((server.connections(), server.requests()), (number, number));
    }
}

/// The server may have delivered the message: whether it is sent once more is not for the client to say.
#[tokio::test]
async fn a_call_is_not_repeated_when_its_connection_ends_before_the_answer() {
    let server = Server::start(Behaviour::HangsUpOnTheSecond, LONG).await;
    server.send().await.unwrap();
    let error = server.send().await.unwrap_err();
    assert!(matches!(error, GraphError::Interrupted { .. }), "{error:?}");
    assert!(error.may_have_been_delivered());
    assert_eq!((server.connections(), server.requests()), (1, 2));

    server.send().await.unwrap();
    assert_eq!((server.connections(), server.requests()), (2, 3));
}

/// The platform fetches it before it answers, and sends it even if nobody waits.
#[tokio::test]
async fn a_call_with_an_attachment_by_url_may_take_longer() {
    let server = Server::start(Behaviour::Answers, Duration::from_millis(100)).await;
    for attachment in [
        OutgoingAttachment::video("https://example.com/hat.mp4"),
        OutgoingAttachment::image("https://example.com/hat.png"),
    ] {
        let person = PERSON.into();
        let sending = async { server.graph.send(&person).attachment(attachment).await };
        let (sent, ()) = tokio::join!(sending, async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            server.answer(1);
        });
        assert_eq!(sent.unwrap().message_id.as_deref(), Some("m_1"));
    }
}

#[tokio::test]
async fn one_whose_answer_is_too_late_is_not_used_again() {
    let server = Server::start(Behaviour::Answers, Duration::from_millis(500)).await;
    let late = server.send().await.unwrap_err();
    assert!(matches!(late, GraphError::Interrupted { .. }), "{late:?}");
    // For the first, for which nobody waits any more, and for the second.
    server.answer(2);
    server.send().await.unwrap();
    assert_eq!(server.connections(), 2);
}
