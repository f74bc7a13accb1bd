//! Calls over TLS: which certificates the client trusts, which version of HTTP it speaks, and how it gets through
//! a proxy.

mod caller;
mod proxy;
mod server;

use std::time::Duration;

use handover_runtime::graph::{Graph, GraphError, GraphSettings};
use tokio::net::TcpListener;

use caller::call;
use proxy::Proxy;
use server::{Certificate, Server};

#[tokio::test]
async fn a_call_goes_over_http_2_where_the_server_speaks_it() {
    let server = Server::start("localhost", &["h2", "http/1.1"]).await;
    let outcome = call(&server.url(), &[server.certificate.trusted()]).await;
    assert_eq!(outcome, "sent as m_1");
    assert_eq!(server.served(), ["HTTP/2.0 /v26.0/1/messages"]);
}

#[tokio::test]
async fn and_over_http_1_where_it_does_not() {
    let server = Server::start("localhost", &["http/1.1"]).await;
    let outcome = call(&server.url(), &[server.certificate.trusted()]).await;
    assert_eq!(outcome, "sent as m_1");
    assert_eq!(server.served(), ["HTTP/1.1 /v26.0/1/messages"]);
}

#[tokio::test]
async fn a_server_with_a_foreign_certificate_gets_nothing() {
    let server = Server::start("localhost", &["h2"]).await;
    let other = Certificate::new("localhost");
    let outcome = call(&server.url(), &[other.trusted()]).await;
    assert!(outcome.starts_with("not sent: messages: "), "{outcome}");
    assert!(outcome.contains("invalid peer certificate"), "{outcome}");
    assert_eq!(server.served(), [""; 0]);
}

#[tokio::test]
async fn without_certificates_the_error_says_to_install_them() {
    let nothing = ("SSL_CERT_FILE", "/dev/null".to_owned());
    let outcome = call(FAR, &[nothing]).await;
    let said =
        "cannot set up the Graph client: TLS cannot be used: install the system's certificates";
    assert!(outcome.starts_with(said), "{outcome}");
}

#[tokio::test]
async fn a_server_that_does_not_begin_to_encrypt_gets_nothing() {
    // Accepts connections, by its backlog, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let graph = Graph::new(
        GraphSettings::new("1", "token")
            .base_url(format!("https://{address}").parse().unwrap())
            .connect_timeout(Duration::from_millis(100)),
    );
    let call = graph.unwrap().send(&"2".into()).text("Hello").await;
    let error = call.unwrap_err();
    assert!(matches!(error, GraphError::Unreachable { .. }), "{error:?}");
    assert!(!error.may_have_been_delivered());
}

#[tokio::test]
async fn a_request_that_the_server_turns_away_is_made_again() {
    let server = Server::resetting(h2::Reason::REFUSED_STREAM).await;
    let outcome = call(&server.url(), &[server.certificate.trusted()]).await;
    assert_eq!(outcome, "sent as m_1");
    let messages = "HTTP/2.0 /v26.0/1/messages";
    assert_eq!(server.served(), [messages, messages]);
}

#[tokio::test]
async fn a_request_that_breaks_off_is_not() {
    let server = Server::resetting(h2::Reason::INTERNAL_ERROR).await;
    let outcome = call(&server.url(), &[server.certificate.trusted()]).await;
    assert!(outcome.starts_with("maybe sent: messages: "), "{outcome}");
    assert_eq!(server.served(), ["HTTP/2.0 /v26.0/1/messages"]);
}

/// A name that only the proxy knows.
const FAR: &str = "https://graph.example";

async fn call_through(proxy: String, trusted: &Certificate) -> String {
    call(FAR, &[trusted.trusted(), ("HTTPS_PROXY", proxy)]).await
}

#[tokio::test]
async fn a_proxy_passes_on_what_it_cannot_read() {
    let server = Server::start("graph.example", &["h2"]).await;
    let proxy = Proxy::to(server.address).await;
    let through = format!("http://bot:secret@{}", proxy.address);
    let outcome = call_through(through, &server.certificate).await;
    assert_eq!(outcome, "sent as m_1");
    let asked = proxy.asked();
    assert!(asked.starts_with("CONNECT graph.example:443 "), "{asked}");
    let asked = asked.to_ascii_lowercase();
    assert!(
        asked.contains("proxy-authorization: basic ym90onnly3jlda=="),
        "{asked}"
    );
    assert!(!asked.contains("token"), "{asked}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_without_its_password() {
    let proxy = Proxy::refusing().await;
    let certificate = Certificate::new("graph.example");
    let through = format!("http://bot:secret@{}", proxy.address);
    let outcome = call_through(through, &certificate).await;
    assert!(outcome.starts_with("not sent: "), "{outcome}");
    assert!(
        outcome.contains("proxy authorization required"),
        "{outcome}"
    );
    assert!(!outcome.contains("secret"), "{outcome}");
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_refused() {
    let certificate = Certificate::new("graph.example");
    let through = "socks5://bot:secret@127.0.0.1:9".to_owned();
    let outcome = call_through(through, &certificate).await;
    assert!(outcome.starts_with("not sent: "), "{outcome}");
    assert!(
        outcome.contains("HTTPS_PROXY has to begin with http://"),
        "{outcome}"
    );
    assert!(!outcome.contains("secret"), "{outcome}");
}

#[tokio::test]
async fn this_machine_is_reached_without_a_proxy() {
    let server = Server::start("localhost", &["h2"]).await;
    let nowhere = ("HTTPS_PROXY", "http://127.0.0.1:9".to_owned());
    let outcome = call(&server.url(), &[server.certificate.trusted(), nowhere]).await;
    assert_eq!(outcome, "sent as m_1");
}
