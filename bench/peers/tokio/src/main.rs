//! Runs one of tokio's own runtime benchmarks (benches/rt_multi_threaded.rs) and prints the nanoseconds per operation.
//!
//!     tokio-peer NAME OPERATIONS WORKERS [MAIN-CPU WORKER-CPU]
//!
//! The shapes are tokio's. What was added checks that every task did its work, once: each carries a number, and the
//! numbers add up. WORKERS 0 stands for the current_thread runtime, whose one thread is the caller's. The operations are
//! cut into iterations of the shape's size, and one of them is run before the clock starts.

mod busy;
mod shapes;

use std::env;
use std::io;
use std::process::exit;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// The runtime to be measured.
pub struct Peer {
    pub rt: Runtime,
    pub workers: usize,
}

/// What one iteration took and how many operations it was; Err says what did not add up.
pub type Outcome = Result<(Duration, usize), String>;

/// Compares a sum with what it should be.
pub fn check(what: &str, got: usize, want: usize) -> Result<(), String> {
    if got == want {
        return Ok(());
    }
    Err(format!("data error: {what}: {got} instead of {want}"))
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    match run(&args) {
        Ok(ns) => println!("{ns:.4}"),
        Err(e) => {
            eprintln!("tokio-peer: {e}");
            exit(1);
        }
    }
}

fn run(args: &[String]) -> Result<f64, String> {
    if args.len() != 3 && args.len() != 5 {
        return Err("usage: tokio-peer NAME OPERATIONS WORKERS [MAIN-CPU WORKER-CPU]".into());
    }
    let number = |i: usize| {
        args[i]
            .parse::<usize>()
            .map_err(|e| format!("{:?}: {e}", args[i]))
    };
    let (n, workers) = (number(1)?.max(1), number(2)?);
    let cpus = if args.len() == 5 {
        Some((number(3)?, number(4)?))
    } else {
        None
    };
    let mut peer = start(workers, cpus)?;
    match args[0].as_str() {
        "yield_many" => iterate(&mut peer, n, 200 * 1000, shapes::yield_many),
        "ping_pong" => iterate(&mut peer, n, 1000, shapes::ping_pong),
        "chained_spawn" => iterate(&mut peer, n, 1000, shapes::chained_spawn),
        "spawn_many_local" => iterate(&mut peer, n, 10_000, shapes::spawn_many_local),
        "spawn_many_remote_idle" => iterate(&mut peer, n, 10_000, shapes::spawn_many_remote),
        "spawn_many_remote_busy1" => busy::busy1(&mut peer, |p| {
            iterate(p, n, 10_000, shapes::spawn_many_remote)
        }),
        "spawn_many_remote_busy2" => busy::busy2(&mut peer, |p| {
            iterate(p, n, 1000, shapes::spawn_many_remote)
        }),
        other => Err(format!("unknown benchmark {other:?}")),
    }
}

/// How many operations show whether there will be an end.
const PROBE: usize = 4;

/// How long they may take: some thousand times what is usual. While a chain like busy2's keeps the one worker, older
/// versions of tokio never look at what was spawned from outside.
const PATIENCE: Duration = Duration::from_secs(2);

/// The exit status that says so.
const NO_END: i32 = 3;

/// Runs about n operations in iterations of at most `most`, and returns the nanoseconds that each took.
fn iterate(
    p: &mut Peer,
    n: usize,
    most: usize,
    one: fn(&mut Peer, usize) -> Outcome,
) -> Result<f64, String> {
    let size = n.min(most);
    let (ended, end) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        if end.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("{PROBE} operations had not ended after {PATIENCE:?}");
            exit(NO_END);
        }
    });
    one(p, size.min(PROBE))?;
    drop(ended);
    watch.join().unwrap();
    one(p, size)?;
    let (mut total, mut ops) = (Duration::ZERO, 0);
    for _ in 0..(n / most).max(1) {
        let (took, did) = one(p, size)?;
        total += took;
        ops += did;
    }
    Ok(total.as_nanos() as f64 / ops as f64)
}

/// Builds the runtime as tokio's benchmarks do; with cpus, the caller's thread and the workers are pinned.
fn start(workers: usize, cpus: Option<(usize, usize)>) -> Result<Peer, String> {
    let mut builder = if workers == 0 {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    if workers > 0 {
        builder.worker_threads(workers);
    }
    if let Some((main, worker)) = cpus {
        pin(if workers == 0 { worker } else { main })?;
        builder.on_thread_start(move || {
            if let Err(e) = pin(worker) {
                eprintln!("tokio-peer: {e}");
                exit(1);
            }
        });
    }
    let rt = builder.enable_all().build().map_err(|e| e.to_string())?;
    Ok(Peer { rt, workers })
}

/// Restricts the calling thread to one cpu.
fn pin(cpu: usize) -> Result<(), String> {
    if cpu >= libc::CPU_SETSIZE as usize {
        return Err(format!("cpu {cpu} is beyond what a set of cpus holds"));
    }
    // SAFETY: an all-zero cpu_set_t is an empty set, and the kernel only reads it.
    let failed = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set) != 0
    };
    if failed {
        return Err(format!(
            "cannot pin a thread to cpu {cpu}: {}",
            io::Error::last_os_error()
        ));
    }
    Ok(())
}

/// Times f.
pub fn timed(f: impl FnOnce() -> Result<usize, String>) -> Outcome {
    let start = Instant::now();
    let ops = f()?;
    Ok((start.elapsed(), ops))
}
