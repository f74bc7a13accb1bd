//! A Graph API that speaks TLS.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const ANSWER: &str = r#"{"recipient_id":"2","message_id":"m_1"}"#;

/// A self-signed certificate. Clients trust it only if they are configured to.
pub(crate) struct Certificate {
    path: PathBuf,
    signed: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl Certificate {
    pub(crate) fn new(host: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let signed = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("graph-https-{}-{number}.pem", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, signed.cert.pem()).unwrap();
        Self { path, signed }
    }

    /// The variable by which a process trusts this one, and no other.
    pub(crate) fn trusted(&self) -> (&'static str, String) {
        ("SSL_CERT_FILE", self.path.display().to_string())
    }

    fn acceptor(&self, protocols: &[&str]) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(self.signed.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let mut config = config
            .with_no_client_auth()
            .with_single_cert(vec![self.signed.cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

type Served = Arc<Mutex<Vec<String>>>;

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) certificate: Certificate,
    served: Served,
}

impl Server {
    /// One that speaks these versions of HTTP, and is known by this name.
    pub(crate) async fn start(host: &str, protocols: &[&str]) -> Self {
        Self::serving(host, protocols, |stream, served| async move {
            let service = service_fn(move |request: Request<Incoming>| {
                note(&served, &request);
                async { Ok::<_, hyper::Error>(Response::new(ANSWER.to_owned())) }
            });
            let http = auto::Builder::new(TokioExecutor::new());
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        })
        .await
    }

    /// One that resets the first request, for this reason.
    pub(crate) async fn resetting(reason: h2::Reason) -> Self {
        Self::serving("localhost", &["h2"], move |stream, served| async move {
            let mut http = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((request, mut answer))) = http.accept().await {
                let is_first = served.lock().unwrap().is_empty();
                note(&served, &request);
                if is_first {
                    answer.send_reset(reason);
                    continue;
                }
                let mut body = answer.send_response(Response::new(()), false).unwrap();
                body.send_data(ANSWER.into(), true).unwrap();
            }
        })
        .await
    }

    async fn serving<F: Future<Output = ()> + Send + 'static>(
        host: &str,
        protocols: &[&str],
        serve: impl Fn(TlsStream<TcpStream>, Served) -> F + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            certificate: Certificate::new(host),
            served: Served::default(),
        };
        let (tls, served) = (
            server.certificate.acceptor(protocols),
            server.served.clone(),
        );
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, serve, served) = (tls.clone(), serve.clone(), served.clone());
                tokio::spawn(async move {
                    // Whoever does not trust it hangs up.
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, served).await;
                    }
                });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// The versions and paths of the requests that it has read.
    pub(crate) fn served(&self) -> Vec<String> {
        self.served.lock().unwrap().clone()
    }
}

fn note<B>(served: &Served, request: &Request<B>) {
    let request = format!("{:?} {}", request.version(), request.uri().path());
    served.lock().unwrap().push(request);
}
