use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fd::OwnedFd;

use crate::AnyError;
use crate::pool::Pool;

/// Longer than any answer that is measured, in bytes.
const MAX_ANSWER: usize = 16 << 10;
/// A server that is silent for so long is stuck.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between looks at the connections, answers gather. A driver that slept until the next answer would make the server
/// wake it for each one, at a cost to both that clients on other machines do not cause. The other connections' requests
/// keep the server busy meanwhile.
const GATHER: Duration = Duration::from_micros(50);

/// A client with keep-alive connections, one request under way on each: one thread, one loop.
pub(crate) struct Driver {
    connections: Vec<Connection>,
    epoll: OwnedFd,
}

/// What a run of requests gave.
pub(crate) struct Run {
    pub(crate) wall: Duration,
    /// Bytes of an answer's body, which is the same for all, or nearly.
    pub(crate) body_bytes: usize,
    /// Bodies of the kept answers, by the index of their request.
    pub(crate) kept: Vec<(usize, Vec<u8>)>,
    /// From sending each request until its answer was seen.
    pub(crate) latencies: Vec<Duration>,
}

/// How far apart the sizes of answers may be, in bytes: a signature in DER is now and then a byte or two shorter.
const SIZE_SPREAD: usize = 8;

impl Driver {
    pub(crate) fn connect(address: SocketAddr, connections: u32) -> Result<Self, AnyError> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let connections = (0..connections)
            .map(|number| {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                let data = epoll::EventData::new_u64(u64::from(number));
                epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
                Ok(Connection {
                    stream,
                    buffer: vec![0; MAX_ANSWER],
                    filled: 0,
                    request: 0,
                    sent: Instant::now(),
                })
            })
            .collect::<io::Result<Vec<_>>>()?;
        Ok(Self { connections, epoll })
    }

    /// Sends these requests of the pool and reads all answers. Every one must be a 200, and all of one size.
    pub(crate) fn run(&mut self, pool: &Pool, range: Range<usize>) -> Result<Run, AnyError> {
        self.run_until(pool, range, &AtomicBool::new(false))
    }

    /// The same, but sends no more once `stop` is set.
    pub(crate) fn run_until(
        &mut self,
        pool: &Pool,
        range: Range<usize>,
        stop: &AtomicBool,
    ) -> Result<Run, AnyError> {
        let Range { start, end } = range;
        let count = end - start;
        let mut events: Vec<epoll::Event> = Vec::with_capacity(self.connections.len());
        let mut kept = Vec::with_capacity(count / pool.stride + 1);
        let mut latencies = Vec::with_capacity(count);
        let mut body_bytes = None;
        let patience = PATIENCE.try_into()?;
        let started = Instant::now();
        let (mut sent, mut answered) = (start, start);
        for connection in self.connections.iter_mut().take(count) {
            connection.send(pool, sent)?;
            sent += 1;
        }
        while answered < sent {
            std::thread::sleep(GATHER);
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&patience)) {
                Ok(0) => return Err("the server does not answer".into()),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                let data = event.data;
                let connection = usize::try_from(data.u64()).ok().and_then(|at| self.connections.get_mut(at));
                let connection = connection.ok_or("an event of no connection")?;
                let Some(body) = connection.receive()? else { continue };
                answered += 1;
                latencies.push(connection.sent.elapsed());
                if body_bytes.get_or_insert(body.len()).abs_diff(body.len()) > SIZE_SPREAD {
                    return Err("answers differ in size, so they cannot be compared with a fixed one".into());
                }
                if connection.request.is_multiple_of(pool.stride) && connection.request < pool.len() {
                    kept.push((connection.request, connection.buffer[body].to_vec()));
                }
                if sent < end && !stop.load(Ordering::Relaxed) {
                    connection.send(pool, sent)?;
                    sent += 1;
                }
            }
        }
        let wall = started.elapsed();
        Ok(Run { wall, body_bytes: body_bytes.unwrap_or_default(), kept, latencies })
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    /// Index of the request under way.
    request: usize,
    /// When it was sent.
    sent: Instant,
}

impl Connection {
    fn send(&mut self, pool: &Pool, index: usize) -> io::Result<()> {
        self.request = index;
        self.filled = 0;
        self.sent = Instant::now();
        self.stream.write_all(pool.request(index))
    }

    /// Reads what is there; where the body stands when the answer is whole. Called only when there is something to
    /// read, so it does not block.
    fn receive(&mut self) -> Result<Option<Range<usize>>, AnyError> {
        match self.stream.read(&mut self.buffer[self.filled..])? {
            0 => return Err("the server closed a connection, or its answer is too long".into()),
            read => self.filled += read,
        }
        let answer = &self.buffer[..self.filled];
        let Some(body) = body_of(answer)? else { return Ok(None) };
        match body.end.cmp(&answer.len()) {
            std::cmp::Ordering::Greater => Ok(None),
            std::cmp::Ordering::Equal => Ok(Some(body)),
            std::cmp::Ordering::Less => Err("the server sent more than its answer".into()),
        }
    }
}

/// Where an answer's body stands, once its head is whole. Anything but a 200 is an error.
pub(crate) fn body_of(answer: &[u8]) -> Result<Option<Range<usize>>, AnyError> {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let text = &answer[..head];
    let mut lines = text.split(|byte| *byte == b'\n');
    if !lines.next().is_some_and(|line| line.starts_with(b"HTTP/1.1 200 ")) {
        return Err(format!("the server refused: {}", String::from_utf8_lossy(answer)).into());
    }
    const LENGTH: &[u8] = b"content-length:";
    let length = lines
        .find_map(|line| {
            line.get(..LENGTH.len()).filter(|name| name.eq_ignore_ascii_case(LENGTH)).map(|_| line)
        })
        .and_then(|line| std::str::from_utf8(&line[LENGTH.len()..]).ok()?.trim().parse::<usize>().ok())
        .ok_or("an answer without a length")?;
    let start = head + 4;
    Ok(Some(start..start + length))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn answers() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(body_of(whole).unwrap(), Some(55..58));
        assert_eq!(&whole[55..], b"abc");
        assert_eq!(body_of(&whole[..50]).unwrap(), None);
        assert!(body_of(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(body_of(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
