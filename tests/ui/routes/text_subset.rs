use handover::prelude::*;

#[on_message(text = ["hi", "hello"])]
async fn greet() {}

#[on_message(text = "hello")]
async fn hello() {}

fn routes() -> Routes {
    routes![greet, hello]
//~                ^^^^^
}

fn main() {}
