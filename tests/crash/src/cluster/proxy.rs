//! The network between a node and the server, which may lose one of its directions.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::Result;

/// Passes on what a node and the server send to each other.
pub(super) struct Proxy {
    port: u16,
    partition: watch::Sender<Partition>,
}

/// What does not arrive. It arrives late, once the partition has ended, as packets do that are sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Partition {
    None,
    /// What the node sends.
    ToServer,
    /// What the server answers.
    ToNode,
    Both,
}

impl Proxy {
    /// Listens until the run ends.
    pub(super) async fn start(server: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (partition, now) = watch::channel(Partition::None);
        tokio::spawn(async move {
            while let Ok((node, _)) = listener.accept().await {
                tokio::spawn(connect(node, server, now.clone()));
            }
        });
        Ok(Self { port, partition })
    }

    /// The address of the server, but by this way.
    pub(super) fn address(&self, direct: &str, server: u16) -> String {
        direct.replace(&format!(":{server}/"), &format!(":{}/", self.port))
    }

    pub(super) fn set(&self, partition: Partition) {
        self.partition.send_replace(partition);
    }
}

async fn connect(node: TcpStream, server: u16, partition: watch::Receiver<Partition>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
        return;
    };
    let _ = (node.set_nodelay(true), server.set_nodelay(true));
    let (from_node, to_node) = node.into_split();
    let (from_server, to_server) = server.into_split();
    let there = carry(from_node, to_server, partition.clone(), Partition::ToServer);
    let back = carry(from_server, to_node, partition, Partition::ToNode);
    tokio::join!(there, back);
}

/// Passes on one direction, until it ends.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut partition: watch::Receiver<Partition>,
    lost_by: Partition,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        let arrives = |now: &Partition| *now != lost_by && *now != Partition::Both;
        if partition.wait_for(arrives).await.is_err() {
            return;
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            // The other side sees the end, and closes its direction.
            let _ = to.shutdown().await;
            return;
        }
    }
}
