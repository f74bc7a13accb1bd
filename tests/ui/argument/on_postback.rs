use handover::prelude::*;

#[on_postback]
async fn handler(argument: Text) {
//~                        ^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
