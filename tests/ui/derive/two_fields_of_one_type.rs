use handover::prelude::*;

#[derive(BotState)]
struct Shop {
    name: String,
    street: String,
//~         ^^^^^^
}

fn main() {}
