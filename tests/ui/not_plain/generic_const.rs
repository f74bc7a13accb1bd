use handover::prelude::*;

#[on_message]
async fn greet<const N: usize>(text: Text) {
//~            ^^^^^^^^^^^^^^
    drop(text);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
