//! What a library's program says about its queue.

use crate::{Check, Element, Pace, Poll, Request, DRAIN};

/// A queue of elements, seen from its two ends. It knows no batches: asked for them, it moves one element after the
/// other.
pub trait Queue<E: Element> {
    type Sender: Send;
    type Receiver: Send;

    /// Sends e, or returns false if the queue is full.
    fn try_send(sender: &Self::Sender, e: E) -> bool;

    /// Receives one, or nothing if the queue is empty.
    fn try_receive(receiver: &mut Self::Receiver) -> Option<E>;

    /// Sends all, waiting where the queue is full.
    #[inline(always)]
    fn send_all(sender: Self::Sender, elements: impl Iterator<Item = E>, shared: bool) {
        let mut pace = Pace::new(shared);
        elements.for_each(|e| {
            while !Self::try_send(&sender, e) {
                pace.full();
            }
            pace.sent();
        });
    }

    /// Receives as many as were asked for, waiting where the queue is empty. It also ends when that is empty after all
    /// producers have.
    #[inline(always)]
    fn receive_all<const AGED: bool>(
        receiver: &mut Self::Receiver,
        check: &mut Check<AGED>,
        request: &Request,
        ended: impl Fn() -> bool,
    ) {
        let full = request.batch.max(DRAIN);
        let mut wait = Poll::new(request.shared());
        let mut over = false;
        while check.seen < request.n {
            let mut n = 0;
            while n < full {
                match Self::try_receive(receiver) {
                    Some(e) => check.see(e),
                    None => break,
                }
                n += 1;
            }
            if !AGED || request.shared() {
                wait.took(n, full);
            } else if n == 0 {
                std::hint::spin_loop(); // more of these would be what is measured
                wait.vain += 1;
            }
            if n == 0 && over {
                break;
            }
            if n == 0 && wait.vain % 64 == 0 {
                over = ended();
            }
        }
    }
}
