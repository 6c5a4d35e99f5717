//! How everyone waits.

use std::hint;
use std::thread;

use crate::DRAIN;

/// Waits as measure.Poll does; where threads share a cpu, it gives that up after 8 looks in vain.
pub struct Poll {
    pauses: u32,
    pub vain: u32,
    shared: bool,
}

impl Poll {
    pub fn new(shared: bool) -> Poll {
        Poll {
            pauses: 0,
            vain: 0,
            shared,
        }
    }

    #[inline(always)]
    pub fn took(&mut self, n: usize, full: usize) {
        if n >= full {
            self.pauses = 0;
            self.vain = 0;
            return;
        }
        self.pauses = (2 * self.pauses + 1).min(32);
        for _ in 0..self.pauses {
            hint::spin_loop();
        }
        self.vain = if n > 0 { 0 } else { self.vain + 1 };
        if self.shared && self.vain >= 8 {
            thread::yield_now();
        }
    }
}

/// How a producer waits: with one poll for all that it sends. It is told how much has gone in of a portion of DRAIN
/// elements each time the queue is full, and when all of it has.
pub struct Pace {
    wait: Poll,
    rest: usize,
    gone: usize,
}

impl Pace {
    pub fn new(shared: bool) -> Pace {
        Pace {
            wait: Poll::new(shared),
            rest: DRAIN,
            gone: 0,
        }
    }

    /// One has gone in.
    #[inline(always)]
    pub fn sent(&mut self) {
        self.gone += 1;
        if self.gone == self.rest {
            self.wait.took(self.gone, self.rest);
            (self.rest, self.gone) = (DRAIN, 0);
        }
    }

    /// The queue is full.
    #[inline(always)]
    pub fn full(&mut self) {
        self.wait.took(self.gone, self.rest);
        self.rest -= self.gone;
        self.gone = 0;
    }
}
