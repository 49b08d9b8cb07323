//! A server that speaks PostgreSQL's protocol, and refuses every connection in some language.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A refusal: the severity, the SQLSTATE and the message (PostgreSQL documentation, "Error and Notice Message
/// Fields").
pub type Refusal = (&'static str, &'static str, &'static str);

/// It ends with the test process.
pub struct RefusingServer {
    port: u16,
    refusal: Arc<Mutex<Refusal>>,
}

impl RefusingServer {
    pub fn start(refusal: Refusal) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let refusal = Arc::new(Mutex::new(refusal));
        let shared = Arc::clone(&refusal);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let refusal = *shared.lock().unwrap();
                // A client that goes away is none of its business.
                thread::spawn(move || refuse(stream, refusal));
            }
        });
        Self { port, refusal }
    }

    /// Refuses from now on for another reason.
    pub fn refuse(&self, refusal: Refusal) {
        *self.refusal.lock().unwrap() = refusal;
    }

    pub fn url(&self) -> String {
        format!("postgres://rentomatic@127.0.0.1:{}/rooms", self.port)
    }
}

fn refuse(mut stream: TcpStream, (severity, state, message): Refusal) -> std::io::Result<()> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut packet = vec![0; u32::from_be_bytes(length) as usize - 4];
        stream.read_exact(&mut packet)?;
        // A request for encryption (SSL or GSS) is answered with "no", and the real one follows.
        if [[4, 210, 22, 47], [4, 210, 22, 48]].iter().any(|code| packet.starts_with(code)) {
            stream.write_all(b"N")?;
            continue;
        }
        let fields = format!("S{severity}\0VFATAL\0C{state}\0M{message}\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap();
        stream.write_all(&[b"E", &length.to_be_bytes()[..], fields.as_bytes()].concat())?;
        return stream.flush();
    }
}
