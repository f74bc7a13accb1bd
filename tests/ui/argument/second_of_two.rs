use handover::prelude::*;

#[on_message]
async fn greet(text: Text, note: Metadata<String>) {
//~                              ^^^^^^^^^^^^^^^^
    drop((text, note));
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
