use handover::prelude::*;

#[on_message]
async fn greet() {}

fn routes() -> Routes {
    routes![greet, greet]
//~                ^^^^^
}

fn main() {}
