//! What every queue in Rust is put through: producers that number their elements, a consumer that looks at each, and
//! the way in which either waits for the other. The rules are those of the Go package bench/internal/queue; the C
//! program beside this one has the same parts.

mod ages;
mod check;
mod element;
mod poll;
mod queue;
mod request;
mod threads;

pub use check::Check;
pub use element::{Element, Ref};
pub use poll::{Pace, Poll};
pub use queue::Queue;
pub use request::{serve, Request};
pub use threads::{alone, together};

/// What every queue holds.
pub const CAPACITY: usize = 4096;

/// How many elements the consumer takes at once, at least, where there are so many.
pub const DRAIN: usize = 64;

/// Calls the generic function with the type of element that the request asks for.
#[macro_export]
macro_rules! by_element {
    ($f:ident, $request:expr) => {
        match ($request.size, $request.pointers) {
            (8, false) => $f::<[u64; 1]>($request),
            (16, false) => $f::<[u64; 2]>($request),
            (64, false) => $f::<[u64; 8]>($request),
            (8, true) => $f::<$crate::Ref<1>>($request),
            (16, true) => $f::<$crate::Ref<2>>($request),
            (64, true) => $f::<$crate::Ref<8>>($request),
            (size, _) => Err(format!("elements of {size} bytes: 8, 16 or 64 are known")),
        }
    };
}
