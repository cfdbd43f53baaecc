//! Distance: a proxy before a server that lets what is asked arrive later. The whole delay lies on the way there; answers
//! come back at once, so that one round trip takes as much longer as the delay says. On the way to a visitor of a page the
//! opening of a connection takes a round trip too, and a line carries so many bytes a second.
//!
//! Threads that sleep, since timers of tokio count whole milliseconds.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How far Centrifugo and Redis are away in the far cases.
pub(crate) const CENTRIFUGO: Distance = Distance::between_servers(Duration::from_millis(10));
pub(crate) const REDIS: Distance = Distance::between_servers(Duration::from_millis(2));

/// How far a page's visitor is away: somewhere between good and bad reception.
pub(crate) const VISITOR: Distance = Distance {
    round_trip: Duration::from_millis(100),
    opening: Duration::from_millis(100),
    bytes_per_second: Some(200_000.0),
};

/// What lies between a client and a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Distance {
    /// How much longer each round trip takes.
    pub(crate) round_trip: Duration,
    /// How much longer the opening of a connection takes.
    opening: Duration,
    /// How fast answers come; `None`: as fast as the machine can.
    pub(crate) bytes_per_second: Option<f64>,
}

impl Distance {
    /// Connections stay open there, and lines are wide.
    const fn between_servers(round_trip: Duration) -> Self {
        Self { round_trip, opening: Duration::ZERO, bytes_per_second: None }
    }

    /// How long some bytes are on the line.
    fn transfer(self, length: usize) -> Duration {
        self.bytes_per_second
            .map_or(Duration::ZERO, |rate| Duration::from_secs_f64(length as f64 / rate))
    }
}

/// Passes connections on to the server on that port for as long as this process lives, and gives the port to connect to.
pub(crate) fn proxy(server_port: u16, distance: Distance) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = SocketAddr::from(([127, 0, 0, 1], server_port));
            let Ok(server) = TcpStream::connect(server) else { continue };
            let _ = pass(client, server, distance);
        }
    });
    Ok(port)
}

fn pass(client: TcpStream, server: TcpStream, distance: Distance) -> Result<()> {
    let open = Instant::now() + distance.opening;
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
            // Here the connection is open at once; what is sent sooner than it would be waits for that.
            let arrival = at.max(open) + distance.round_trip;
            thread::sleep(arrival.saturating_duration_since(Instant::now()));
            if to_server.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to_server.shutdown(Shutdown::Write);
    });
    thread::spawn(move || {
        let mut to_client = to_client;
        read_all(from_server, |bytes| {
            thread::sleep(distance.transfer(bytes.len()));
            to_client.write_all(bytes).is_ok()
        });
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

    /// The port of a server that says again what it hears.
    fn echo() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let mut echo = listener.accept().unwrap().0;
            let mut to = echo.try_clone().unwrap();
            std::io::copy(&mut echo, &mut to)
        });
        port
    }

    /// How long it takes until all is back.
    fn round_trip(client: &mut TcpStream, length: usize) -> Duration {
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
        start.elapsed()
    }

    #[test]
    fn a_round_trip_takes_as_much_longer_and_many_bytes_at_once_not_more() {
        let delay = Duration::from_millis(20);
        let far = proxy(echo(), Distance::between_servers(delay)).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", far)).unwrap();
        for length in [1, 3 * 1024 * 1024] {
            let took = round_trip(&mut client, length);
            assert!(took >= delay, "{took:?}");
            assert!(took < 15 * delay, "{took:?} for {length} bytes");
        }
    }

    #[test]
    fn to_a_visitor_opening_takes_a_round_trip_more_and_a_line_is_narrow() {
        let distance = Distance {
            round_trip: Duration::from_millis(20),
            opening: Duration::from_millis(40),
            bytes_per_second: Some(1_000_000.0),
        };
        let far = proxy(echo(), distance).unwrap();
        let mut client = TcpStream::connect(("127.0.0.1", far)).unwrap();
        assert!(round_trip(&mut client, 1) >= Duration::from_millis(60));
        let next = (0..5).map(|_| round_trip(&mut client, 1)).min().unwrap();
        assert!((20..60).contains(&next.as_millis()), "{next:?}: it is open by now");
        assert!(round_trip(&mut client, 100_000) >= Duration::from_millis(120));
    }
}
