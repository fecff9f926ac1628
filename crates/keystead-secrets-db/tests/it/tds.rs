//! A server that speaks as much of SQL Server's protocol (MS-TDS) as a login and a question need. It stands in for a real one,
//! which cannot be installed where the tests run.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// `LOGON_FAILED`.
pub const REFUSED: u32 = 18456;

// Kinds of packets.
const BATCH: u8 = 1;
const ANSWER: u8 = 4;
const LOGIN: u8 = 16;
const PRELOGIN: u8 = 18;

/// How the server wants to be spoken to.
#[derive(Clone)]
pub enum Encryption {
    /// In the clear.
    None,
    /// TLS in packets of the protocol, as servers before 2022 do it.
    Negotiated(Arc<ServerConfig>),
    /// TLS at once.
    Strict(Arc<ServerConfig>),
}

/// A server with one account, `app`. It ends with the process.
pub struct SqlServer {
    pub address: SocketAddr,
    state: Arc<State>,
}

struct State {
    password: Mutex<String>,
    /// The number of the error with which every login is answered.
    fault: Mutex<Option<u32>>,
    /// Where logins are sent on to.
    elsewhere: Mutex<Option<SocketAddr>>,
    /// Account, password and database of all logins, in their order.
    logins: Mutex<Vec<[String; 3]>>,
    /// What was asked, in its order.
    batches: Mutex<Vec<String>>,
}

impl SqlServer {
    pub fn start(password: &str, encryption: Encryption) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            password: Mutex::new(password.to_owned()),
            fault: Mutex::default(),
            elsewhere: Mutex::default(),
            logins: Mutex::default(),
            batches: Mutex::default(),
        });
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, encryption) = (shared.clone(), encryption.clone());
                // A client that goes away ends its own connection only.
                std::thread::spawn(move || state.serve(stream?, &encryption));
            }
        });
        Self { address, state }
    }

    pub fn set_password(&self, password: &str) {
        *self.state.password.lock().unwrap() = password.to_owned();
    }

    pub fn set_fault(&self, number: Option<u32>) {
        *self.state.fault.lock().unwrap() = number;
    }

    pub fn send_on_to(&self, address: SocketAddr) {
        *self.state.elsewhere.lock().unwrap() = Some(address);
    }

    /// The logins since the last time.
    pub fn logins(&self) -> Vec<[String; 3]> {
        std::mem::take(&mut *self.state.logins.lock().unwrap())
    }

    /// The passwords of these logins.
    pub fn passwords(&self) -> Vec<String> {
        self.logins().into_iter().map(|[_, password, _]| password).collect()
    }

    /// What was asked since the last time.
    pub fn batches(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.batches.lock().unwrap())
    }
}

impl State {
    fn serve(&self, mut tcp: TcpStream, encryption: &Encryption) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        match encryption {
            Encryption::None => {
                prelogin(&mut tcp, 2)?;
                self.session(&mut tcp)
            }
            Encryption::Negotiated(config) => {
                prelogin(&mut tcp, 1)?;
                let mut tls = ServerConnection::new(config.clone()).map_err(io::Error::other)?;
                while tls.is_handshaking() {
                    tls.complete_io(&mut Wrapped { tcp: &mut tcp, left: 0 })?;
                }
                self.session(&mut StreamOwned::new(tls, tcp))
            }
            Encryption::Strict(config) => {
                let tls = ServerConnection::new(config.clone()).map_err(io::Error::other)?;
                let mut stream = StreamOwned::new(tls, tcp);
                prelogin(&mut stream, 1)?;
                self.session(&mut stream)
            }
        }
    }

    fn session(&self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        let body = expect(stream, LOGIN)?;
        let [account, password, database] = [40, 44, 68].map(|at| field(&body, at));
        let password = String::from_utf16_lossy(&password.into_iter().map(revealed).collect::<Vec<_>>());
        let account = String::from_utf16_lossy(&account);
        let good = account == "app" && password == *self.password.lock().unwrap();
        self.logins.lock().unwrap().push([account.clone(), password, String::from_utf16_lossy(&database)]);
        let fault = self.fault.lock().unwrap().or((!good).then_some(REFUSED));
        if let Some(number) = fault {
            let text = format!("Login failed for user '{account}'.");
            return write(stream, ANSWER, &[error(number, &text), done(2, 0)].concat());
        }
        let elsewhere = *self.elsewhere.lock().unwrap();
        let sent_on = elsewhere.map(routing).unwrap_or_default();
        write(stream, ANSWER, &[accepted(), sent_on, done(0, 0)].concat())?;
        loop {
            let body = expect(stream, BATCH)?;
            let headers = u32::from_le_bytes(body[..4].try_into().map_err(io::Error::other)?);
            let text = String::from_utf16_lossy(&units(&body[usize::try_from(headers).unwrap()..]));
            let answer = match text.as_str() {
                "SELECT SUSER_SNAME()" => [column(), row(&account), done(16, 1)].concat(),
                _ => done(0, 0),
            };
            self.batches.lock().unwrap().push(text);
            write(stream, ANSWER, &answer)?;
        }
    }
}

