use handover::prelude::*;

#[on_message]
async fn greet() {}

#[on_postback]
async fn tapped() {}

fn routes() -> Routes {
    routes![greet tapped]
//~               ^^^^^^
}

fn main() {}
