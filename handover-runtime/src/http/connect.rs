//! Connections to servers, directly or through a proxy.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;
use url::{Host, Url};

use super::tls::{self, NoTls};

type ConnectError = Box<dyn std::error::Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, ConnectError>> + Send>>;

/// Makes connections, with TLS if the address begins with `https`.
#[derive(Clone)]
pub(super) struct Connector {
    connector: HttpsConnector<Tcp>,
    /// Timeout for everything before the request.
    timeout: Duration,
}

impl Connector {
    pub(super) fn to(server: &Url, timeout: Duration) -> Result<Self, NoTls> {
        let is_encrypted = server.scheme() == "https";
        // A proxy cannot reach the loopback of this machine, and should not read what it forwards.
        let proxies = if is_encrypted && !is_loopback(server) {
            Matcher::from_env()
        } else {
            Matcher::builder().build()
        };
        let tcp = Tcp {
            direct: direct(),
            proxies: Arc::new(proxies),
        };
        Ok(Self {
            connector: HttpsConnector::from((tcp, tls::config(is_encrypted)?)),
            timeout,
        })
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = ConnectError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let (connecting, within) = (self.connector.call(server), self.timeout);
        Box::pin(async move {
            match tokio::time::timeout(within, connecting).await {
                Ok(connected) => connected,
                Err(_) => Err(format!("no connection within {} ms", within.as_millis()).into()),
            }
        })
    }
}

/// Whether the server is on this machine.
#[must_use]
pub fn is_loopback(server: &Url) -> bool {
    match server.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn direct() -> HttpConnector {
    let mut direct = HttpConnector::new();
    // TLS comes after it.
    direct.enforce_http(false);
    direct.set_nodelay(true);
    // Notices a connection that was cut silently before the next call is lost on it.
    direct.set_keepalive(Some(Duration::from_secs(30)));
    direct.set_keepalive_interval(Some(Duration::from_secs(15)));
    direct.set_keepalive_retries(Some(3));
    #[cfg(target_os = "linux")]
    direct.set_tcp_user_timeout(Some(Duration::from_secs(30)));
    direct
}

/// TCP connection, through the proxy of `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` if there is one.
#[derive(Clone)]
struct Tcp {
    direct: HttpConnector,
    proxies: Arc<Matcher>,
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let tunnel = self
            .proxies
            .intercept(&server)
            .map(|proxy| self.tunnel(&proxy));
        match tunnel {
            None => {
                let connecting = self.direct.call(server);
                Box::pin(async move { Ok(connecting.await?) })
            }
            Some(tunnel) => Box::pin(async move { Ok(tunnel?.call(server).await?) }),
        }
    }
}

impl Tcp {
    fn tunnel(&self, proxy: &Intercept) -> Result<Tunnel<HttpConnector>, ConnectError> {
        let address = proxy.uri();
        if address.scheme_str() != Some("http") {
            let scheme = address.scheme_str().unwrap_or_default();
            return Err(format!(
                "a proxy that speaks {scheme} cannot be used; HTTPS_PROXY has to begin with http://"
            )
            .into());
        }
        let tunnel = Tunnel::new(address.clone(), self.direct.clone());
        Ok(match proxy.basic_auth() {
            Some(authorization) => tunnel.with_auth(authorization.clone()),
            None => tunnel,
        })
    }
}
