use handover::prelude::*;

#[on_message]
async fn count() -> (String, u32) {
//~                 ^^^^^^^^^^^^^
    (String::new(), 3)
}

fn main() { let _: handover::Routes = handover::routes![count]; }
