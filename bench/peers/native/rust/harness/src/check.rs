//! The consumer's account.

use crate::{Element, Request};

/// The consumer's look at every element.
pub struct Check {
    next: [u64; 4], // the number that is due from each producer
    several: bool,
    pub seen: u64,
    wrong: u64,
}

impl Check {
    pub fn new(request: &Request) -> Check {
        Check {
            next: [0; 4],
            several: request.producers > 1,
            seen: 0,
            wrong: 0,
        }
    }

    #[inline(always)]
    pub fn see<E: Element>(&mut self, e: E) {
        let (number, intact) = e.read();
        let who = if self.several {
            (number >> 48) as usize
        } else {
            0
        };
        self.seen += 1;
        if who >= self.next.len() {
            self.wrong += 1;
            return;
        }
        let due = self.next[who] | (who as u64) << 48;
        self.next[who] += 1;
        self.wrong += u64::from(number != due || !intact);
    }

    /// Says whether all came, and nothing else.
    pub fn end(&self, request: &Request) -> Result<(), String> {
        let all = (0..request.producers).all(|p| self.next[p] == request.quota(p));
        if all && self.wrong == 0 && self.seen == request.n {
            return Ok(());
        }
        Err(format!(
            "data error: of {} elements {} came, {} of them wrong",
            request.n, self.seen, self.wrong
        ))
    }
}
