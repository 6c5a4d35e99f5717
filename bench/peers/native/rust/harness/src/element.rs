//! The elements: a number, and its complement in every further word.

use crate::request::Fault;
use crate::{Request, CAPACITY};

/// What goes through a queue.
pub trait Element: Copy + Send + 'static {
    /// What a producer makes them in. It lives until the consumer has ended.
    type Pool: Send;
    fn pool() -> Self::Pool;
    fn make(pool: &mut Self::Pool, number: u64) -> Self;
    /// Changes the last word.
    fn spoil(&mut self);
    /// The number, and whether the rest belongs to it.
    fn read(&self) -> (u64, bool);
}

fn words<const N: usize>(number: u64) -> [u64; N] {
    let mut words = [!number; N];
    words[0] = number;
    words
}

impl<const N: usize> Element for [u64; N] {
    type Pool = ();
    fn pool() {}
    #[inline(always)]
    fn make(_: &mut (), number: u64) -> Self {
        words(number)
    }
    fn spoil(&mut self) {
        self[N - 1] ^= 1;
    }
    #[inline(always)]
    fn read(&self) -> (u64, bool) {
        let bad = self[1..].iter().fold(0, |bad, w| bad | (w ^ !self[0]));
        (self[0], bad == 0)
    }
}

/// A pointer to N words, which its producer does not write again before the consumer has read them: there are twice as
/// many as the queue holds, and they are used in turn.
#[derive(Clone, Copy)]
pub struct Ref<const N: usize>(*mut [u64; N]);

// SAFETY: see above; the queue orders the producer's writes before the consumer's reads.
unsafe impl<const N: usize> Send for Ref<N> {}

const OBJECTS: usize = 2 * CAPACITY;

impl<const N: usize> Element for Ref<N> {
    type Pool = (Vec<[u64; N]>, usize);
    fn pool() -> Self::Pool {
        (vec![[1; N]; OBJECTS], 0) // 1: touched before the clock starts
    }
    #[inline(always)]
    fn make((objects, used): &mut Self::Pool, number: u64) -> Self {
        let object = &mut objects[*used % OBJECTS];
        *used += 1;
        *object = words(number);
        Ref(object)
    }
    fn spoil(&mut self) {
        // SAFETY: nobody else has this pointer yet.
        unsafe { (*self.0)[N - 1] ^= 1 }
    }
    #[inline(always)]
    fn read(&self) -> (u64, bool) {
        // SAFETY: the pool lives until the consumer has ended.
        unsafe { (*self.0).read() }
    }
}

/// Iterates over what a producer sends, with what it does wrong if it is asked to.
pub fn elements<'a, E: Element>(
    request: &Request,
    who: usize,
    pool: &'a mut E::Pool,
) -> impl Iterator<Item = E> + 'a {
    let fault = if who == 0 { request.fault } else { Fault::None };
    let all = request.quota(who);
    let at = if fault == Fault::None { all } else { all / 2 };
    let times = match fault {
        Fault::Drop => 0,
        Fault::Double => 2,
        _ => u64::from(at < all),
    };
    let base = (who as u64) << 48;
    let numbers = (0..at)
        .chain((0..times).map(move |_| at))
        .chain(at + 1..all);
    numbers.map(move |i| {
        let mut e = E::make(pool, base | i);
        if i == at && fault == Fault::Change {
            e.spoil();
        }
        e
    })
}
