//! Load in the background of the benchmarks that spawn from outside.

use crate::Peer;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const STALL: Duration = Duration::from_micros(10);

fn stall() {
    let start = Instant::now();
    while start.elapsed() < STALL {
        thread::yield_now();
    }
}

/// Twice as many tasks as workers yield and stall while body runs.
pub fn busy1<T>(p: &mut Peer, body: impl FnOnce(&mut Peer) -> T) -> T {
    let on = Arc::new(AtomicBool::new(true));
    for _ in 0..2 * p.workers.max(1) {
        let on = on.clone();
        p.rt.spawn(async move {
            while on.load(Relaxed) {
                tokio::task::yield_now().await;
                stall();
            }
        });
    }
    let result = body(p);
    on.store(false, Relaxed);
    result
}

/// As many chains as workers, of which each task stalls and spawns the next, go on while body runs.
pub fn busy2<T>(p: &mut Peer, body: impl FnOnce(&mut Peer) -> T) -> T {
    fn link(on: Arc<AtomicBool>) {
        tokio::spawn(async move {
            if on.load(Relaxed) {
                stall();
                link(on);
            }
        });
    }
    let on = Arc::new(AtomicBool::new(true));
    for _ in 0..p.workers.max(1) {
        let on = on.clone();
        p.rt.spawn(async move { link(on) });
    }
    let result = body(p);
    on.store(false, Relaxed);
    result
}
