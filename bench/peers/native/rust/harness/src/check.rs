//! The consumer's account.

use crate::ages::{Ages, Schedule};
use crate::{Element, Request};

/// The consumer's look at every element; it notes ages, too, if AGED.
pub struct Check<'a, const AGED: bool> {
    schedule: &'a Schedule,
    producers: u64,
    skew: i64,
    ages: Ages,
    next: [u64; 4], // the number that is due from each producer
    several: bool,
    pub seen: u64,
    wrong: u64,
}

impl<'a, const AGED: bool> Check<'a, AGED> {
    pub fn new(request: &'a Request) -> Self {
        Check {
            schedule: &request.schedule,
            producers: request.producers as u64,
            skew: request.skew,
            ages: Ages::new(),
            next: [0; 4],
            several: request.producers > 1,
            seen: 0,
            wrong: 0,
        }
    }

    #[inline(always)]
    pub fn see<E: Element>(&mut self, e: E) {
        let (number, intact) = e.read();
        if AGED {
            let turn = (number & ((1 << 48) - 1)) * self.producers + (number >> 48);
            self.ages.add(self.schedule.age(turn, self.skew));
        }
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
    pub fn end(self, request: &Request) -> Result<(), String> {
        let all = (0..request.producers).all(|p| self.next[p] == request.quota(p));
        if all && self.wrong == 0 && self.seen == request.n {
            *self.schedule.ages.lock().unwrap() = self.ages;
            return Ok(());
        }
        Err(format!(
            "data error: of {} elements {} came, {} of them wrong",
            request.n, self.seen, self.wrong
        ))
    }
}