/// TLS during the handshake, each piece in a packet of the protocol.
struct Wrapped<'a> {
    tcp: &'a mut TcpStream,
    /// What is not read yet of the packet that was begun.
    left: usize,
}

impl Read for Wrapped<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            let mut header = [0; 8];
            self.tcp.read_exact(&mut header)?;
            self.left = usize::from(u16::from_be_bytes([header[2], header[3]])) - header.len();
        }
        let most = self.left.min(into.len());
        let count = self.tcp.read(&mut into[..most])?;
        self.left -= count;
        Ok(count)
    }
}

impl Write for Wrapped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write(self.tcp, PRELOGIN, bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// Answers the first packet with a version and what is said of encryption: 1 on, 2 not supported.
fn prelogin(stream: &mut (impl Read + Write), encryption: u8) -> io::Result<()> {
    expect(stream, PRELOGIN)?;
    // Token, offset, length; then the values: version 16, and encryption.
    let table = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff];
    write(stream, PRELOGIN, &[table.as_slice(), &[16, 0, 0, 0, 0, 0, encryption]].concat())
}

/// The body of one message of this kind, in however many packets.
fn expect(stream: &mut impl Read, kind: u8) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut header = [0; 8];
        stream.read_exact(&mut header)?;
        if header[0] != kind {
            return Err(io::Error::other(format!("a packet of kind {}", header[0])));
        }
        let begun = body.len();
        body.resize(begun + usize::from(u16::from_be_bytes([header[2], header[3]])) - header.len(), 0);
        stream.read_exact(&mut body[begun..])?;
        if header[1] & 1 == 1 {
            return Ok(body);
        }
    }
}

fn write(stream: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let length = u16::try_from(body.len() + 8).unwrap().to_be_bytes();
    stream.write_all(&[&[kind, 1, length[0], length[1], 0, 0, 1, 0], body].concat())?;
    stream.flush()
}

/// A text of the login, whose offset in bytes and length in units stand here.
fn field(body: &[u8], at: usize) -> Vec<u16> {
    let number = |at: usize| usize::from(u16::from_le_bytes([body[at], body[at + 1]]));
    let begin = number(at);
    units(&body[begin..begin + 2 * number(at + 2)])
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect()
}

/// Undoes what the protocol does to passwords: halves of bytes changed over, and 0xA5 on top.
fn revealed(unit: u16) -> u16 {
    u16::from_le_bytes(unit.to_le_bytes().map(|byte| (byte ^ 0xa5).rotate_left(4)))
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A token with its length in two bytes.
fn token(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_le_bytes();
    [&[kind, length[0], length[1]], body].concat()
}

/// LOGINACK: SQL, version 7.4, the name of a program and its version.
fn accepted() -> Vec<u8> {
    let name = wide("stand-in");
    let units = u8::try_from(name.len() / 2).unwrap();
    token(0xad, &[&[1, 0x74, 0, 0, 4, units], name.as_slice(), &[16, 0, 0, 0]].concat())
}

/// ERROR of class 14, without the names of a server and a procedure.
fn error(number: u32, text: &str) -> Vec<u8> {
    let units = u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes();
    let head = [number.to_le_bytes().as_slice(), &[1, 14], &units].concat();
    token(0xaa, &[head.as_slice(), &wide(text), &[0, 0, 1, 0, 0, 0]].concat())
}

/// ENVCHANGE of the kind routing: TCP, a port, a host; no old value.
fn routing(to: SocketAddr) -> Vec<u8> {
    let host = to.ip().to_string();
    let units = u16::try_from(host.len()).unwrap().to_le_bytes();
    let value = [[0].as_slice(), &to.port().to_le_bytes(), &units, &wide(&host)].concat();
    let length = u16::try_from(value.len()).unwrap().to_le_bytes();
    token(0xe3, &[[20].as_slice(), &length, &value, &[0, 0]].concat())
}

/// DONE with a status (2 error, 16 rows are counted) and a number of rows.
fn done(status: u8, rows: u64) -> Vec<u8> {
    [[0xfd, status, 0, 0, 0].as_slice(), &rows.to_le_bytes()].concat()
}

/// COLMETADATA: one column of NVARCHAR(128) without a name.
fn column() -> Vec<u8> {
    vec![0x81, 1, 0, 0, 0, 0, 0, 1, 0, 0xe7, 0, 1, 9, 4, 0xd0, 0, 0x34, 0]
}

/// ROW of that column.
fn row(text: &str) -> Vec<u8> {
    token(0xd1, &wide(text))
}
