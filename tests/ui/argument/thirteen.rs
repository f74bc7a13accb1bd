use handover::prelude::*;

#[on_message]
async fn greet(
    _1: Sender,
    _2: Sender,
    _3: Sender,
    _4: Sender,
    _5: Sender,
    _6: Sender,
    _7: Sender,
    _8: Sender,
    _9: Sender,
    _10: Sender,
    _11: Sender,
    _12: Sender,
    _13: Sender,
//~ ^^^^^^^^^^^
) {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
