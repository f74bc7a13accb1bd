use handover::prelude::*;

struct Shop;

impl Shop {
    #[on_message]
    async fn greet(&self) {}
//~                ^^^^^
}

fn main() {}
