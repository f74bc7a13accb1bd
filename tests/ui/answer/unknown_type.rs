use handover::prelude::*;

#[on_message]
async fn count() -> Strng {
//~                 ^^^^^
    unimplemented!()
}

fn main() { let _: handover::Routes = handover::routes![count]; }
