use handover::prelude::*;

#[on_message]
async fn all() {}

#[on_message(text = "hi")]
async fn greet() {}

#[fallback]
async fn lost() {}

#[on_message(text = "hello")]
async fn hello() {}

#[fallback]
async fn sorry() {}

fn routes() -> Routes {
    routes![all, greet, lost, hello, sorry]
//~              ^^^^^        ^^^^^  ^^^^^
}

fn main() {}
