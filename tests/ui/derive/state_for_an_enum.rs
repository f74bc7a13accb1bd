use handover::prelude::*;

#[derive(BotState)]
pub enum Shop {
//~ ^^^^
    Open,
    Closed,
}

fn main() {}
