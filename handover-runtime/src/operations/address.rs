//! Address of the operations server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::str::FromStr;

/// Port that OpenTelemetry's convention assigns to Prometheus exporters.
const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// Address of the operations server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum OperationsAddress {
    /// The default port, if it is free.
    #[default]
    Usual,
    /// This address only.
    At(SocketAddr),
    Nowhere,
}

impl OperationsAddress {
    /// Listens if an address is configured.
    pub(crate) fn listen(self) -> Result<Option<TcpListener>, AddressInUse> {
        let Self::At(address) = self else {
            return Ok(None);
        };
        let listener = bind(address);
        listener
            .map(Some)
            .map_err(|source| AddressInUse { address, source })
    }

    /// Listens; without a configured address, on the default port.
    pub(crate) fn listen_or_usual(self) -> Result<Option<TcpListener>, AddressInUse> {
        if self != Self::Usual {
            return self.listen();
        }
        let listener = bind(USUAL);
        if let Err(error) = &listener {
            tracing::warn!(
                "{USUAL} is taken ({error}), so this bot serves no operations page and no /metrics; set HANDOVER_OPERATIONS to another address, or to `off`"
            );
        }
        Ok(listener.ok())
    }
}

/// The address is not available.
pub(crate) struct AddressInUse {
    pub(crate) address: SocketAddr,
    pub(crate) source: std::io::Error,
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // Tokio requires it.
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl From<Option<SocketAddr>> for OperationsAddress {
    fn from(address: Option<SocketAddr>) -> Self {
        address.map_or(Self::Nowhere, Self::At)
    }
}

/// Invalid value of `HANDOVER_OPERATIONS`.
#[derive(Debug, thiserror::Error)]
#[error("write ADDRESS:PORT, such as 127.0.0.1:9464, or `off`")]
pub(crate) struct UnknownAddress;

impl FromStr for OperationsAddress {
    type Err = UnknownAddress;

    fn from_str(text: &str) -> Result<Self, UnknownAddress> {
        match text {
            "off" => Ok(Self::Nowhere),
            address => address.parse().map(Self::At).map_err(|_| UnknownAddress),
        }
    }
}
