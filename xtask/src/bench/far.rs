//! Distance: a proxy before a server that lets what is asked arrive later. The whole delay lies on the way there; answers
//! come back at once, so that one round trip takes as much longer as the delay says.
//!
//! Threads that sleep, since timers of tokio count whole milliseconds.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How far Centrifugo and Redis are away in the far cases.
pub(crate) const CENTRIFUGO: Duration = Duration::from_millis(10);
pub(crate) const REDIS: Duration = Duration::from_millis(2);

/// Passes connections on to the server on that port for as long as this process lives, and gives the port to connect to.
pub(crate) fn proxy(server_port: u16, delay: Duration) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = SocketAddr::from(([127, 0, 0, 1], server_port));
            let Ok(server) = TcpStream::connect(server) else { continue };
            let _ = pass(client, server, delay);
        }
    });
    Ok(port)
}

fn pass(client: TcpStream, server: TcpStream, delay: Duration) -> Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = (client.try_clone()?, client);
    let (from_server, to_server) = (server.try_clone()?, server);
    let (arrived, arrivals) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        read_all(from_client, |bytes| arrived.send((Instant::now(), bytes.to_vec())).is_ok());
    });
    thread::spawn(move || {
        let mut to_server = to_server;
        for (at, bytes) in arrivals {
            thread::sleep(delay.saturating_sub(at.elapsed()));
            if to_server.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Write);
    });
    thread::spawn(move || {
        let mut to_client = to_client;
        read_all(from_server, |bytes| to_client.write_all(bytes).is_ok());
        let _ = to_client.shutdown(Shutdown::Both);
    });
    Ok(())
}

fn read_all(mut from: TcpStream, mut pass: impl FnMut(&[u8]) -> bool) {
    let mut buffer = vec![0; 256 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if !pass(&buffer[..length]) {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_takes_as_much_longer_and_many_bytes_at_once_not_more() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let mut echo = listener.accept().unwrap().0;
            let mut to = echo.try_clone().unwrap();
            std::io::copy(&mut echo, &mut to)
        });
        let delay = Duration::from_millis(20);
        let far = proxy(port, delay).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", far)).unwrap();
        for length in [1, 3 * 1024 * 1024] {
            let sent = vec![7; length];
            let start = Instant::now();
            let mut writer = client.try_clone().unwrap();
            let writes = thread::spawn({
                let sent = sent.clone();
                move || writer.write_all(&sent)
            });
            let mut received = vec![0; length];
            client.read_exact(&mut received).unwrap();
            writes.join().unwrap().unwrap();
            assert_eq!(received, sent);
            assert!(start.elapsed() >= delay, "{:?}", start.elapsed());
            assert!(start.elapsed() < 15 * delay, "{:?} for {length} bytes", start.elapsed());
        }
    }
}
