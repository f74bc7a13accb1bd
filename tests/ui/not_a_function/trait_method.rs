use handover::prelude::*;

trait Greet {
    #[on_message]
    async fn greet();
//~ ^^^^^
}

fn main() {}
