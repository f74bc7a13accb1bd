use handover::prelude::*;

#[on_postback(payload = "ORDER:{id}")]
async fn order(id: Payload) {
    drop(id);
}

#[on_postback(payload = "ORDER:42")]
async fn answer() {}

fn routes() -> Routes {
    routes![order, answer]
//~                ^^^^^^
}

fn main() {}
