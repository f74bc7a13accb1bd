use handover::prelude::*;

#[derive(BotState)]
struct Shop {
    name: String,
}

#[on_message]
async fn count(number: State<u32>) -> String {
    number.to_string()
}

fn routes() -> Routes<Shop> {
    routes![count]
//~         ^^^^^
}

fn main() {}
