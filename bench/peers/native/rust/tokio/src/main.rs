//! tokio's bounded channel between threads that each have a runtime of their own, and wait in it ("mpsc"), or that use
//! it as a queue without one, and poll ("mpsc-try").

use harness::{alone, by_element, serve, together, Check, Element, Queue, Request, CAPACITY};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{channel, Receiver, Sender};

/// Both sides poll.
struct Polled;

impl<E: Element> Queue<E> for Polled {
    type Sender = Sender<E>;
    type Receiver = Receiver<E>;

    #[inline(always)]
    fn try_send(sender: &Self::Sender, e: E) -> bool {
        sender.try_send(e).is_ok()
    }

    #[inline(always)]
    fn try_receive(receiver: &mut Self::Receiver) -> Option<E> {
        receiver.try_recv().ok()
    }
}

/// Both sides wait as tasks do.
struct Awaited;

/// One end, and the runtime that the thread which has it waits in.
struct Side<T> {
    end: T,
    runtime: Runtime,
}

impl<E: Element> Queue<E> for Awaited {
    type Sender = Side<Sender<E>>;
    type Receiver = Side<Receiver<E>>;

    fn try_send(sender: &Self::Sender, e: E) -> bool {
        sender.end.try_send(e).is_ok()
    }

    fn try_receive(receiver: &mut Self::Receiver) -> Option<E> {
        receiver.end.try_recv().ok()
    }

    fn send_all(sender: Self::Sender, elements: impl Iterator<Item = E>, _: bool) {
        let Side { end, runtime } = sender;
        runtime.block_on(async {
            for e in elements {
                if end.send(e).await.is_err() {
                    break; // the consumer has gone, and says why
                }
            }
        });
    }

    fn receive_all<const AGED: bool>(
        receiver: &mut Self::Receiver,
        check: &mut Check<AGED>,
        request: &Request,
        _: impl Fn() -> bool,
    ) {
        let Side { end, runtime } = receiver;
        runtime.block_on(async {
            while check.seen < request.n {
                match end.recv().await {
                    Some(e) => check.see(e),
                    None => break, // all senders have gone
                }
            }
        });
    }
}

fn side<T>(end: T) -> Result<Side<T>, String> {
    let runtime = Builder::new_current_thread()
        .build()
        .map_err(|e| format!("a runtime: {e}"))?;
    Ok(Side { end, runtime })
}

fn awaited<E: Element>(request: &Request) -> Result<f64, String> {
    let (sender, receiver) = channel::<E>(CAPACITY);
    let senders = (0..request.producers)
        .map(|_| side(sender.clone()))
        .collect::<Result<_, _>>()?;
    drop(sender); // the channel ends with its last sender
    together::<E, Awaited>(request, senders, side(receiver)?)
}

fn polled<E: Element>(request: &Request) -> Result<f64, String> {
    let (sender, receiver) = channel::<E>(CAPACITY);
    if request.onecore {
        return alone::<E, Polled>(request, sender, receiver);
    }
    together::<E, Polled>(request, vec![sender; request.producers], receiver)
}

fn main() {
    serve(|request| match request.queue.as_str() {
        "spsc" | "mpsc" if !request.onecore => by_element!(awaited, request),
        "spsc-try" | "mpsc-try" => by_element!(polled, request),
        other => Err(format!(
            "queue {other:?}: spsc, mpsc, and with -try, also on one core, are known"
        )),
    });
}
