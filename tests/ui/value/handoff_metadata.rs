use handover::prelude::*;

struct Ticket;

#[on_message]
#[handoff(metadata = Ticket)]
//~                  ^^^^^^
async fn to_agent() {}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
