use handover::prelude::*;

#[on_postback(typing = true)]
async fn slowly() {}

#[on_postback(payload = "HI")]
async fn at_once() {}

fn routes() -> Routes {
    routes![slowly, at_once]
//~                 ^^^^^^^
}

fn main() {}
