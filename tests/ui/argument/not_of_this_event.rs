use handover::prelude::*;

#[on_message]
async fn greet(note: Metadata<String>) {
    drop(note);
}

fn main() {}
