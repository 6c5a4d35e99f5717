//! How everyone waits.

use std::hint;
use std::thread;

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
