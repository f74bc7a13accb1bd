use handover::prelude::*;

struct Visit;

#[on_message]
async fn greet(visit: Session<Visit>) {
//~                   ^^^^^^^^^^^^^^
    drop(visit);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
