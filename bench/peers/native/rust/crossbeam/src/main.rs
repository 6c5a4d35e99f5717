//! crossbeam's ArrayQueue: any number of threads at both ends, so that spsc and mpsc are the same.

use crossbeam_queue::ArrayQueue;
use harness::{alone, by_element, serve, together, Element, Queue, Request, CAPACITY};
use std::sync::Arc;

struct Crossbeam;

impl<E: Element> Queue<E> for Crossbeam {
    type Sender = Arc<ArrayQueue<E>>;
    type Receiver = Arc<ArrayQueue<E>>;

    #[inline(always)]
    fn try_send(queue: &Self::Sender, e: E) -> bool {
        queue.push(e).is_ok()
    }

    #[inline(always)]
    fn try_receive(queue: &mut Self::Receiver) -> Option<E> {
        queue.pop()
    }
}

fn measure<E: Element>(request: &Request) -> Result<f64, String> {
    let queue = Arc::new(ArrayQueue::<E>::new(CAPACITY));
    if request.onecore {
        return alone::<E, Crossbeam>(request, queue.clone(), queue);
    }
    together::<E, Crossbeam>(request, vec![queue.clone(); request.producers], queue)
}

fn main() {
    serve(|request| match request.queue.as_str() {
        "spsc" | "mpsc" => by_element!(measure, request),
        other => Err(format!("queue {other:?}: spsc and mpsc are known")),
    });
}
