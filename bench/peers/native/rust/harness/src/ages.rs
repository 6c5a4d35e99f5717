//! Latency: elements are due at even distances, in turn with several producers, and their numbers say when. The rules
//! are those of the Go package bench/internal/ages.

use crate::{Request, CAPACITY};
use std::hint;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// The cycle counter that all cpus share.
#[inline(always)]
pub fn ticks() -> i64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every such processor has the instruction.
    return unsafe { std::arch::x86_64::_rdtsc() as i64 };
    #[cfg(target_arch = "aarch64")]
    {
        let t: i64;
        // SAFETY: it only reads the counter.
        unsafe { std::arch::asm!("isb", "mrs {}, cntvct_el0", out(reg) t) };
        return t;
    }
}

fn ticks_per_ns() -> f64 {
    static FOUND: OnceLock<f64> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let (start, since) = (ticks(), Instant::now());
        while since.elapsed() < Duration::from_millis(10) {
            hint::spin_loop();
        }
        (ticks() - start) as f64 / since.elapsed().as_nanos() as f64
    })
}

const BUCKETS: usize = 64 * 59;

/// A histogram of ages in ticks: 64 buckets for each power of two, which is 1.6 %.
pub struct Ages {
    count: Vec<u32>,
    all: u64,
}

impl Ages {
    pub fn new() -> Ages {
        Ages {
            count: vec![0; BUCKETS],
            all: 0,
        }
    }

    #[inline(always)]
    pub fn add(&mut self, age: i64) {
        let t = age.max(1) as u64;
        let shift = 57u32.saturating_sub(t.leading_zeros());
        self.count[64 * shift as usize + (t >> shift) as usize] += 1;
        self.all += 1;
    }

    /// The age, in ticks, that a share of all do not exceed.
    fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.all as f64) as u64;
        let mut below = 0;
        let at = self.count.iter().position(|&n| {
            below += u64::from(n);
            below > rank
        });
        let i = at.unwrap_or(BUCKETS - 1);
        let shift = (i / 64).saturating_sub(1);
        ((i - 64 * shift) << shift) as f64
    }
}

/// When what is due, and how old it got.
pub struct Schedule {
    gap: f64,         // in ticks; 0: all at the start
    start: AtomicI64, // noted by the first producer that comes
    pub ages: Mutex<Ages>,
}

impl Schedule {
    pub fn new(gap: f64) -> Schedule {
        Schedule {
            gap,
            start: AtomicI64::new(0),
            ages: Mutex::new(Ages::new()),
        }
    }

    /// Begins, unless another producer has.
    pub fn begin(&self) -> i64 {
        let now = ticks() + self.gap as i64;
        match self.start.compare_exchange(0, now, SeqCst, SeqCst) {
            Ok(_) => now,
            Err(start) => start,
        }
    }

    /// Waits until the element is due.
    #[inline(always)]
    pub fn wait(&self, start: i64, turn: u64, shared: bool) {
        let due = start + (turn as f64 * self.gap) as i64;
        while ticks() < due {
            if shared {
                thread::yield_now();
            }
        }
    }

    /// The age of the element that is popped now.
    #[inline(always)]
    pub fn age(&self, turn: u64, skew: i64) -> i64 {
        let start = self.start.load(std::sync::atomic::Ordering::Relaxed);
        ticks() - skew - start - (turn as f64 * self.gap) as i64
    }
}

/// As in bench/internal/ages: the pace is the median of some bursts, and a sample takes 25 ms.
const BURSTS: usize = 3;
const BURST: u64 = 4 * CAPACITY as u64;
const LEAST: u64 = 1024;
const SPAN_NS: f64 = 25e6;

/// Measures ages at the load that the request asks for. The function runs it once and returns ns per element.
pub fn latency(
    mut request: Request,
    measure: impl Fn(&Request) -> Result<f64, String>,
) -> Result<String, String> {
    let whole = request.n >= BURST;
    let mut paces = Vec::new();
    request.n = request.n.min(BURST);
    for _ in 0..if whole { BURSTS } else { 1 } {
        request.schedule = Schedule::new(0.0);
        paces.push(measure(&request)?);
    }
    paces.sort_by(f64::total_cmp);
    let gap = paces[paces.len() / 2] * 100.0 / f64::from(request.load); // in ns
    if whole {
        request.n = LEAST.max((SPAN_NS / gap) as u64);
    }
    request.schedule = Schedule::new(gap * ticks_per_ns());
    let took = measure(&request)?;
    let ages = request.schedule.ages.lock().unwrap();
    let ns = |share| ages.quantile(share) / ticks_per_ns();
    let achieved = (100.0 * gap / took).min(100.0);
    let (p50, p99) = (ns(0.5), ns(0.99));
    Ok(format!(
        "{p50:.1} {p99:.1} {} {:.0} {achieved:.2}",
        ages.all,
        1e9 / gap
    ))
}
