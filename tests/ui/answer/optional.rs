use handover::prelude::*;

#[on_message]
async fn count() -> Option<u32> {
//~                 ^^^^^^^^^^^
    None
}

fn main() { let _: handover::Routes = handover::routes![count]; }
