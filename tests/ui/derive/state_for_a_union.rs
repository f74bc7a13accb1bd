use handover::prelude::*;

#[derive(BotState)]
pub union Shop {
//~ ^^^^^
    id: u32,
}

fn main() {}
