//! The responses, in the same bytes as those of the peers in Go.

use std::io::Write;
use std::sync::RwLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const TEXT: &str = "Hello, World!";

/// The date of the responses, which is set every second.
static DATE: RwLock<String> = RwLock::new(String::new());

/// Sets the date every second, for ever.
pub async fn keep_date() {
    loop {
        set_date();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Sets the date to that of now.
pub fn set_date() {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    *DATE.write().unwrap() = http_date(now);
}

/// Appends the response to a request for path.
pub fn append(out: &mut Vec<u8>, path: &[u8]) {
    match path {
        b"/plaintext" => respond(out, "200 OK", "text/plain", TEXT.as_bytes()),
        b"/json" => {
            let mut body = Vec::with_capacity(64);
            json(&mut body, TEXT);
            respond(out, "200 OK", "application/json", &body)
        }
        _ => respond(out, "404 Not Found", "text/plain", b""),
    }
}

fn respond(out: &mut Vec<u8>, status: &str, kind: &str, body: &[u8]) {
    let mut put = |part: &str| out.extend_from_slice(part.as_bytes());
    put("HTTP/1.1 ");
    put(status);
    put("\r\nServer: pushcore\r\nContent-Type: ");
    put(kind);
    put("\r\nContent-Length: ");
    let _ = write!(out, "{}", body.len()); // to a Vec, which does not fail
    out.extend_from_slice(b"\r\nDate: ");
    out.extend_from_slice(DATE.read().unwrap().as_bytes());
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(body);
}

/// Appends {"message":text}.
fn json(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"{\"message\":\"");
    for c in text.bytes() {
        match c {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', c]),
            0..=0x1f => {
                let _ = write!(out, "\\u{c:04x}");
            }
            _ => out.push(c),
        }
    }
    out.extend_from_slice(b"\"}");
}

/// Formats seconds since 1970 as HTTP does.
fn http_date(secs: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let days = secs / 86400;
    let (mut year, mut left) = (1970, days);
    let leap = |y: u64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!(
        "{}, {:02} {} {year} {:02}:{:02}:{:02} GMT",
        DAYS[(days % 7) as usize],
        left + 1,
        MONTHS[month],
        secs / 3600 % 24,
        secs / 60 % 60,
        secs % 60
    )
}
