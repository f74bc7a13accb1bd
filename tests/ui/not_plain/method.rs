use handover::prelude::*;

struct Shop;

impl Shop {
    #[handoff(to = "page_inbox")]
    async fn greet(self) {}
//~                ^^^^
}

fn main() {}
