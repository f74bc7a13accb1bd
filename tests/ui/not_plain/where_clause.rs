use handover::prelude::*;

#[on_message]
async fn greet(text: Text)
    where Text: Clone
//~ ^^^^^^^^^^^^^^^^^
{
    drop(text);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
