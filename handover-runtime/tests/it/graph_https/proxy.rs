//! A proxy that makes tunnels, all to one server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<String>>,
}

impl Proxy {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        Self::start(Some(server)).await
    }

    /// One that wants another password.
    pub(crate) async fn refusing() -> Self {
        Self::start(None).await
    }

    async fn start(server: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<String>>::default();
        let proxy = Self {
            address,
            asked: asked.clone(),
        };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(tunnel(stream, server, asked.clone()));
            }
        });
        proxy
    }

    /// The head of the last request.
    pub(crate) fn asked(&self) -> String {
        self.asked.lock().unwrap().clone()
    }
}

async fn tunnel(mut client: TcpStream, server: Option<SocketAddr>, asked: Arc<Mutex<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    *asked.lock().unwrap() = String::from_utf8(head).unwrap();
    let Some(server) = server else {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        client.write_all(refusal).await.unwrap();
        return;
    };
    let mut server = TcpStream::connect(server).await.unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut client, &mut server).await;
}
