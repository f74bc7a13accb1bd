use handover::prelude::*;

#[fallback]
async fn handler(argument: Captures) {
//~                        ^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
