//! The server around the queues: a line per request, a line per answer, until the input ends.
//!
//!     spsc producers=1 batch=32 size=8 pointers=0 onecore=0 n=512 cpus=0,1 fault=none load=0 skew=0
//!
//! is answered by the nanoseconds per element and the number of elements; with load=80 by the 50th and the 99th
//! percentile of the ages at 80 % of what the queue takes, in ns, their number, how many were due per second, and the
//! percentage of that which was done; or by "error" and what went wrong. Before all it says "ready".

use crate::ages::{latency, Schedule};
use std::io::{self, BufRead, Write};

/// What the first producer does wrong, once, to show that the consumer sees it.
#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    None,
    Drop,
    Double,
    Change,
}

/// What one measurement is asked for.
pub struct Request {
    pub queue: String, // "spsc", "mpsc", ...: the library's program knows
    pub producers: usize,
    pub batch: usize,
    pub size: usize,
    pub pointers: bool,
    pub onecore: bool,
    pub n: u64,         // elements of all producers together
    pub cpus: [i32; 2], // negative: not pinned
    pub fault: Fault,
    pub load: u32, // percent of what the queue takes: ages are measured; 0: what it takes is
    pub skew: i64, // ticks that the second cpu's counter is ahead
    pub schedule: Schedule, // with a load
}

impl Request {
    /// How many elements a producer sends.
    pub fn quota(&self, who: usize) -> u64 {
        self.n / self.producers as u64 + u64::from((who as u64) < self.n % self.producers as u64)
    }

    /// Whether threads share a cpu.
    pub fn shared(&self) -> bool {
        self.producers > 1
    }

    fn parse(line: &str) -> Result<Request, String> {
        let mut words = line.split_whitespace();
        let queue = words.next().unwrap_or("").to_string();
        let mut value = |name: &str| {
            let word = words.next().unwrap_or("");
            match word.split_once('=') {
                Some((key, value)) if key == name => Ok(value.to_string()),
                _ => Err(format!("{word:?} where {name}= should be")),
            }
        };
        fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
            text.parse()
                .map_err(|_| format!("{text:?} is no number, or too large a one"))
        }
        let r = Request {
            queue,
            producers: number(&value("producers")?)?,
            batch: number(&value("batch")?)?,
            size: number(&value("size")?)?,
            pointers: value("pointers")? == "1",
            onecore: value("onecore")? == "1",
            n: number(&value("n")?)?,
            cpus: {
                let cpus = value("cpus")?;
                let (a, b) = cpus.split_once(',').ok_or("cpus is two numbers")?;
                [number(a)?, number(b)?]
            },
            fault: match value("fault")?.as_str() {
                "none" => Fault::None,
                "drop" => Fault::Drop,
                "double" => Fault::Double,
                "change" => Fault::Change,
                other => {
                    return Err(format!(
                        "fault {other:?}: none, drop, double or change are known"
                    ))
                }
            },
            load: number(&value("load")?)?,
            skew: number(&value("skew")?)?,
            schedule: Schedule::new(0.0),
        };
        match () {
            _ if r.load > 100 => Err("load is 0 to 100".into()),
            _ if r.n < 1 => Err("n is at least 1".into()),
            _ if r.batch < 1 || r.batch > 256 => Err("batch is 1 to 256".into()),
            _ if r.producers < 1 || r.producers > 4 => Err("producers is 1 to 4".into()),
            _ if r.producers > 1 && (r.onecore || r.queue == "spsc") => {
                Err("this has one producer".into())
            }
            _ => Ok(r),
        }
    }
}

extern "C" {
    fn alarm(seconds: u32) -> u32;
}

/// A measurement takes some 20 ms. One that takes so many seconds hangs, and nobody may be there to end it.
const PATIENCE: u32 = 40;

/// Answers requests with what the function says: nanoseconds per element.
pub fn serve(measure: impl Fn(&Request) -> Result<f64, String>) {
    let mut out = io::stdout();
    let mut say = move |line: String| writeln!(out, "{line}").and_then(|()| out.flush()).is_ok();
    if !say("ready".into()) {
        return;
    }
    for line in io::stdin().lock().lines() {
        let line = match line {
            Ok(line) => line,
            Err(_) => return,
        };
        // SAFETY: alarm only sets the process's timer.
        unsafe { alarm(PATIENCE) };
        let answer = Request::parse(&line).and_then(|r| {
            if r.load > 0 {
                return latency(r, &measure);
            }
            Ok(format!("{:.4} {}", measure(&r)?, r.n))
        });
        let answer = answer.unwrap_or_else(|e| format!("error {e}"));
        // SAFETY: as above.
        unsafe { alarm(0) };
        if !say(answer) {
            return;
        }
    }
}
