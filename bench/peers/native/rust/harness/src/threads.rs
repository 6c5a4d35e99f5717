//! The threads: where they run, their common start, and the time.

use crate::element::elements;
use crate::{Check, Element, Poll, Queue, Request};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

extern "C" {
    fn sched_setaffinity(pid: i32, size: usize, set: *const u64) -> i32;
}

/// Restricts the calling thread to one cpu; a negative one leaves it where it may run anyway.
fn pin(cpu: i32) -> Result<(), String> {
    let cpu = match usize::try_from(cpu) {
        Ok(cpu) => cpu,
        Err(_) => return Ok(()),
    };
    let mut set = [0u64; 16];
    *set.get_mut(cpu / 64)
        .ok_or(format!("cpu {cpu}: there is none"))? |= 1 << (cpu % 64);
    // SAFETY: the kernel only reads the set, which has this size.
    if unsafe { sched_setaffinity(0, std::mem::size_of_val(&set), set.as_ptr()) } != 0 {
        return Err(format!(
            "cannot pin a thread to cpu {cpu}: {}",
            io::Error::last_os_error()
        ));
    }
    Ok(())
}

/// The common start of so many threads.
struct Gate {
    threads: usize,
    ready: AtomicUsize,
    open: AtomicBool,
    start: Mutex<Option<Instant>>,
}

impl Gate {
    fn new(threads: usize) -> Gate {
        Gate {
            threads,
            ready: AtomicUsize::new(0),
            open: AtomicBool::new(false),
            start: Mutex::new(None),
        }
    }

    /// Pins the calling thread and waits for the others. The last one to come notes the time.
    fn arrive(&self, cpu: i32) -> Result<(), String> {
        let pinned = pin(cpu);
        if self.ready.fetch_add(1, SeqCst) + 1 == self.threads {
            *self.start.lock().unwrap() = Some(Instant::now());
            self.open.store(true, SeqCst);
        }
        let mut wait = Poll::new(true);
        while !self.open.load(SeqCst) {
            wait.took(0, 1);
        }
        pinned
    }

    fn nanoseconds(&self) -> f64 {
        let start = self.start.lock().unwrap().expect("the gate is open");
        start.elapsed().as_nanos() as f64
    }
}

/// Runs one producer per sender, and the consumer, each on a thread of its own. Returns the nanoseconds per element.
pub fn together<E: Element, Q: Queue<E>>(
    request: &Request,
    senders: Vec<Q::Sender>,
    receiver: Q::Receiver,
) -> Result<f64, String> {
    if request.load > 0 {
        return side_by_side::<E, Q, true>(request, senders, receiver);
    }
    side_by_side::<E, Q, false>(request, senders, receiver)
}

fn side_by_side<E: Element, Q: Queue<E>, const AGED: bool>(
    request: &Request,
    senders: Vec<Q::Sender>,
    mut receiver: Q::Receiver,
) -> Result<f64, String> {
    let gate = Gate::new(senders.len() + 1);
    let ended = AtomicUsize::new(0);
    let producers = senders.len();
    // The consumer reads what is in the pools, so they live longer than all threads.
    let mut pools: Vec<E::Pool> = senders.iter().map(|_| E::pool()).collect();
    let (gate, ended) = (&gate, &ended);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for (who, (sender, pool)) in senders.into_iter().zip(&mut pools).enumerate() {
            threads.push(scope.spawn(move || {
                let pinned = gate.arrive(request.cpus[who % 2]);
                let all = elements(request, who, pool);
                if AGED {
                    Q::send_all(sender, when_due(request, who, all), request.shared());
                } else {
                    Q::send_all(sender, all, request.shared());
                }
                ended.fetch_add(1, SeqCst);
                pinned
            }));
        }
        let consumer = scope.spawn(move || {
            let mut check = Check::<AGED>::new(request);
            let pinned = gate.arrive(request.cpus[1]);
            Q::receive_all(&mut receiver, &mut check, request, || {
                ended.load(SeqCst) == producers
            });
            let took = gate.nanoseconds();
            pinned.map(|()| (took, check, receiver))
        });
        let consumed = consumer.join();
        for thread in threads {
            thread.join().expect("a producer panicked")?;
        }
        let (took, check, mut receiver) = consumed.expect("the consumer panicked")?;
        nothing_left::<E, Q>(&mut receiver)?;
        check.end(request)?;
        Ok(took / request.n as f64)
    })
}

/// Holds each element back until it is due.
fn when_due<'a, E: Element>(
    request: &'a Request,
    who: usize,
    all: impl Iterator<Item = E> + 'a,
) -> impl Iterator<Item = E> + 'a {
    let start = request.schedule.begin();
    let producers = request.producers as u64;
    all.zip(0u64..).map(move |(e, i)| {
        let turn = i * producers + who as u64;
        request.schedule.wait(start, turn, request.shared());
        e
    })
}

/// Lets one thread, on the second cpu, send a batch and receive it again. Returns the nanoseconds per element.
pub fn alone<E: Element, Q: Queue<E>>(
    request: &Request,
    sender: Q::Sender,
    receiver: Q::Receiver,
) -> Result<f64, String> {
    if request.load > 0 {
        return by_itself::<E, Q, true>(request, sender, receiver);
    }
    by_itself::<E, Q, false>(request, sender, receiver)
}

fn by_itself<E: Element, Q: Queue<E>, const AGED: bool>(
    request: &Request,
    sender: Q::Sender,
    mut receiver: Q::Receiver,
) -> Result<f64, String> {
    thread::scope(|scope| {
        let body = move || {
            let mut pool = E::pool();
            let mut check = Check::<AGED>::new(request);
            let mut all = elements::<E>(request, 0, &mut pool).zip(0u64..);
            let gate = Gate::new(1);
            gate.arrive(request.cpus[1])?;
            let start = if AGED { request.schedule.begin() } else { 0 };
            loop {
                let mut sent = 0;
                for (e, i) in all.by_ref().take(request.batch) {
                    if AGED {
                        request.schedule.wait(start, i, false);
                    }
                    if !Q::try_send(&sender, e) {
                        return Err(format!("the queue was full with {sent} elements"));
                    }
                    sent += 1;
                }
                for _ in 0..sent {
                    if let Some(e) = Q::try_receive(&mut receiver) {
                        check.see(e);
                    }
                }
                if sent == 0 {
                    break;
                }
            }
            let took = gate.nanoseconds();
            nothing_left::<E, Q>(&mut receiver)?;
            check.end(request)?;
            Ok(took / request.n as f64)
        };
        scope.spawn(body).join().expect("the thread panicked")
    })
}

fn nothing_left<E: Element, Q: Queue<E>>(receiver: &mut Q::Receiver) -> Result<(), String> {
    match Q::try_receive(receiver) {
        None => Ok(()),
        Some(_) => Err("data error: an element came after the end".into()),
    }
}
