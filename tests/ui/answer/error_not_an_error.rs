use handover::prelude::*;

#[on_message]
async fn count() -> Result<String, u32> {
//~                 ^^^^^^^^^^^^^^^^^^^
    Err(3)
}

fn main() { let _: handover::Routes = handover::routes![count]; }
