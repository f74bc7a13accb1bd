use handover::prelude::*;

#[on_message]
async fn all() {}

#[on_message(text = "hi")]
async fn greet() {}

fn routes() -> Routes {
    routes![all, greet]
//~              ^^^^^
}

fn main() {}
