use handover::prelude::*;

#[derive(BotState)]
#[handover(crte = handover)]
//~        ^^^^
struct Shop {
    name: String,
}

fn main() {
    drop(Shop { name: String::new() }.name);
}
