use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use handover_protocol::EventBody;

use super::{Argument, ArgumentSource, Context, PayloadShape, Rejection, Requirement};
use crate::extract::Groups;

/// The payload of the tapped button or quick reply, read as `T`.
///
/// For a route with a pattern such as `payload = "ORDER:{id}"`, `T` reads what the pattern captured: one
/// value, a tuple in the order of the captures, or a struct with fields of their names that derives
/// [`FromPayload`]. A pattern that does not fit the type is a compile error.
///
/// ```
/// use handover_runtime::extract::Payload;
///
/// async fn pay(amount: Payload<u32>) -> String {
///     format!("You owe {} cents", *amount)
/// }
/// # let _ = pay(Payload(250));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payload<T = String>(pub T);

impl<T> Deref for Payload<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for Payload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A type that can be read from a payload: numbers, `bool`, `char`, `String`, tuples of them, and structs
/// that derive it.
#[diagnostic::on_unimplemented(
    message = "a payload cannot be read as `{Self}`",
    label = "not a `FromPayload` type",
    note = "use a number, a `String`, a tuple of them, or derive `FromPayload` for a struct with named fields",
    note = "for an enum or another type that has `FromStr`, write `impl FromPayload for {Self}` with `SHAPE = PayloadShape::One` and `captures.only()`"
)]
pub trait FromPayload: Sized {
    /// Number and names of its captures.
    const SHAPE: PayloadShape;

    /// Whether some payloads cannot be read as this type.
    const PARSES: bool = true;

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// Returns what does not parse; the next route is tried then.
    fn from_payload(captures: &PayloadCaptures<'_>) -> Result<Self, String>;
}

/// A payload, and what a pattern captured in it.
#[derive(Clone, Copy, Debug)]
pub struct PayloadCaptures<'a> {
    whole: &'a str,
    groups: &'a Groups,
}

impl<'a> PayloadCaptures<'a> {
    /// Reads the only capture, or without a pattern the whole payload.
    ///
    /// # Errors
    ///
    /// If it does not parse.
    pub fn only<T: FromStr<Err: fmt::Display>>(&self) -> Result<T, String> {
        match self.groups.first() {
            None => parse(self.whole),
            Some((_, value)) => parse(value.as_deref().unwrap_or_default()),
        }
    }

    /// Reads the capture with this number, counted from 0.
    ///
    /// # Errors
    ///
    /// If it does not exist or does not parse.
    pub fn at<T: FromStr<Err: fmt::Display>>(&self, number: usize) -> Result<T, String> {
        parse(self.value(self.groups.get(number), number)?)
    }

    /// Reads the capture with this name.
    ///
    /// # Errors
    ///
    /// If it does not exist or does not parse.
    pub fn named<T: PayloadValue>(&self, name: &str) -> Result<T, String> {
        let named = |(known, _): &&(Option<String>, _)| known.as_deref() == Some(name);
        parse(self.value(self.groups.iter().find(named), name)?)
    }

    fn value(
        &self,
        group: Option<&'a (Option<String>, Option<String>)>,
        which: impl fmt::Display,
    ) -> Result<&'a str, String> {
        let value = group.and_then(|(_, value)| value.as_deref());
        value.ok_or_else(|| format!("`{}` has no capture {which}", self.whole))
    }
}

fn parse<T: PayloadValue>(text: &str) -> Result<T, String> {
    T::parse(text).map_err(|error| format!("`{text}` does not parse: {error}"))
}

/// A type that can be read from one capture of a payload: one that implements `FromStr`.
#[diagnostic::on_unimplemented(
    message = "a capture of a payload cannot be read as `{Self}`",
    label = "has no `FromStr`",
    note = "a field is a number, an owned `String` or another type that has `FromStr`; every capture is there, so it is no `Option`"
)]
pub trait PayloadValue: Sized {
    #[doc(hidden)]
    fn parse(text: &str) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr<Err: fmt::Display>> PayloadValue for T {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: T::Err| error.to_string())
    }
}

macro_rules! values {
    ($($value:ty)*) => {$(
        impl FromPayload for $value {
            const SHAPE: PayloadShape = PayloadShape::One;

            fn from_payload(captures: &PayloadCaptures<'_>) -> Result<Self, String> {
                captures.only()
            }
        }
    )*};
}

values!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char);

impl FromPayload for String {
    const SHAPE: PayloadShape = PayloadShape::One;
    const PARSES: bool = false;

    fn from_payload(captures: &PayloadCaptures<'_>) -> Result<Self, String> {
        captures.only()
    }
}

macro_rules! tuples {
    ($($count:literal: $($value:ident $number:literal)+;)*) => {$(
        impl<$($value: FromStr<Err: fmt::Display>),+> FromPayload for ($($value,)+) {
            const SHAPE: PayloadShape = PayloadShape::Several($count);

            fn from_payload(captures: &PayloadCaptures<'_>) -> Result<Self, String> {
                Ok(($(captures.at::<$value>($number)?,)+))
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0 B 1;
    3: A 0 B 1 C 2;
    4: A 0 B 1 C 2 D 3;
    5: A 0 B 1 C 2 D 3 E 4;
    6: A 0 B 1 C 2 D 3 E 4 F 5;
}

/// Payload of a postback or opt-in, or of the quick reply that a message answers.
pub(crate) fn payload_of(body: &EventBody) -> Option<&str> {
    match body {
        EventBody::Postback(postback) => postback.payload.as_deref(),
        EventBody::Optin(optin) => optin.payload.as_deref(),
        EventBody::Message(message) => message.quick_reply.as_ref()?.payload.as_deref(),
        _ => None,
    }
}

available_in!(
    [OnPostback, OnMessage, OnOptin, OnStandby, OnFallback] impl [T: FromPayload] Payload<T>,
    Argument::from(ArgumentSource::Payload(T::SHAPE), if T::PARSES { Requirement::Unpredictable } else { Requirement::Payload }), read
);

fn read<T: FromPayload>(context: &Context) -> Result<Payload<T>, Rejection> {
    let whole = payload_of(&context.received().event.body)
        .ok_or_else(|| Rejection::new("Payload", "the event has no payload"))?;
    let groups = context.groups();
    let read = T::from_payload(&PayloadCaptures {
        whole,
        groups: &groups,
    });
    read.map(Payload)
        .map_err(|reason| Rejection::new("Payload", reason))
}
