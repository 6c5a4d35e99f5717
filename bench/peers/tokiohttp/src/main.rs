//! The HTTP server of the network table on tokio: a task per connection, keep-alive, pipelining.
//!
//!     tokio-http ADDRESS WORKERS
//!
//! It gives the same bytes as its peers in Go, and like the least of them it looks for the end of a request and at its
//! first line only. WORKERS 0 stands for the current_thread runtime.

mod response;

use std::env;
use std::io;
use std::process::exit;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// The longest request.
const BUFFER: usize = 16 << 10;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let workers = match args.get(1).map(|w| w.parse::<usize>()) {
        Some(Ok(w)) if args.len() == 2 => w,
        _ => {
            eprintln!("usage: tokio-http ADDRESS WORKERS");
            exit(2);
        }
    };
    let mut builder = if workers == 0 {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    if workers > 0 {
        builder.worker_threads(workers);
    }
    let ran = builder
        .enable_all()
        .build()
        .and_then(|rt| rt.block_on(serve(args[0].clone(), workers > 0)));
    if let Err(e) = ran {
        eprintln!("tokio-http: {e}");
        exit(1);
    }
}

/// Accepts connections in a task of its own, as on the thread that is in block_on each would wake another one.
async fn serve(addr: String, spawn: bool) -> io::Result<()> {
    response::set_date();
    tokio::spawn(response::keep_date());
    let listener = TcpListener::bind(addr).await?;
    if spawn {
        tokio::spawn(accept(listener)).await?
    } else {
        accept(listener).await
    }
}

async fn accept(listener: TcpListener) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let _ = connection(stream).await; // the client has gone
        });
    }
}

async fn connection(mut stream: TcpStream) -> io::Result<()> {
    let mut buf = vec![0u8; BUFFER];
    let mut out = Vec::with_capacity(1024);
    let mut have = 0;
    loop {
        let n = stream.read(&mut buf[have..]).await?;
        if n == 0 {
            return Ok(());
        }
        have += n;
        let mut used = 0;
        while let Some((path, n)) = next(&buf[used..have])? {
            response::append(&mut out, path);
            used += n;
        }
        buf.copy_within(used..have, 0);
        have -= used;
        if !out.is_empty() {
            stream.write_all(&out).await?;
            out.clear();
        }
    }
}

/// Returns the path and the length of the first request, or None if the rest of it has not come yet.
fn next(b: &[u8]) -> io::Result<Option<(&[u8], usize)>> {
    let end = match find(b, b"\r\n\r\n") {
        Some(i) => i,
        None => return Ok(None),
    };
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "malformed request");
    let line = b[..end].strip_prefix(b"GET ").ok_or_else(malformed)?;
    let space = line.iter().position(|&c| c == b' ').ok_or_else(malformed)?;
    if !line[space + 1..].starts_with(b"HTTP/1.1") {
        return Err(malformed());
    }
    Ok(Some((&line[..space], end + 4)))
}

/// Finds a separator that begins with a carriage return, of which there are few.
fn find(b: &[u8], sep: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(i) = b[from..].iter().position(|&c| c == sep[0]) {
        if b[from + i..].starts_with(sep) {
            return Some(from + i);
        }
        from += i + 1;
    }
    None
}
