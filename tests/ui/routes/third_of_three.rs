use handover::prelude::*;

#[on_message]
async fn all() {}

#[on_postback]
async fn tapped() {}

#[on_message]
async fn text(text: Text) {
    drop(text);
}

fn routes() -> Routes {
    routes![all, tapped, text]
//~                      ^^^^
}

fn main() {}
