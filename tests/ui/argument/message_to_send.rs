use handover::prelude::*;

#[on_message]
async fn echo(message: Message) {
//~                    ^^^^^^^
    drop(message);
}

fn main() { let _: handover::Routes = handover::routes![echo]; }
