use handover::prelude::*;

#[on_read]
async fn handler(argument: Text) {
//~                        ^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
