use handover::prelude::*;

#[on_message(pace = "burst")]
async fn together() {}

#[on_message(text = "hi")]
async fn one_by_one() {}

fn routes() -> Routes {
    routes![together, one_by_one]
//~                   ^^^^^^^^^^
}

fn main() {}
