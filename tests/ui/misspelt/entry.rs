
use handover::prelude::*;

#[on_message]
async fn greet() {}

fn routes() -> Routes {
    routes![greet, gret]
//~                ^^^^
}

fn main() {}
