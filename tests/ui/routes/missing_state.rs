use handover::prelude::*;

#[on_message]
async fn count(number: State<u32>) -> String {
    number.to_string()
}

fn routes() -> Routes {
    routes![count]
//~         ^^^^^
}

fn main() {}
