use handover::prelude::*;

#[on_message]
async fn count<T: Into<u64>>(number: State<T>) {
//~            ^^^^^^^^^^^^
    drop(number);
}

fn main() { let _: handover::Routes = handover::routes![count]; }
