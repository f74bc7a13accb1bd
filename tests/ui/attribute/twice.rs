use handover::prelude::*;

#[on_message]
#[on_message]
async fn greet() {}

fn routes() -> Routes {
    routes![greet]
//~         ^^^^^
}

fn main() { drop(routes()) }
