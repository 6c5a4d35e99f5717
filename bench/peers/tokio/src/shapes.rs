//! The benchmarks that need no load in the background.

use crate::{check, timed, Outcome, Peer};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{mpsc, Arc};
use tokio::sync::mpsc as local;
use tokio::sync::oneshot;

/// Counts tasks to the last one and adds their numbers up, in the one atomic addition that the counting takes anyway.
#[derive(Clone, Default)]
struct Tally(Arc<AtomicU64>);

impl Tally {
    /// The count is in the upper bits, the sum in the lower ones.
    const SUM_BITS: u32 = 42;

    /// Adds v and reports whether size numbers were added now.
    fn last(&self, v: usize, size: usize) -> bool {
        let before = self.0.fetch_add(1 << Self::SUM_BITS | v as u64, Relaxed);
        (before >> Self::SUM_BITS) as usize + 1 == size
    }

    fn sum(&self) -> usize {
        (self.0.load(Relaxed) & ((1 << Self::SUM_BITS) - 1)) as usize
    }
}

/// How tasks tell the caller that they are done. tokio's benchmarks block the caller in a std channel; where the caller's
/// thread is also the one that runs the tasks, it has to await instead.
#[derive(Clone)]
pub enum Signal {
    Outside(mpsc::SyncSender<usize>),
    Inside(local::UnboundedSender<usize>),
}

enum Signals {
    Outside(mpsc::Receiver<usize>),
    Inside(local::UnboundedReceiver<usize>),
}

fn signals(p: &Peer, capacity: usize) -> (Signal, Signals) {
    if p.workers == 0 {
        let (tx, rx) = local::unbounded_channel();
        return (Signal::Inside(tx), Signals::Inside(rx));
    }
    let (tx, rx) = mpsc::sync_channel(capacity);
    (Signal::Outside(tx), Signals::Outside(rx))
}

impl Signal {
    fn send(&self, v: usize) {
        match self {
            Signal::Outside(tx) => tx.send(v).unwrap(),
            Signal::Inside(tx) => tx.send(v).unwrap(),
        }
    }
}

impl Signals {
    async fn next(&mut self) -> usize {
        match self {
            Signals::Outside(rx) => rx.recv().unwrap(),
            Signals::Inside(rx) => rx.recv().await.unwrap(),
        }
    }
}

/// 200 tasks yield in turn, and each signals how often it did.
pub fn yield_many(p: &mut Peer, size: usize) -> Outcome {
    const TASKS: usize = 200;
    let yields = (size / TASKS).max(1);
    let (tx, mut rx) = signals(p, TASKS);
    timed(|| {
        for _ in 0..TASKS {
            let tx = tx.clone();
            p.rt.spawn(async move {
                let mut did = 0;
                for _ in 0..yields {
                    tokio::task::yield_now().await;
                    did += 1;
                }
                tx.send(did);
            });
        }
        let total = p.rt.block_on(async {
            let mut total = 0;
            for _ in 0..TASKS {
                total += rx.next().await;
            }
            total
        });
        check("yields", total, TASKS * yields)?;
        Ok(total)
    })
}

/// One task spawns size tasks; each spawns a peer and sends it a number, which comes back incremented.
pub fn ping_pong(p: &mut Peer, size: usize) -> Outcome {
    let (done_tx, mut done_rx) = signals(p, 1);
    let tally = Tally::default();
    let total = tally.clone();
    timed(|| {
        p.rt.block_on(async {
            tokio::spawn(async move {
                for i in 0..size {
                    let (tally, done_tx) = (tally.clone(), done_tx.clone());
                    tokio::spawn(async move {
                        let (tx1, rx1) = oneshot::channel::<usize>();
                        let (tx2, rx2) = oneshot::channel::<usize>();
                        tokio::spawn(async move {
                            let v = rx1.await.unwrap();
                            tx2.send(v + 1).unwrap();
                        });
                        tx1.send(i).unwrap();
                        if tally.last(rx2.await.unwrap(), size) {
                            done_tx.send(1);
                        }
                    });
                }
            });
            done_rx.next().await
        });
        check("the sum of the answers", total.sum(), size * (size + 1) / 2)?;
        Ok(size)
    })
}

/// A chain of size tasks, each of which spawns the next; the last one signals how many came before it.
pub fn chained_spawn(p: &mut Peer, size: usize) -> Outcome {
    fn link(tx: Signal, i: usize, size: usize) {
        if i + 1 == size {
            return tx.send(i);
        }
        tokio::spawn(async move { link(tx, i + 1, size) });
    }
    let (tx, mut rx) = signals(p, 1);
    timed(|| {
        let last = p.rt.block_on(async {
            tokio::spawn(async move { link(tx, 0, size) });
            rx.next().await
        });
        check("the length of the chain", last + 1, size)?;
        Ok(size)
    })
}

/// Inside block_on, so on the caller's thread, size tasks are spawned; the last one to run signals.
pub fn spawn_many_local(p: &mut Peer, size: usize) -> Outcome {
    let (tx, mut rx) = signals(p, 1);
    let tally = Tally::default();
    timed(|| {
        p.rt.block_on(async {
            for i in 0..size {
                let (tx, tally) = (tx.clone(), tally.clone());
                tokio::spawn(async move {
                    if tally.last(i, size) {
                        tx.send(1);
                    }
                });
            }
            rx.next().await
        });
        check("the sum of the tasks", tally.sum(), size * (size - 1) / 2)?;
        Ok(size)
    })
}

/// From outside, size tasks are spawned; then every handle is awaited.
pub fn spawn_many_remote(p: &mut Peer, size: usize) -> Outcome {
    let mut handles = Vec::with_capacity(size);
    timed(|| {
        for i in 0..size {
            handles.push(p.rt.spawn(async move { i }));
        }
        p.rt.block_on(async {
            for (i, handle) in handles.drain(..).enumerate() {
                check("what a handle gave", handle.await.unwrap(), i)?;
            }
            Ok::<(), String>(())
        })?;
        Ok(size)
    })
}
