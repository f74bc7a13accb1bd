use handover::prelude::*;

#[on_message(text = "hi")]
async fn greet() {}

#[on_message(text = "HI ")]
async fn welcome() {}

fn routes() -> Routes {
    routes![greet, welcome]
//~                ^^^^^^^
}

fn main() {}
